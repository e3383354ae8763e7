"""The letter of a job: rendered, addressed, and handed to the mail server."""

import re
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import partial

from schema.database import Database
from schema.jobs import service as jobs
from schema.jobs.messages import Email
from schema.jobs.service import Claim
from tasks import mime
from tasks.errors import PermanentError
from tasks.facts import Research
from tasks.letters import Letter
from tasks.render import render
from tasks.smtp import Mailer

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)


class Composer:
    """Writes letters signed by one sender. What is the same in all of them is made once."""

    def __init__(self, sender: str) -> None:
        self._address = parseaddr(sender)[1]
        self._domain = self._address.rpartition("@")[2]
        self._from = _header_from(sender)

    def compose(self, claim: Claim, message: Email, facts: Mapping[str, str]) -> Letter:
        """The letter, text and HTML. Its Message-ID comes from the job, so a letter sent twice can be told."""
        recipient, words = _one_address(message.to), render(message, facts)
        headers = (
            self._from,
            mime.token("To", recipient),
            mime.header("Subject", words.subject),
            mime.token("Date", format_datetime(claim.job["created_at"])),
            mime.token("Message-ID", f"<{claim.id}@{self._domain}>"),
            mime.token("X-Request-ID", claim.job["request_id"]),
            b"Auto-Submitted: auto-generated\r\n",
            _unsubscribe(facts["unsubscribe_url"]) if message.can_be_unsubscribed else b"",
        )
        body = mime.alternatives(mime.part("plain", words.text), mime.part("html", words.html))
        return Letter(self._address, recipient, b"".join(headers) + body)


class Post:
    """What letters are made with: where facts are found, who signs, and who takes them away."""

    def __init__(self, database: Database, research: Research, sender: str, mailer: Mailer) -> None:
        self.database = database
        self.research = research
        self.composer = Composer(sender)
        self.mailer = mailer


async def send(post: Post, claim: Claim, message: Email) -> None:
    """Send the e-mail of a claimed job, if there is somebody to read it."""
    facts = await post.research.find(message)
    if facts is not None:
        letter = post.composer.compose(claim, message, facts)
        await post.mailer.send(letter, partial(jobs.holds, post.database, claim))


def _one_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text) or "=?" in text:  # an encoded word would be decoded: to another address
        raise PermanentError("BAD_RECIPIENT", f"{text!r} is not the address of one mailbox")
    return text


def _header_from(sender: str) -> bytes:
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"] = sender
    return letter.as_bytes().removesuffix(b"\r\n")


def _unsubscribe(url: str) -> bytes:
    """RFC 8058: mail programs show a button that posts to this URL."""
    one_click = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return mime.token("List-Unsubscribe", f"<{url}>") + one_click
