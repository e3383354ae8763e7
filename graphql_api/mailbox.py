"""The letters of development, to read in a browser: `/dev/mailbox`. Mount it in development only.

`/dev/mailbox?requestId=…` shows those of one request. `/dev/mailbox/samples` shows the Maildir's folder of samples, in
which `make letters` puts one of each template.
"""

import mailbox
import re
import secrets
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from itertools import islice
from pathlib import Path

from anyio.to_thread import run_sync
from jinja2 import Environment, FileSystemLoader, Template
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/dev/mailbox"
SAMPLES = "Samples"
"""The folder of the Maildir with a letter of each template."""

_PAGE_SIZE = 100
_SHOWN_CHARACTERS = 20_000
_SHOWN_HEADERS = ("From", "To", "Subject", "Date", "X-Request-ID")
_KEY = re.compile(r"(\d{1,12})\.M(\d{1,6})P(\d{1,10})Q(\d{1,10})\.[^/\0]{1,200}")
"""A Maildir's file names: second, microsecond, process, count and host."""

_LIST_POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True)
class Letter:
    """What the list shows of one letter; `text` and `html` are empty where it has none."""

    key: str
    headers: dict[str, str]
    text: str
    html: str


def routes(mailbox_dir: Path) -> list[Route]:
    """The pages over the Maildir `mailbox_dir`, which need not exist yet."""
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
    template = templates.get_template("mailbox.html")
    samples = _Pages(mailbox_dir / f".{SAMPLES}", f"{PATH}/samples", template)
    return samples.routes() + _Pages(mailbox_dir, PATH, template).routes()


class _Pages:
    def __init__(self, folder: Path, path: str, template: Template) -> None:
        self._folder = folder
        self._path = path
        self._template = template

    def routes(self) -> list[Route]:
        return [
            Route(self._path, self.letters),
            Route(f"{self._path}/{{key}}", self.html),
            Route(f"{self._path}/{{key}}/source", self.source),
        ]

    async def letters(self, request: Request) -> Response:
        query = request.query_params
        request_id = query.get("requestId")
        page = await run_sync(_page, self._folder, query.get("before"), request_id)
        nonce = secrets.token_urlsafe(16)
        older = page[-1].key if len(page) == _PAGE_SIZE else None
        text = self._template.render(
            letters=page, older=older, nonce=nonce, request_id=request_id, path=self._path, mailbox=PATH
        )
        return _response(text.encode(errors="replace"), "text/html", _LIST_POLICY.format(nonce=nonce))

    async def html(self, request: Request) -> Response:
        key = request.path_params["key"]
        letter = _parse(key, await run_sync(_find, self._folder, key))
        if not letter.html:
            raise HTTPException(404, "This letter has no HTML")
        return _response(letter.html.encode(errors="replace"), "text/html", _LETTER_POLICY)

    async def source(self, request: Request) -> Response:
        raw = await run_sync(_find, self._folder, request.path_params["key"])
        return _response(raw, "text/plain", _LETTER_POLICY)


def _response(content: bytes, media_type: str, security_policy: str) -> Response:
    headers = {
        "Content-Security-Policy": security_policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",  # the list shows each letter in a frame of its own
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


def _page(folder: Path, before: str | None, request_id: str | None = None) -> list[Letter]:
    """At most one page of letters, newest first, those older than `before`, and of one request if it is named."""
    box = _open(folder)
    keys = [key for key in box.iterkeys() if _KEY.fullmatch(key)] if box is not None else []
    older = [key for key in keys if before is None or _age(key) < _age(before)]
    raws = ((key, _raw(box, key)) for key in sorted(older, key=_age, reverse=True))
    letters = (_parse(key, raw) for key, raw in raws if raw is not None and _is_of(raw, request_id))
    return list(islice(letters, _PAGE_SIZE))


def _is_of(raw: bytes, request_id: str | None) -> bool:
    if request_id is None:
        return True
    headers = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    return str(headers.get("X-Request-ID", "")) == request_id


def _open(folder: Path) -> mailbox.Maildir | None:
    """None until the first letter's delivery makes it."""
    try:
        return mailbox.Maildir(folder, create=False)
    except mailbox.NoSuchMailboxError:
        return None


def _age(key: str) -> tuple[int, ...]:
    if match := _KEY.fullmatch(key):
        return tuple(map(int, match.groups()))
    raise HTTPException(404, "No such letter")


def _find(folder: Path, key: str) -> bytes:
    raw = _raw(_open(folder), key)
    if raw is None:
        raise HTTPException(404, "No such letter")
    return raw


def _raw(box: mailbox.Maildir | None, key: str) -> bytes | None:
    """The letter, or None when it is gone: somebody may be emptying the Maildir."""
    if box is None or not _KEY.fullmatch(key):
        return None
    try:
        return box.get_bytes(key)
    except (KeyError, FileNotFoundError):
        return None


def _parse(key: str, raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=policy.default)
    headers = {name: str(message.get(name, "")) for name in _SHOWN_HEADERS}
    return Letter(key, headers, _body(message, "plain")[:_SHOWN_CHARACTERS], _body(message, "html"))


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:
        return f"(in a character set unknown here: {part.get_content_charset()})"
