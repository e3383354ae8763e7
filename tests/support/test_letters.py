from pathlib import Path

from tests.support.jobs import SAMPLES
from tests.support.letters import write_samples

SENDER = "Postberry <no-reply@example.com>"


def test_samples_are_written_where_there_is_no_folder_yet_and_again_in_place_of_those(tmp_path: Path) -> None:
    mailbox_dir = tmp_path / "var" / "mailbox"
    for _ in range(2):
        assert write_samples(mailbox_dir, SENDER) == len(SAMPLES)
        assert len([path for path in mailbox_dir.rglob("new/*") if path.is_file()]) == len(SAMPLES)
