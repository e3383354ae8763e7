"""What `make run` does with sources that change, tried with the real programs in a copy of the project."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from watchfiles import Change

from tests.support.changes import Sources
from tests.support.checkout import Checkout, checked_out
from tests.support.runs import Run
from tests.support.waiting import until

QUERIES, BOTH, WORKER = "schema/products/queries.py", "schema/errors.py", "tasks/templates/welcome/subject.txt"
DESCRIPTION = "The products on sale, the newest first."
ASK = "{ __schema { queryType { fields { description } } } }"
SIGN_UP = """mutation {
  userSignUp(input: {email: "ada@example.com", password: "correct horse battery staple", name: "Ada"}) { job { id } }
}"""


class Development:
    """A developer at work: sources, and the programs that run them."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.run = Run(checkout.folder, PYTHONPATH="", APP_ENV="development")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file."""
        text = self.checkout.text(path)
        assert old in text
        self.checkout.write(path, text.replace(old, new))

    def send(self, query: str) -> str:
        """The answer of the API."""
        return httpx.post(f"http://127.0.0.1:{self.run.port}/graphql", json={"query": query}, timeout=30).text

    def workers(self) -> list[str]:
        """The processes that have been ready for work."""
        return self.run.said(r"worker ready .*worker=\S+:(\d+)")

    def await_line(self, line: str) -> None:
        """Return when it has been said."""
        until(lambda: self.run.said(line), line, 90)


@pytest.fixture
def development(tmp_path: Path) -> Iterator[Development]:
    started = Development(checked_out(tmp_path / "postberry"))
    with started.run.started():
        started.run.await_urls()
        yield started


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("schema/products/types.py", True),
        ("tasks/templates/welcome/body.html", True),
        ("tasks/templates/welcome/subject.txt", True),
        ("graphql_api/console/static/page.html", False),
        ("schema/__pycache__/errors.cpython-311.pyc", False),
        ("schema/.#errors.py", False),
        ("graphql_api/graphiql/main.jsx", False),
    ],
)
def test_sources_are_what_the_programs_read_once(path: str, is_one: bool) -> None:  # noqa: FBT001  # what is expected
    assert Sources()(Change.modified, path) is is_one


def test_what_changes_is_taken_by_both_programs_and_a_fault_by_none(development: Development) -> None:
    development.edit(QUERIES, DESCRIPTION, "All that is on sale.")
    development.await_line(f"{QUERIES} changed: taken")
    until(lambda: "All that is on sale." in development.send(ASK), "The new description", 30)
    assert len(set(development.workers())) == 2
    development.edit(QUERIES, "All that is on sale.", 'What "is on sale.')
    development.await_line(f"{QUERIES} changed: not taken by api, see above")
    assert "All that is on sale." in development.send(ASK)
    development.edit(QUERIES, 'What "is on sale.', "What is on sale, mended.")
    until(lambda: "What is on sale, mended." in development.send(ASK), "What was mended", 90)


def test_a_worker_that_cannot_be_started_is_tried_again_and_no_job_is_lost(development: Development) -> None:
    text = development.checkout.text(BOTH)
    development.checkout.write(BOTH, f"{text}\nclass")
    development.await_line(f"{BOTH} changed: not taken by api and worker, see above")
    assert '"job":{"id"' in development.send(SIGN_UP)
    development.edit(WORKER, "Welcome", "A warm welcome")
    until(lambda: len(development.run.said("tried again at the next change")) == 2, "Another try", 60)
    development.checkout.write(BOTH, f"{text}\n# mended\n")
    development.await_line(f"{BOTH} changed: taken")
    development.await_line("job succeeded .*SIGN_UP_EMAIL")
    mailbox = httpx.get(f"http://127.0.0.1:{development.run.port}/dev/mailbox").text
    assert "A warm welcome" in mailbox
