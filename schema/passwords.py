"""Password hashing: argon2id, in threads of its own, so that the event loop goes on."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import argon2
from pydantic import SecretStr


class PasswordHasher:
    """Argon2id with the parameters OWASP names: 19 MiB, 2 passes, 1 lane; as many at once as there are cores."""

    def __init__(self) -> None:
        self._argon2 = argon2.PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="argon2")

    async def hash(self, password: SecretStr) -> str:
        """The hash to store, parameters and salt included."""
        secret = password.get_secret_value()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._argon2.hash, secret)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
