"""What happens to a stage in a chaos run. A fault is caused, lasts a while, and is healed as a supervisor would."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from schema.jobs.service import LEASE
from tests.chaos.mail import Mood
from tests.chaos.stage import Stage
from tests.support.waiting import until

Act = Callable[[Stage, Random], None]

PAST_THE_LEASE = LEASE.total_seconds() + 3
_PATIENCE = 60


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    `may_double`: it may stop a worker between the mail server's yes and the note of it, so that a letter goes twice.
    """

    name: str
    act: Act
    may_double: bool = False


def _kill_api(stage: Stage, _: Random) -> None:
    stage.api.kill()
    stage.api.start()


def _kill_api_process(stage: Stage, dice: Random) -> None:
    stage.api.kill_child(dice)


def _end_api(stage: Stage, _: Random) -> None:
    stage.api.terminate()
    stage.api.start()


def _kill_worker(stage: Stage, dice: Random) -> None:
    worker = dice.choice(stage.workers)
    worker.kill()
    worker.start()


def _kill_worker_process(stage: Stage, dice: Random) -> None:
    dice.choice(stage.workers).kill_child(dice)


def _kill_worker_parent(stage: Stage, dice: Random) -> None:
    worker = dice.choice(stage.workers)
    worker.kill_parent()
    worker.start()


def _end_worker(stage: Stage, dice: Random) -> None:
    worker = dice.choice(stage.workers)
    worker.terminate()
    worker.start()


def _freeze_worker(stage: Stage, dice: Random) -> None:
    worker = dice.choice(stage.workers)
    worker.signal_all(signal.SIGSTOP)
    time.sleep(PAST_THE_LEASE)
    worker.signal_all(signal.SIGCONT)


def _kill_redis(stage: Stage, dice: Random) -> None:
    stage.kill_redis()
    time.sleep(dice.uniform(1, 4))
    stage.start_redis()


def _freeze_redis(stage: Stage, dice: Random) -> None:
    stage.redis.process.send_signal(signal.SIGSTOP)
    time.sleep(dice.uniform(2, 6))
    stage.redis.process.send_signal(signal.SIGCONT)


def _empty_redis(stage: Stage, _: Random) -> None:
    stage.flush_redis()


def _kill_mongodb(stage: Stage, _: Random) -> None:
    stage.kill_mongodb()
    stage.start_mongodb()


def _kill_mongodb_past_the_lease(stage: Stage, dice: Random) -> None:
    """Letters are accepted while nobody can note so, and their leases have ended when somebody can."""
    stage.mail.be(Mood.HANGS)
    until(lambda: stage.mail.hanging, "A letter", _PATIENCE)
    time.sleep(1)  # more will have come by then, but for those of a worker that has paused the server
    stage.kill_mongodb()
    time.sleep(LEASE.total_seconds())  # less than a letter may take
    stage.mail.be(Mood.ACCEPTS)
    time.sleep(dice.uniform(3, 10))
    stage.start_mongodb()


def _step_down(stage: Stage, _: Random) -> None:
    stage.step_down()


def _stop_mail(stage: Stage, dice: Random) -> None:
    stage.mail.stop()
    time.sleep(dice.uniform(2, 6))
    stage.mail.start()


def _refuse_mail(stage: Stage, dice: Random) -> None:
    _for_a_while(stage, Mood.REFUSES, dice.uniform(1, 4))


def _hang_mail(stage: Stage, dice: Random) -> None:
    _for_a_while(stage, Mood.HANGS, dice.uniform(2, 6))


def _hang_mail_for_long(stage: Stage, dice: Random) -> None:
    """Restarted at the end: a yes that crosses with the giving up of who waits for it would be a letter sent twice."""
    stage.mail.be(Mood.HANGS)
    time.sleep(stage.settings.smtp_timeout + dice.uniform(1, 3))
    stage.mail.stop()
    stage.mail.be(Mood.ACCEPTS)
    stage.mail.start()


def _for_a_while(stage: Stage, mood: Mood, seconds: float) -> None:
    stage.mail.be(mood)
    time.sleep(seconds)
    stage.mail.be(Mood.ACCEPTS)


FAULTS = (
    Fault("api killed", _kill_api),
    Fault("api process killed", _kill_api_process),
    Fault("api told to end", _end_api),
    Fault("worker killed", _kill_worker, may_double=True),
    Fault("worker process killed", _kill_worker_process, may_double=True),
    Fault("worker parent killed alone", _kill_worker_parent, may_double=True),
    Fault("worker told to end", _end_worker),
    Fault("worker frozen past its lease", _freeze_worker, may_double=True),
    Fault("redis killed", _kill_redis),
    Fault("redis frozen", _freeze_redis),
    Fault("redis emptied", _empty_redis),
    Fault("mongodb killed", _kill_mongodb),
    Fault("mongodb away past the lease", _kill_mongodb_past_the_lease),
    Fault("mongodb stepped down", _step_down),
    Fault("mail server stopped", _stop_mail),
    Fault("mail server answers 451", _refuse_mail),
    Fault("mail server hangs", _hang_mail),
)
LONG_FAULTS = (Fault("mail server hangs past the timeout", _hang_mail_for_long),)
