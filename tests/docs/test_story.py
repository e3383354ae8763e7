"""What README.md and DEPLOYMENT-NOTES.md tell to type against a running API, typed in their order."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from settings.config import Settings
from tests.support.application import ada, running_api
from tests.support.checkout import Checkout, checked_out
from tests.support.persisted import digest, written
from tests.support.processes import Server
from tests.support.shell import Block, blocks
from tests.support.smtp import SmtpSink
from tests.support.uploads import PNG
from tests.support.worker import environment, running_worker

PUBLIC = "query Shop($first: Int) { products(first: $first) { nodes { name } } }"
README, NOTES = "README.md", "DEPLOYMENT-NOTES.md"
SAID: dict[tuple[str, str], list[str]] = {
    (README, "A first request"): [r'"job":\{"id":".+","status":"QUEUED"\},"userErrors":\[\]'],
    (README, "Accounts"): [
        r'"accessToken":"[^"]+","userErrors":\[\]',
        r'"isVerified":true,"userErrors":\[\]',
        r'"passwordResetRequest":\{"userErrors":\[\]\}.*"passwordReset":\{"userErrors":\[\]\}',
        r'ada@example.com is an administrator now\..*"product":\{"id":"[^"]+","slug":"green-tea"\},"userErrors":\[\]',
    ],
    (README, "Sent again, done once"): [r'"job":\{"id":"[^"]+"\},"userErrors":\[\]'],
    (README, "Files"): [r'"name":"cat.png","contentType":"image/png","size":\d+,"url":"[^"]+"\},"userErrors":\[\]'],
    (README, "Documents by name"): [r"(.*\"name\":\"Green tea\"){2}"],
    (README, "Public data"): [r"cache-control: public, max-age=30\b.*etag: .*\"name\":\"Green tea\""],
    (NOTES, "Logs"): [r'(?=.*"program":"api")(?=.*"program":"worker").*"requestId":"my-first-request"'],
    (NOTES, "Health"): [r'"status":"healthy"'],
}
"""What the blocks under each heading say, in order."""


class Story:
    """A shell for each block, which knows what the ones before have set, in a checkout beside the running programs."""

    def __init__(self, checkout: Checkout, settings: Settings, api: Server, sink: SmtpSink) -> None:
        self._checkout = checkout
        self._sink = sink
        self._environment = environment(settings) | {"PYTHONPATH": ""}
        self._instead = {
            "http://127.0.0.1:8000": api.url,
            "localhost:8000": api.url,
            "sha256:02fe…": f"sha256:{digest(PUBLIC)}",
        }

    def type(self, block: Block) -> str:
        """What a block says; the code of the letter is typed when it asks for one."""
        text = block.text
        for theirs, ours in self._instead.items():
            text = text.replace(theirs, ours)
        before, asks, after = text.partition("read -rp")
        said = self._run(before) if before else ""
        return said + self._run(asks + after, self._code(after)) if asks else said

    def _code(self, after: str) -> str:
        subject = "Welcome, Ada" if "emailVerify" in after else "A new password"
        (letter,) = self._sink.wait_for(1, lambda each: str(each.message["Subject"]).startswith(subject))
        part = letter.message.get_body(("plain",))
        assert part is not None
        return str(re.findall(r"ask for it: (\S+)", str(part.get_content()))[0])

    def _run(self, text: str, said: str = "") -> str:
        kept = "declare -p ACCESS_TOKEN > .kept 2>/dev/null || true"
        script = f"touch .kept; . ./.kept\n{text}\n{kept}\n"
        argv = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            argv,
            cwd=self._checkout.folder,
            env=self._environment,
            input=f"{said}\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def story(settings: Settings, smtp_sink: SmtpSink, tmp_path: Path) -> Iterator[Story]:
    """Both programs with an empty shop, a customer, and the document that README.md names."""
    checkout = checked_out(tmp_path / "postberry")
    (checkout.folder / "cat.png").write_bytes(PNG)
    changes = {
        "log_dir": checkout.folder / "logs",
        "trusted_documents": written(tmp_path, {digest(PUBLIC): PUBLIC}),
        "allow_debug": True,
        "metrics_token": SecretStr("a token of the story"),
    }
    settings = settings.model_copy(update=changes)
    with running_api(settings) as api, running_worker(settings):
        yield Story(checkout, settings, api, smtp_sink)


def test_what_the_documents_tell_to_type_does_what_they_say(story: Story) -> None:
    customer = ada(email="customer@example.com", password="postberry", name="Carl")
    query = "mutation($input: UserSignUpInput!) { userSignUp(input: $input) { userErrors { code } } }"
    form = shlex.quote(json.dumps({"query": query, "variables": {"input": customer}}))
    story.type(Block("", "", f"curl -sS localhost:8000/graphql -H 'Content-Type: application/json' -d {form}"))
    for (document, heading), expected in SAID.items():
        under = [block for block in blocks(document) if block.heading == heading]
        assert len(under) == len(expected), heading
        for block, pattern in zip(under, expected, strict=True):
            said = story.type(block)
            assert re.search(pattern, said, re.DOTALL), f"{block.text}\n{said}"
