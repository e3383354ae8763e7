"""Tokens that prove a letter was read: issued when the letter is written, so that no plain token is ever stored."""

from collections.abc import Sequence

from odmantic import ObjectId

from schema.confirmations.model import LIFETIME, Confirmation, Purpose
from schema.database import Database, Transaction
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.secrets import digest, new_secret
from schema.times import utc_now


async def issue(database: Database, holders: Sequence[tuple[ObjectId, Purpose]]) -> list[str]:
    """A new token for each of these users and purposes; those sent before stay good until one is used."""
    tokens = [new_secret() for _ in holders]
    issued = [_confirmation(token, *holder) for token, holder in zip(tokens, holders, strict=True)]
    await database.collection(Confirmation).insert_many([each.model_dump_doc() for each in issued], ordered=False)
    return tokens


def _confirmation(token: str, user_id: ObjectId, purpose: Purpose) -> Confirmation:
    return Confirmation(id=digest(token), user_id=user_id, purpose=purpose, expires_at=utc_now() + LIFETIME[purpose])


async def redeem(transaction: Transaction, token: str, purpose: Purpose) -> ObjectId:
    """The user a token was sent to; it and its like are used up. InvalidInput: it is unknown, used or expired."""
    found = await transaction.find_one(
        Confirmation,
        Confirmation.id == digest(token),
        Confirmation.purpose == purpose,
        Confirmation.expires_at > utc_now(),
    )
    if found is None:
        message = "This link was used already or has expired. Ask for a new one."
        raise InvalidInput([Fault(("token",), message, UserErrorCode.INVALID_TOKEN)])
    await revoke(transaction, found.user_id, purpose)
    return found.user_id


async def revoke(transaction: Transaction, user_id: ObjectId, purpose: Purpose) -> None:
    """No token of this user is good for this purpose any more."""
    await transaction.remove(Confirmation, Confirmation.user_id == user_id, Confirmation.purpose == purpose)
