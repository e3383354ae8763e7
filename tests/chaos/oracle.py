"""What was asked, promised and delivered, by three files that no fault reaches: neither MongoDB nor Redis is asked."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from tests.chaos.logs import told

Seconds = float

ORDER = "orderPlace"


@dataclass(frozen=True)
class Request:
    """What a customer asked for, again and again by the same key until it was answered; `at` is the first time."""

    at: Seconds
    key: str
    mutation: str
    recipient: str


@dataclass(frozen=True)
class Answer:
    """An acknowledgement: this job owes the letter."""

    at: Seconds
    request: Request
    job_id: str


@dataclass(frozen=True)
class Letter:
    """A letter the mail server accepted."""

    at: Seconds
    message_id: str
    recipient: str


@dataclass(frozen=True)
class Count:
    """The books of a run: requests by their keys, answers as they came, and all copies of each job's letter."""

    requests: dict[str, Request]
    answers: list[Answer]
    letters: dict[str, list[Letter]]

    @cached_property
    def promises(self) -> dict[str, Answer]:
        """The first answer that promised each job's letter."""
        return {answer.job_id: answer for answer in reversed(self.answers)}

    @property
    def missing(self) -> list[Answer]:
        """What was promised and has not come."""
        return [promise for job_id, promise in self.promises.items() if job_id not in self.letters]

    @property
    def astray(self) -> list[Letter]:
        """What went to somebody else than it was promised to."""
        return [
            letter
            for job_id, promise in self.promises.items()
            for letter in self.letters.get(job_id, [])
            if letter.recipient != promise.request.recipient
        ]

    @property
    def done_twice(self) -> list[str]:
        """Keys that were answered by more than one job."""
        jobs = Counter(key for key, _ in {(answer.request.key, answer.job_id) for answer in self.answers})
        return [key for key, times in jobs.items() if times > 1]

    @property
    def unanswered(self) -> list[Request]:
        """What was asked and never answered: it may have been done, or not."""
        answered = {answer.request.key for answer in self.answers}
        return [request for key, request in self.requests.items() if key not in answered]

    @property
    def unpromised(self) -> list[Letter]:
        """The first copy of each letter that no answer told of."""
        return [letters[0] for job_id, letters in self.letters.items() if job_id not in self.promises]

    @property
    def unasked(self) -> int:
        """How many letters are more than one for each key that was never answered."""
        came = Counter(letter.recipient for letter in self.unpromised)
        return (came - Counter(request.recipient for request in self.unanswered)).total()

    @property
    def doubles(self) -> list[tuple[Letter, Letter]]:
        """Each further copy of a letter, which has the same Message-ID, after the copy before it."""
        return [double for copies in self.letters.values() for double in pairwise(copies)]

    @property
    def silence(self) -> Seconds:
        """The longest time in which nothing was acknowledged."""
        times = sorted(answer.at for answer in self.answers)
        return max((after - before for before, after in pairwise(times)), default=0)

    @property
    def slowest_answer(self) -> Seconds:
        """The longest time a customer had to ask."""
        return max((promise.at - promise.request.at for promise in self.promises.values()), default=0)

    @property
    def slowest_letter(self) -> Seconds:
        """The longest time from an answer to its letter."""
        waits = (
            self.letters[job_id][0].at - promise.at
            for job_id, promise in self.promises.items()
            if job_id in self.letters
        )
        return max(waits, default=0)

    def recovery(self, healed: Seconds) -> Seconds:
        """How long after this an order was acknowledged that had been asked after it; for ever, if none was."""
        orders = (answer for answer in self.answers if answer.request.mutation == ORDER)
        return min((order.at - healed for order in orders if order.request.at > healed), default=math.inf)


def count(folder: Path) -> Count:
    """The books so far."""
    acknowledged = _lines(folder / "acknowledged")  # first: what they answer is in the other book by then
    requests = {key: Request(float(at), key, name, to) for at, key, name, to in _lines(folder / "asked")}
    answers = [Answer(float(at), requests[key], job_id) for at, key, job_id in acknowledged]
    letters: dict[str, list[Letter]] = defaultdict(list)
    for at, message_id, recipient in _lines(folder / "accepted"):
        letters[_job_id(message_id)].append(Letter(float(at), message_id, recipient))
    return Count(requests, answers, dict(letters))


def doubled_finishes(folder: Path) -> int:
    """How many jobs were finished more than once, by what the workers logged."""
    finished = Counter(line["job"] for worker in folder.glob("worker-*") for line in told(worker, "job succeeded"))
    return sum(times > 1 for times in finished.values())


def _lines(path: Path) -> list[list[str]]:
    """Every line that was written to its end."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n")[:-1]] if path.exists() else []


def _job_id(message_id: str) -> str:
    return message_id.removeprefix("<").partition("@")[0]
