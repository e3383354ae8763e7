"""A sample of every letter, for `/dev/mailbox/samples`: `make letters`."""

import mailbox
import secrets
import sys
from pathlib import Path

from odmantic import ObjectId

from graphql_api.mailbox import SAMPLES as FOLDER
from schema.jobs.messages import Email
from schema.jobs.service import Claim
from schema.times import utc_now
from settings import config
from tasks.emails import Composer
from tests.support.jobs import FACTS, SAMPLES


def write_samples(mailbox_dir: Path, sender: str) -> int:
    """Put them into the Maildir, instead of those that were there. Answers how many they are."""
    composer = Composer(sender)
    mailbox_dir.parent.mkdir(parents=True, exist_ok=True)  # on a fresh clone nothing has been run yet
    folder = mailbox.Maildir(mailbox_dir).add_folder(FOLDER)
    folder.clear()
    for sample in SAMPLES:
        folder.add(_content(composer, sample))
    return len(SAMPLES)


def _content(composer: Composer, message: Email) -> bytes:
    job = {"_id": ObjectId(), "request_id": secrets.token_hex(8), "created_at": utc_now()}
    return composer.compose(Claim(job, token=""), message, FACTS).content


def main() -> None:
    """Say where they are to be seen."""
    settings = config.load()
    count = write_samples(settings.mailbox_dir, settings.mail_from)
    sys.stdout.write(f"{count} letters are at {settings.api_url}/dev/mailbox/samples while the API runs.\n")


if __name__ == "__main__":
    main()
