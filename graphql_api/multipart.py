"""A GraphQL multipart request: `operations`, `map`, and files, which wait on the disk until they are asked for.

https://github.com/jaydenseric/graphql-multipart-request-spec, without batches.
"""

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from typing_extensions import override

from graphql_api.request import (
    MOST_BYTES,
    GraphQLRequest,
    MalformedRequest,
    checked,
    media_type,
    parse_json,
    require_preflight,
)
from schema.access import Viewer
from schema.errors import BadUserInput, Unauthenticated
from schema.files.model import IncomingFile

MOST_FILES = 10
"""Files of one request. All together may have no more bytes than one may have."""

MULTIPART = "multipart/form-data"

PIECE = 64 * 1024
"""Bytes of a file that are in memory at a time."""

_BOUNDARY = re.compile(r"boundary=(\"?)([0-9A-Za-z'()+_,./:=?-]{1,70})\1\s*(?:;|$)", re.IGNORECASE)
_PATH = re.compile(r"variables(?:\.[^.]+)+")
_INDEX = re.compile(r"[0-9]{1,4}")


@dataclass(slots=True)
class UploadedFile:
    """A file of the request, for one mutation: aliases do not multiply what one sends."""

    _file: UploadFile = field(repr=False)
    _is_taken: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """What the client calls it."""
        return _text(self._file.filename or "")

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._file.size or 0

    async def digest(self) -> str:
        """The same for the same name and content alone; as often as one likes."""
        digest = hashlib.sha256(f"{self.name}\0".encode())
        await self._file.seek(0)
        while piece := await self._file.read(PIECE):
            digest.update(piece)
        return digest.hexdigest()

    async def head(self, size: int) -> bytes:
        """How it begins."""
        await self._file.seek(0)
        return await self._file.read(size)

    async def pieces(self) -> AsyncIterator[bytes]:
        """All of it, a piece at a time; BadUserInput the second time."""
        if self._is_taken:
            raise BadUserInput("Each file of a request is good for one mutation.")
        self._is_taken = True
        await self._file.seek(0)
        while piece := await self._file.read(PIECE):
            yield piece


def is_multipart(request: Request) -> bool:
    """Whether this claims to be such a request."""
    return request.method == "POST" and media_type(request) == MULTIPART


def admit(request: Request, viewer: Viewer | None) -> None:
    """Refuse, before the body is read, what a cross-site form could have sent, and whoever is not signed in."""
    require_preflight(request, "A multipart request")
    if viewer is None:
        raise Unauthenticated("Sign in first.")


@asynccontextmanager
async def from_multipart(request: Request, upload_max_bytes: int) -> AsyncIterator[GraphQLRequest]:
    """The request with its files in its variables. They are gone when the context is left."""
    try:
        form = await _Parser(request, upload_max_bytes + 2 * MOST_BYTES).parse()
    except MultiPartException as error:
        raise MalformedRequest(400, f"The body is no multipart form: {error.message}") from None
    except ClientDisconnect:
        raise MalformedRequest(400, "The request was cut off.") from None
    try:
        yield _operation(form)
    finally:
        await form.close()


class _Parser(MultiPartParser):
    """Starlette's, for a body that is bounded and has to be complete. Only the first bytes of a file stay in memory."""

    spool_max_size = PIECE

    def __init__(self, request: Request, most_bytes: int) -> None:
        headers = Headers({"content-type": f"multipart/form-data; charset=latin-1; boundary={_boundary(request)}"})
        super().__init__(
            headers, self._chunks(request, most_bytes), max_files=MOST_FILES, max_fields=2, max_part_size=MOST_BYTES
        )
        self._is_complete = False

    @override
    def on_end(self) -> None:
        self._is_complete = True

    async def _chunks(self, request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
        """The body; what is raised in here closes the files there are."""
        read = 0
        async for chunk in request.stream():
            read += len(chunk)
            if read > most_bytes:
                raise MalformedRequest(413, f"The body is larger than {most_bytes} bytes.")
            yield chunk
        if not self._is_complete:
            raise MalformedRequest(400, "The body ends before its last boundary.")


def _boundary(request: Request) -> str:
    """The boundary alone: a charset of the client's choice would decode the fields, so they are kept as they came."""
    found = _BOUNDARY.search(request.headers["content-type"])
    if found is None:
        raise MalformedRequest(400, "The Content-Type has no boundary.")
    return f'"{found[2]}"'


def _operation(form: FormData) -> GraphQLRequest:
    fields = parse_json(_field(form, "operations"), "The field `operations`")
    operation = checked(fields)
    for name, paths in _map(form).items():
        file = _file(form, name)
        for path in paths:
            _replace_null(operation.variables or {}, path, file)
    return operation


def _field(form: FormData, name: str) -> bytes:
    values = form.getlist(name)
    if len(values) != 1 or not isinstance(values[0], str):
        raise MalformedRequest(400, f"The body must have one field `{name}`, of JSON.")
    return values[0].encode("latin-1")


def _map(form: FormData) -> Mapping[str, list[str]]:
    """By the name of each file: the paths of the variables it stands for."""
    paths_of = parse_json(_field(form, "map"), "The field `map`")
    if not isinstance(paths_of, dict) or not all(map(_are_paths, paths_of.values())):
        raise MalformedRequest(400, "`map` must be an object of lists of paths, like variables.input.file.")
    return paths_of


def _are_paths(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_path, value))


def _is_path(value: object) -> bool:
    return isinstance(value, str) and _PATH.fullmatch(value) is not None


def _file(form: FormData, name: str) -> IncomingFile:
    files = [value for key, value in form.multi_items() if isinstance(value, UploadFile) and _text(key) == name]
    if len(files) != 1:
        raise MalformedRequest(400, "`map` names a file that the body does not have, or has twice.")
    return UploadedFile(files[0])


def _replace_null(variables: dict[str, Any], path: str, file: IncomingFile) -> None:
    *way, last = path.split(".")[1:]
    target: Any = variables
    for step in way:
        target = target[_step(target, step)]
    key = _step(target, last)
    if target[key] is not None:
        raise MalformedRequest(400, "`map` has a path to a variable that is not null.")
    target[key] = file


def _step(target: object, step: str) -> Any:  # noqa: ANN401  # the key of an object, or the index of a list
    if isinstance(target, dict) and step in target:
        return step
    if isinstance(target, list) and _INDEX.fullmatch(step) and int(step) < len(target):
        return int(step)
    raise MalformedRequest(400, "`map` has a path that leads nowhere.")


def _text(latin: str) -> str:
    """A name as it was sent, in UTF-8."""
    return latin.encode("latin-1").decode(errors="replace")
