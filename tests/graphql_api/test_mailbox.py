import mailbox
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from graphql_api.mailbox import routes
from tests.support.jobs import SAMPLES
from tests.support.letters import write_samples

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(tmp_path / "mailbox"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://postberry") as client:
        yield client


@pytest.fixture
def maildir(tmp_path: Path) -> mailbox.Maildir:
    return mailbox.Maildir(tmp_path / "mailbox")


def letter(subject: str = "Welcome", text: str = "Hello, Ada", html: str = "<p>Hello, <b>Ada</b></p>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Postberry <a@example.org>", "ada@example.org", subject
    message["Date"], message["X-Request-ID"] = "Mon, 06 Jul 2026 10:00:00 +0000", "request-1"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


async def test_a_mailbox_that_does_not_exist_yet_is_empty(client: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await client.get("/dev/mailbox")
    assert (answer.status_code, "No letters yet" in answer.text) == (200, True)
    assert not (tmp_path / "mailbox").exists()


async def test_a_letter_is_shown_with_its_headers_and_text(client: httpx.AsyncClient, maildir: mailbox.Maildir) -> None:
    key = maildir.add(letter())
    page = (await client.get("/dev/mailbox")).text
    for shown in ("Postberry &lt;a@example.org&gt;", "ada@example.org", "Welcome", "06 Jul 2026", "request-1"):
        assert shown in page
    assert "<pre>Hello, Ada" in page
    assert f'<iframe sandbox loading="lazy" title="Welcome" src="/dev/mailbox/{key}"></iframe>' in page
    assert f'href="/dev/mailbox/{key}/source"' in page


async def test_what_a_letter_says_cannot_become_markup(client: httpx.AsyncClient, maildir: mailbox.Maildir) -> None:
    maildir.add(letter(subject='"><script>1</script>', text="</pre><script>2</script>", html=""))
    answer = await client.get("/dev/mailbox")
    assert "<script" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'nonce-")


async def test_the_html_is_served_in_a_sandbox(client: httpx.AsyncClient, maildir: mailbox.Maildir) -> None:
    answer = await client.get(f"/dev/mailbox/{maildir.add(letter())}")
    assert answer.text == "<p>Hello, <b>Ada</b></p>\n"
    assert answer.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


async def test_the_source_is_the_letter_as_it_was_sent(client: httpx.AsyncClient, maildir: mailbox.Maildir) -> None:
    key = maildir.add(letter())
    answer = await client.get(f"/dev/mailbox/{key}/source")
    assert answer.content == maildir.get_bytes(key)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_a_page_has_a_hundred_letters_newest_first(client: httpx.AsyncClient, maildir: mailbox.Maildir) -> None:
    keys = [maildir.add(letter(subject=f"Number {number}.", html="")) for number in range(102)]
    first = (await client.get("/dev/mailbox")).text
    assert (first.count("<article>"), "Number 2." in first, "Number 1." in first) == (100, True, False)
    assert first.index("Number 101.") < first.index("Number 100.")
    assert f'href="/dev/mailbox?before={keys[2]}"' in first
    second = (await client.get("/dev/mailbox", params={"before": keys[2]})).text
    assert (second.count("<article>"), "Older letters" in second) == (2, False)


async def test_the_list_goes_on_after_a_letter_that_is_gone(
    client: httpx.AsyncClient, maildir: mailbox.Maildir
) -> None:
    keys = [maildir.add(letter(subject=f"Number {number}.")) for number in range(3)]
    maildir.remove(keys[1])
    page = (await client.get("/dev/mailbox", params={"before": keys[1]})).text
    assert ("Number 0." in page, "Number 2." in page) == (True, False)


@pytest.mark.parametrize("suffix", ["", "/source"])
async def test_a_letter_that_is_gone_is_not_found(
    client: httpx.AsyncClient, maildir: mailbox.Maildir, suffix: str
) -> None:
    key = maildir.add(letter())
    maildir.remove(key)
    assert (await client.get(f"/dev/mailbox/{key}{suffix}")).status_code == 404


@pytest.mark.parametrize("key", ["..", "%2e%2e%2fsecret", "1.M1P1Q1.%2e%2e%2f%2e%2e%2fsecret", "%00", "secret"])
async def test_no_other_file_can_be_reached(
    client: httpx.AsyncClient, maildir: mailbox.Maildir, tmp_path: Path, key: str
) -> None:
    maildir.add(letter())
    for folder in (tmp_path, tmp_path / "mailbox", tmp_path / "mailbox" / "new"):
        (folder / "secret").write_text("secret")
    for url in (f"/dev/mailbox/{key}/source", f"/dev/mailbox/{key}", f"/dev/mailbox?before={key}"):
        assert (await client.get(url)).status_code == 404


async def test_a_letter_without_html_has_no_html_page(client: httpx.AsyncClient, maildir: mailbox.Maildir) -> None:
    key = maildir.add(letter(html=""))
    assert (await client.get(f"/dev/mailbox/{key}")).status_code == 404
    assert "<iframe" not in (await client.get("/dev/mailbox")).text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: \xff\xfe\nFrom: =?x-none?q?=FF?=\n\n\xff",
        b"Content-Type: text/plain; charset=x-none\n\nhello",
        b"Content-Type: text/plain; charset=utf-7\n\n+2AA-",
        b"Content-Type: multipart/alternative\n\nno boundary",
        b"From: <<@,;:\nTo: @@\nDate: never\n\nhello",
    ],
)
async def test_a_malformed_letter_does_not_break_the_list(
    client: httpx.AsyncClient, maildir: mailbox.Maildir, raw: bytes
) -> None:
    maildir.add(raw)
    answer = await client.get("/dev/mailbox")
    assert (answer.status_code, answer.text.count("<article>")) == (200, 1)


async def test_samples_have_a_page_of_their_own(
    client: httpx.AsyncClient, maildir: mailbox.Maildir, tmp_path: Path
) -> None:
    maildir.add(letter(subject="Sent"))
    write_samples(tmp_path / "mailbox", "Postberry <no-reply@example.org>")
    sent, samples = await client.get("/dev/mailbox"), await client.get("/dev/mailbox/samples")
    assert (sent.text.count("<article>"), samples.text.count("<article>")) == (1, len(SAMPLES))
    assert "You have an account already" in samples.text
    shown = re.findall(r'src="(/dev/mailbox/samples/[^"]+)"', samples.text)
    pages = [await client.get(path) for path in shown]
    assert [(page.status_code, "<h1" in page.text) for page in pages] == [(200, True)] * len(SAMPLES)


async def test_samples_are_written_anew_each_time(client: httpx.AsyncClient, tmp_path: Path) -> None:
    for _ in range(2):
        write_samples(tmp_path / "mailbox", "Postberry <no-reply@example.org>")
    assert (await client.get("/dev/mailbox/samples")).text.count("<article>") == len(SAMPLES)


async def test_the_letters_of_one_request_are_found_by_its_id(
    client: httpx.AsyncClient, maildir: mailbox.Maildir
) -> None:
    other = letter(subject="Another")
    other.replace_header("X-Request-ID", "request-2")
    for each in (letter(), other):
        maildir.add(each)
    page = (await client.get("/dev/mailbox", params={"requestId": "request-2"})).text
    assert ("Another" in page, "Welcome" in page) == (True, False)
    assert "No letters yet" in (await client.get("/dev/mailbox", params={"requestId": "<b>"})).text


async def test_older_letters_of_one_request_stay_those_of_it(
    client: httpx.AsyncClient, maildir: mailbox.Maildir
) -> None:
    for _ in range(101):
        maildir.add(letter())
    page = (await client.get("/dev/mailbox", params={"requestId": "request-1"})).text
    assert re.search(r'href="/dev/mailbox\?before=[^"]+&amp;requestId=request-1"', page)
