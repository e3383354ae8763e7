"""`make fuzz`: the answers of plans and of graphql-core to DOCUMENTS documents for each schema, made as SEED says.

First come faults that must be found, for a comparison that finds none proves nothing. Exit status 0: they were, and no
two answers differ, and nothing was written into the shop.
"""

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import SecretStr

from settings import config
from settings.config import AppEnv, Settings
from tests.fuzz import stock
from tests.fuzz.exploring import SUBJECTS
from tests.fuzz.faults import FAULTS, search
from tests.fuzz.parts import parts
from tests.fuzz.tally import Tally
from tests.support import variables
from tests.support.processes import ServerError
from tests.support.servers import start_mongodb, start_redis

_DOCUMENTS = 20_000
_FOLDER = Path("var/fuzz")


def main() -> int:
    """0 when every fault was found, and nothing else."""
    documents = variables.whole(os.environ, "DOCUMENTS", _DOCUMENTS)
    seed = variables.whole(os.environ, "SEED", secrets.randbelow(10**6), least=0)
    _say(f"DOCUMENTS={documents} SEED={seed}")
    try:
        with _staged() as stage:
            found = [_is_found(stage, number) for number in range(len(FAULTS))]
            before = stock.digest(stage)
            same = [_are_the_same(name, stage, documents, seed) for name in SUBJECTS]
            unwritten = stock.digest(stage) == before
    except ServerError as error:
        sys.exit(str(error))
    _say(f"the shop is {'as it was' if unwritten else 'NOT AS IT WAS'}")
    return int(not (all(found) and all(same) and unwritten))


@contextmanager
def _staged() -> Iterator[Settings]:
    """Servers of its own, and the shop's stock; the log's lines are none of the output."""
    with ExitStack() as stack:
        folder = _FOLDER.resolve() / str(os.getpid())
        mongodb = stack.enter_context(start_mongodb(folder / "mongodb"))
        redis = stack.enter_context(start_redis(folder))
        settings = config.load().model_copy(
            update={
                "app_env": AppEnv.TEST,
                "jwt_secret": SecretStr(secrets.token_hex()),
                "db_url": mongodb.url,
                "redis_url": redis.url,
                "storage_url": f"file://{folder / 'storage'}",
                "log_dir": folder / "logs",
                "rate_limit_enabled": False,
            }
        )
        stock.add(settings)
        yield settings


def _is_found(stage: Settings, number: int) -> bool:
    fault, began = FAULTS[number], time.monotonic()
    after = search(fault, stage)
    outcome = "NOT FOUND" if after is None else f"found after {after:,} documents"
    _say(f"fault {number + 1}, {fault.name}: {outcome} ({time.monotonic() - began:.0f} s)")
    return after is not None


def _are_the_same(name: str, stage: Settings, documents: int, seed: int) -> bool:
    tally, began = Tally(), time.monotonic()
    for part in parts(name, stage, seed, lambda: len(tally.seen) >= documents or bool(tally.difference)):
        tally.add(part)
        _say(f"  {name}: {len(tally.seen):,} documents in {time.monotonic() - began:.0f} s")
    _say(f"{name}: {tally}{tally.difference or ''}")
    return tally.difference is None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
