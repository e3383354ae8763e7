"""`make chaos`: faults in an order thrown by SEED for SECONDS, while customers shop; then the books are compared.

First come the runs that must fail, for a harness that cannot fail proves nothing. Exit status 0: orders went through
again after each fault; nothing was lost, went astray or came unasked; no key got two jobs, and no job was finished
twice; each double has the Message-ID of the copy before it, and between the two a fault that stopped its worker.
"""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from pymongo import MongoClient

from schema.jobs.model import Job
from tests.chaos import controls, oracle
from tests.chaos.faults import FAULTS, LONG_FAULTS, Fault
from tests.chaos.report import RECOVERY, Injected, Run, lines
from tests.chaos.stage import Stage, staged
from tests.chaos.traffic import Traffic, traffic
from tests.support import progress, variables
from tests.support.waiting import until

_SECONDS = 1200
_LONG = 300
_PAUSE = 0.5
"""Seconds between two faults, on average."""
_PATIENCE = 240
"""How long letters may take after the last fault: an attempt that was refused thrice waits for half a minute."""


def main() -> int:
    """0 when the run with all safeguards kept every promise and those without did not."""
    seed = variables.whole(os.environ, "SEED", secrets.randbelow(10**6), least=0)
    seconds = variables.number(os.environ, "SECONDS", _SECONDS)
    folder = Path("var/chaos") / f"{time.strftime('%Y%m%d-%H%M%S')}-{seed}"
    _say(f"SEED={seed} SECONDS={seconds:g}, journals and logs in {folder}")
    failed = _controls_fail(folder, seed)
    run = _run(folder / "run", Random(seed), seconds)
    _say("\n".join(lines(run)))
    return int(not (failed and run.is_right))


def _controls_fail(folder: Path, seed: int) -> bool:
    stuck = controls.without_sweep(folder / "without-sweep", Random(seed))
    _say(f"without the sweep, letters that never came: {stuck:,}")
    doubled = controls.without_fence(folder / "without-fence", Random(seed))
    _say(f"without the fence, jobs finished twice: {doubled:,}")
    return bool(stuck and doubled)


def _run(folder: Path, dice: Random, seconds: float) -> Run:
    with staged(folder) as stage:
        with traffic(stage, _own(dice)) as shopping:
            injected = list(_inject(stage, shopping, dice, seconds))
        began = time.monotonic()
        _settle(stage)
        settled = time.monotonic() - began
    return Run(oracle.count(folder), injected, oracle.doubled_finishes(folder), shopping.repeats, settled)


def _inject(stage: Stage, shopping: Traffic, dice: Random, seconds: float) -> Iterator[Injected]:
    """Every fault once, and again in another order as long as there is time; each when orders go through again."""
    began, deck = time.monotonic(), [*FAULTS, *(LONG_FAULTS if seconds >= _LONG else ())]
    with progress.shown(progress.silently) as steps, steps("seconds") as step:
        while True:
            for fault in dice.sample(deck, len(deck)):
                step.at(round(time.monotonic() - began), round(seconds), fault.name)
                time.sleep(dice.uniform(0, 2 * _PAUSE))
                yield _cause(fault, stage, shopping, _own(dice))
            if time.monotonic() > began + seconds:
                return


def _cause(fault: Fault, stage: Stage, shopping: Traffic, dice: Random) -> Injected:
    began = time.time()
    fault.act(stage, dice)
    ended = time.time()
    _wait(lambda: shopping.last_order > ended, f"An order after {fault.name}", RECOVERY)
    _say(f"  {fault.name}: {ended - began:.1f} s, and {time.time() - ended:.1f} s until an order")
    return Injected(fault, began, ended)


def _own(dice: Random) -> Random:
    """Dice for one who throws as often as time allows: what the others throw must not depend on it."""
    return Random(dice.random())


def _settle(stage: Stage) -> None:
    """Wait for the last letter, and until no job is left of which a second could come."""
    with MongoClient[dict[str, Any]](stage.mongodb.url) as mongodb:
        jobs, unfinished = mongodb.get_default_database()[Job.__collection__], {"due": {"$exists": True}}
        _wait(lambda: not oracle.count(stage.folder).missing, "The last letter", _PATIENCE)
        _wait(lambda: jobs.find_one(unfinished) is None, "The end of the last job", _PATIENCE)


def _wait(condition: Callable[[], object], what: str, seconds: float) -> None:
    """`until`, but it is the books that judge."""
    try:
        until(condition, what, seconds)
    except TimeoutError as error:
        _say(str(error))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
