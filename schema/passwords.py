"""Password hashing: argon2id, in threads of its own, so that the event loop goes on."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import argon2
from pydantic import SecretStr

NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$mQLZFsKsTwCllEmYWTPsoA$3l2UQur5xBe7kgpgPjjCX/Rsj6UEA7Ttt3E9BFxF2VI"
"""What a password is compared with where there is no account: it takes as long as with one."""


class PasswordHasher:
    """Argon2id with the parameters OWASP names: 19 MiB, 2 passes, 1 lane; as many at once as there are cores."""

    def __init__(self) -> None:
        self._argon2 = argon2.PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="argon2")

    async def hash(self, password: SecretStr) -> str:
        """The hash to store, parameters and salt included."""
        secret = password.get_secret_value()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._argon2.hash, secret)

    async def verify(self, password_hash: str | None, password: SecretStr) -> bool:
        """Whether the password is the hash's; without a hash it takes as long, and is not."""
        check = partial(self._verify, password_hash or NOBODYS, password.get_secret_value())
        right = await asyncio.get_running_loop().run_in_executor(self._threads, check)
        return right and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except argon2.exceptions.VerifyMismatchError:
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
