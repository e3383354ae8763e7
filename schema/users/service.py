"""What may be done with an account."""

from functools import partial

from schema.context import Context
from schema.database import Transaction
from schema.engine import Document
from schema.jobs import service as jobs
from schema.jobs.messages import SignUpEmail
from schema.users.model import SignUp, User


async def sign_up(context: Context, form: SignUp) -> Document:
    """Open an account and owe its welcome; a known address gets a letter instead, and the caller the same answer."""
    password_hash = await context.passwords.hash(form.password)
    return await context.database.in_transaction(partial(_register, context, form, password_hash))


async def _register(context: Context, form: SignUp, password_hash: str, transaction: Transaction) -> Document:
    email_key = form.email.lower()
    owner = await transaction.find_one(User, User.email_key == email_key)
    if owner:
        return await jobs.owe(
            context, transaction, SignUpEmail(to=owner.email, name=owner.name, already_registered=True)
        )
    await transaction.save(User(email=form.email, email_key=email_key, name=form.name, password_hash=password_hash))
    return await jobs.owe(context, transaction, SignUpEmail(to=form.email, name=form.name, already_registered=False))
