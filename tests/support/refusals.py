"""The mailbox of `make run`, which refuses some recipients, so that jobs can be seen to fail."""

from collections import Counter
from pathlib import Path

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, Envelope, Session

_TAKEN = "250 OK"
_NEVER, _NOT_YET = "550 5.1.1 Nobody here has this address", "451 4.3.0 Too busy, try again later"


class RefusingMailbox(Mailbox):
    """Refuses by the name before the @, with or without a +tag behind it.

    `refused` always, for good; `refused-once` the first time, for good; `busy` the first two times, for now.
    """

    def __init__(self, mail_dir: Path) -> None:
        super().__init__(mail_dir)
        self._asked: Counter[str] = Counter()

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer one recipient; aiosmtpd calls this."""
        reply = self._reply(address.lower())
        if reply == _TAKEN:
            envelope.rcpt_tos.append(address)
        return reply

    def _reply(self, address: str) -> str:
        """Who is taken in the end is refused as often again with the next letter."""
        replies = _replies(address)
        self._asked[address] += 1
        return replies[(self._asked[address] - 1) % len(replies)]


def _replies(address: str) -> tuple[str, ...]:
    """In their order."""
    match address.partition("@")[0].partition("+")[0]:
        case "refused":
            return (_NEVER,)
        case "refused-once":
            return (_NEVER, _TAKEN)
        case "busy":
            return (_NOT_YET, _NOT_YET, _TAKEN)
    return (_TAKEN,)
