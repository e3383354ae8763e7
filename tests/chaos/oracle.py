"""What was promised and what arrived, by two files that no fault reaches: neither MongoDB nor Redis is asked."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import orjson

Seconds = float


@dataclass(frozen=True)
class Letter:
    """A letter the mail server accepted."""

    at: Seconds
    message_id: str
    recipient: str


@dataclass(frozen=True)
class Promise:
    """A letter that an answered mutation owes."""

    at: Seconds
    job_id: str
    recipient: str


@dataclass(frozen=True)
class Count:
    """The books of a run."""

    promises: dict[str, Promise]
    letters: dict[str, list[Letter]]

    @property
    def missing(self) -> list[Promise]:
        """What was promised and has not come."""
        return [promise for job_id, promise in self.promises.items() if job_id not in self.letters]

    @property
    def astray(self) -> list[Letter]:
        """What went to somebody else than it was promised to."""
        return [
            letter
            for job_id, promise in self.promises.items()
            for letter in self.letters.get(job_id, [])
            if letter.recipient != promise.recipient
        ]

    @property
    def doubles(self) -> list[tuple[Letter, Letter]]:
        """The first of a letter and its repeat, which has the same Message-ID."""
        return [(letters[0], again) for letters in self.letters.values() for again in letters[1:]]

    @property
    def slowest(self) -> Seconds:
        """The longest time from an answer to its letter."""
        waits = (
            self.letters[job_id][0].at - promise.at
            for job_id, promise in self.promises.items()
            if job_id in self.letters
        )
        return max(waits, default=0)


def count(folder: Path) -> Count:
    """The books so far."""
    promises = {
        job_id: Promise(float(at), job_id, recipient) for at, job_id, recipient in _lines(folder / "acknowledged")
    }
    letters: dict[str, list[Letter]] = defaultdict(list)
    for at, message_id, recipient in _lines(folder / "accepted"):
        letters[_job_id(message_id)].append(Letter(float(at), message_id, recipient))
    return Count(promises, dict(letters))


def doubled_finishes(folder: Path) -> int:
    """How many jobs were finished more than once, by what the workers logged."""
    finished: Counter[str] = Counter()
    for log in folder.glob("worker-*/app.log*"):
        lines = map(orjson.loads, log.read_bytes().splitlines())
        finished.update(line["job"] for line in lines if line["event"] == "job succeeded")
    return sum(times > 1 for times in finished.values())


def _lines(path: Path) -> list[list[str]]:
    """Every line that was written to its end."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n")[:-1]] if path.exists() else []


def _job_id(message_id: str) -> str:
    return message_id.removeprefix("<").partition("@")[0]
