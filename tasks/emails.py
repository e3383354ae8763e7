"""The letter of a job: rendered, addressed, and handed to the mail server."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from schema.database import Database
from schema.jobs.messages import Email
from schema.jobs.service import Claim
from tasks.facts import find_facts
from tasks.render import render
from tasks.smtp import Mailer


@dataclass(frozen=True, slots=True)
class Post:
    """What letters are made with: where facts are found, where links lead, who signs, and who takes them away."""

    database: Database
    site: str
    sender: str
    mailer: Mailer


async def send(post: Post, claim: Claim, message: Email) -> None:
    """Send the e-mail of a claimed job, if there is somebody to read it."""
    facts = await find_facts(post.database, post.site, message)
    if facts is not None:
        await post.mailer.send(compose(post.sender, claim, message, facts))


def compose(sender: str, claim: Claim, message: Email, facts: Mapping[str, str]) -> EmailMessage:
    """The letter, text and HTML. Its Message-ID comes from the job, so a letter sent twice can be told."""
    words = render(message, facts)
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = Address(addr_spec=message.to)  # one address, or an error
    letter["Subject"] = words.subject.replace("=?", "= ?")  # an encoded word would be decoded, line breaks and all
    letter["Date"] = format_datetime(claim.job["created_at"])
    letter["Message-ID"] = f"<{claim.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    letter["X-Request-ID"] = claim.job["request_id"]
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(words.text)
    letter.add_alternative(words.html, subtype="html")
    return letter
