"""The runs that must fail: a worker without its sweep leaves letters unsent, one without its fence finishes twice."""

import signal
import time
from pathlib import Path
from random import Random

from tests.chaos import oracle
from tests.chaos.faults import PAST_THE_LEASE
from tests.chaos.mail import Mood
from tests.chaos.stage import Stage, staged
from tests.chaos.traffic import traffic
from tests.support.waiting import until

SABOTAGE = "tests.chaos.sabotage"
_RINGING = 3
_PATIENCE = 60
_LETTERS = 12
"""So many that one of two workers cannot have them all, short of a miracle: they take turns at the doorbell."""


def without_sweep(folder: Path, dice: Random) -> int:
    """How many letters are missing where nobody sweeps, though Redis has died and come back meanwhile."""
    with staged(folder, SABOTAGE, ("without_sweep",)) as stage:
        with traffic(stage, dice):
            stage.kill_redis()
            time.sleep(_RINGING)
            stage.start_redis()
        until(lambda: oracle.count(folder).promises, "An answered mutation", _PATIENCE)
        time.sleep(_RINGING)
        return len(oracle.count(folder).missing)


def without_fence(folder: Path, dice: Random) -> int:
    """How many jobs are finished twice where a worker that slept past its lease is believed when it wakes."""
    with staged(folder, SABOTAGE, ("without_fence",)) as stage:
        stage.mail.be(Mood.HANGS)
        with traffic(stage, dice):
            until(lambda: stage.mail.hanging >= _LETTERS, "Letters of both workers", _PATIENCE)
        _oversleep(stage)
        time.sleep(_RINGING)
        return oracle.doubled_finishes(folder)


def _oversleep(stage: Stage) -> None:
    """Freeze a worker that waits for the mail server's yes, until the other has done all it had."""
    first = stage.workers[0]
    first.signal_all(signal.SIGSTOP)
    stage.mail.be(Mood.ACCEPTS)
    time.sleep(PAST_THE_LEASE)
    first.signal_all(signal.SIGCONT)
