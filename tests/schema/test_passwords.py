import asyncio
from collections.abc import Iterator

import argon2
import pytest
from pydantic import SecretStr

from schema.passwords import NOBODYS, PasswordHasher

pytestmark = pytest.mark.anyio


@pytest.fixture
def passwords() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher()
    yield hasher
    hasher.close()


async def test_a_password_is_hashed_with_argon2id_and_the_parameters_of_owasp(passwords: PasswordHasher) -> None:
    hashed = await passwords.hash(SecretStr("correct horse"))
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert argon2.PasswordHasher().verify(hashed, "correct horse")
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify(hashed, "correct horsf")


async def test_two_hashes_of_a_password_differ(passwords: PasswordHasher) -> None:
    secret = SecretStr("correct horse")
    assert await passwords.hash(secret) != await passwords.hash(secret)


async def test_the_loop_goes_on_while_passwords_are_hashed(passwords: PasswordHasher) -> None:
    hashing = asyncio.gather(*(passwords.hash(SecretStr("correct horse")) for _ in range(5)))
    ticks = 0
    while not hashing.done():
        await asyncio.sleep(0)
        ticks += 1
    assert len(await hashing) == 5
    assert ticks > 20  # hashed in the loop's own thread, they would take one tick each


async def test_any_password_that_is_taken_can_be_hashed(passwords: PasswordHasher) -> None:
    for text in ("🔑" * 128, " " * 8, "\t\r\n'\"\\<>&"):
        hashed = await passwords.hash(SecretStr(text))
        assert argon2.PasswordHasher().verify(hashed, text)


def test_nobodys_hash_takes_as_long_as_any_other() -> None:
    hasher = PasswordHasher()
    assert not hasher.is_outdated(NOBODYS)
    hasher.close()
