"""The people of the demo shop, with names of many languages; they share one password."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from random import Random
from typing import Any

import argon2
from odmantic import ObjectId
from slugify import slugify

from schema.access import Role
from schema.engine import Document
from schema.passwords import NOBODYS
from schema.users.model import User
from tests.support.seed.plan import FIRST, Plan, between, moment

ADMIN = "admin@example.com"
CUSTOMER = "customer@example.com"
PASSWORD = "postberry"
"""Everybody's: known to all who can read, so these people may live in development only."""

_KNOWN = ((ADMIN, "Grace Adébáyọ̀", Role.ADMIN), (CUSTOMER, "Noor de Vries", Role.USER))
_DEACTIVATED, _UNVERIFIED = 0.03, 0.05


def documents(plan: Plan) -> list[Document]:
    """The accounts as they are kept: an administrator and a customer whose addresses are known, and all others."""
    password_hash = _hash(plan)
    others = _others(plan, plan.users - len(_KNOWN))
    people = [*_KNOWN, *((address, name, Role.USER) for address, name in others)]
    return [_document(plan, number, person, password_hash) for number, person in enumerate(people)]


def identify(plan: Plan, number: int) -> ObjectId:
    """The id of the person of this number: 0 is the administrator, 1 the customer."""
    return plan.identify("user", number, _joined_at(plan, number))


def _joined_at(plan: Plan, number: int) -> datetime:
    return FIRST if number < len(_KNOWN) else moment(number / plan.users)


def _document(plan: Plan, number: int, person: tuple[str, str, Role], password_hash: str) -> Document:
    (address, name, role), dice, created_at = person, plan.dice("user", number), _joined_at(plan, number)
    is_known = number < len(_KNOWN)
    user = User(
        id=identify(plan, number),
        email=address,
        email_key=address,
        name=name,
        password_hash=password_hash,
        role=role,
        created_at=created_at,
        verified_at=between(dice, created_at) if is_known or dice.random() > _UNVERIFIED else None,
        deactivated_at=between(dice, created_at) if not is_known and dice.random() < _DEACTIVATED else None,
        last_signed_in_at=between(dice, created_at),
    )
    return user.model_dump_doc()


def _others(plan: Plan, count: int) -> Iterator[tuple[str, str]]:
    """Addresses and names; a second Olivia Hughes has the address olivia.hughes2."""
    languages = tomllib.loads(files(__package__).joinpath("people.toml").read_text(encoding="utf-8"))["languages"]
    taken: Counter[str] = Counter()
    for number in range(count):
        name = _name(plan.dice("name", number), languages)
        local = slugify(name, separator=".")
        taken[local] += 1
        yield f"{local}{taken[local] if taken[local] > 1 else ''}@example.com", name


def _name(dice: Random, languages: list[dict[str, Any]]) -> str:
    language = dice.choice(languages)
    parts = [dice.choice(language["given"]), dice.choice(language["family"])]
    return str(language.get("joint", " ")).join(reversed(parts) if language.get("family_first") else parts)


def _hash(plan: Plan) -> str:
    """The password's hash with the product's own parameters, and a salt that is the same each time."""
    hasher = argon2.PasswordHasher.from_parameters(argon2.extract_parameters(NOBODYS))
    return hasher.hash(PASSWORD, salt=hashlib.sha256(f"{plan.seed} salt".encode()).digest()[:16])
