"""Opening an account, proving its address, and changing its password. Each changes and owes in one transaction."""

from functools import partial

from odmantic import ObjectId

from schema.access import Viewer
from schema.accounts.model import PasswordChange, PasswordReset, PasswordResetRequest, SignUp, Verification
from schema.confirmations import service as confirmations
from schema.confirmations.model import Purpose
from schema.context import Context
from schema.database import Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, RateLimited, UserErrorCode
from schema.jobs import service as jobs
from schema.jobs.messages import PasswordChangedEmail, PasswordResetEmail, SignUpEmail
from schema.times import utc_now
from schema.users.model import User

NOT_YOURS = Fault(("currentPassword",), "This is not your password.", UserErrorCode.INVALID_CREDENTIALS)


async def sign_up(context: Context, form: SignUp) -> Document:
    """Open an account and owe its welcome; a known address gets a letter instead, and the caller the same answer.

    Raises:
        RateLimited: the address has got enough letters for now, whether it is known or not.
    """
    letters = _letters_to(form.email)
    if seconds := await context.throttle.wait(letters):
        raise RateLimited(seconds)
    password_hash = await context.passwords.hash(form.password)
    job = await context.in_transaction(partial(_register, context, form, password_hash))
    await context.throttle.attempt(letters)
    return job


def _letters_to(email: str) -> str:
    """What counts the letters that anybody can have sent to an address."""
    return f"letters:{email.lower()}"


async def _register(context: Context, form: SignUp, password_hash: str, transaction: Transaction) -> Document:
    email_key = form.email.lower()
    owner = await transaction.find_one(User, User.email_key == email_key)
    if owner:
        letter = SignUpEmail(to=owner.email, name=owner.name, user_id=str(owner.id), already_registered=True)
        return await jobs.owe(context, transaction, letter, owner.id)
    user = User(email=form.email, email_key=email_key, name=form.name, password_hash=password_hash)
    await transaction.save(user)
    letter = SignUpEmail(to=user.email, name=user.name, user_id=str(user.id), already_registered=False)
    return await jobs.owe(context, transaction, letter, user.id)


async def verify_email(context: Context, form: Verification) -> None:
    """Note that the token's user reads letters at their address."""

    async def work(transaction: Transaction) -> None:
        user_id = await confirmations.redeem(transaction, form.token.get_secret_value(), Purpose.EMAIL_VERIFY)
        user = await _owner(transaction, user_id)
        user.verified_at = user.verified_at or utc_now()
        await transaction.save(user)

    await context.database.in_transaction(work)


async def request_password_reset(context: Context, form: PasswordResetRequest) -> None:
    """Owe a letter; the worker finds out whether anybody is there to get it, so that the answer cannot tell."""
    if await context.throttle.attempt(_letters_to(form.email)):
        return  # enough letters are on their way; the caller learns nothing of it

    async def work(transaction: Transaction) -> None:
        await jobs.owe(context, transaction, PasswordResetEmail(to=form.email))

    await context.in_transaction(work)


async def reset_password(context: Context, form: PasswordReset) -> Document:
    """Set a new password by the token of a letter, which proves the address too. Every session ends."""
    password_hash = await context.passwords.hash(form.password)

    async def work(transaction: Transaction) -> Document:
        user_id = await confirmations.redeem(transaction, form.token.get_secret_value(), Purpose.PASSWORD_RESET)
        user = await _owner(transaction, user_id)
        user.verified_at = user.verified_at or utc_now()
        return await _set_password(context, transaction, user, password_hash)

    return await context.in_transaction(work)


async def change_password(context: Context, viewer: Viewer, form: PasswordChange) -> Document:
    """Set a new password for who knows the one that is. Every session ends, this one too."""
    old_hash = await _verified_hash(context, viewer, form)
    password_hash = await context.passwords.hash(form.password)

    async def work(transaction: Transaction) -> Document:
        user = await _owner(transaction, viewer.id)
        if user.password_hash != old_hash:  # somebody was quicker
            raise InvalidInput([NOT_YOURS])
        return await _set_password(context, transaction, user, password_hash)

    return await context.in_transaction(work)


async def _verified_hash(context: Context, viewer: Viewer, form: PasswordChange) -> str:
    """The hash of the current password, which the form has right. Guesses are slowed down as at a sign-in."""
    user = await context.database.engine.find_one(User, User.id == viewer.id)
    if user is None:
        raise InvalidInput([NOT_YOURS])
    if seconds := await context.throttle.attempt(f"account:{user.email_key}"):
        raise RateLimited(seconds)
    if not await context.passwords.verify(user.password_hash, form.current_password):
        raise InvalidInput([NOT_YOURS])
    await context.throttle.succeeded(f"account:{user.email_key}")
    return user.password_hash


async def _set_password(context: Context, transaction: Transaction, user: User, password_hash: str) -> Document:
    user.password_hash = password_hash
    user.sessions_ended_at = utc_now()
    await transaction.save(user)
    await confirmations.revoke(transaction, user.id, Purpose.PASSWORD_RESET)
    return await jobs.owe(context, transaction, PasswordChangedEmail(to=user.email, name=user.name), user.id)


async def _owner(transaction: Transaction, user_id: ObjectId) -> User:
    user = await transaction.find_one(User, User.id == user_id)
    if user is None or user.deactivated_at:
        raise InvalidInput([Fault((), "This account is not open.", UserErrorCode.NOT_ALLOWED)])
    return user
