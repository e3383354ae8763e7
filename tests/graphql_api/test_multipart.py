"""GraphQL multipart requests: who may send one, and what is answered to what is none."""

import gc
import json
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from typing_extensions import override

from graphql_api.multipart import MOST_FILES, PIECE
from graphql_api.request import MOST_BYTES
from schema.storage import PART
from settings.config import Settings
from tests.support.application import Client, Collections, serving
from tests.support.uploads import PNG, kept, operations, post_form

pytestmark = pytest.mark.anyio

MAP = '{"0": ["variables.file"]}'
FILES = {"0": ("cat.png", PNG)}
GRAPHQL_JSON = "application/graphql-response+json"


@pytest.fixture
async def ada(client: Client) -> Client:
    return await client.signed_up()


def _fields(map_: object = MAP, query: str | None = None) -> dict[str, str]:
    return {"operations": query or operations(), "map": map_ if isinstance(map_, str) else json.dumps(map_)}


def _raw(*parts: bytes, end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end


def _part(name: str, content: bytes, filename: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    return f'Content-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content


OPERATIONS, MAPPED = _part("operations", operations().encode()), _part("map", MAP.encode())
CAT = _part("0", PNG, "cat.png")
ON_DISK = _part("0", PNG + bytes(2 * PIECE), "large.png")


async def _post_raw(
    client: Client, body: bytes, content_type: str = "multipart/form-data; boundary=b"
) -> httpx.Response:
    headers = {"content-type": content_type, "authorization": f"Bearer {client.token}"}
    return await client.http.post("/graphql", content=body, headers=headers)


def _codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


MAPS: dict[str, object] = {
    "no JSON": "{",
    "a list": [],
    "a path that is no list": {"0": "variables.file"},
    "no path": {"0": []},
    "a path that is a number": {"0": [0]},
    "a file that is not there": {"1": ["variables.file"]},
    "nothing": {"": ["variables.file"]},
    "the query": {"0": ["query"]},
    "all variables": {"0": ["variables"]},
    "a variable that is not there": {"0": ["variables.other"]},
    "something below null": {"0": ["variables.file.name"]},
    "something below text": {"0": ["variables.text.0"]},
    "what is not null": {"0": ["variables.text"]},
    "a list's end": {"0": ["variables.list.1"]},
    "before a list": {"0": ["variables.list.-1"]},
    "no index": {"0": ["variables.list.x"]},
    "another script's index": {"0": ["variables.list.\u0660"]},
    "a huge index": {"0": ["variables.list." + "9" * 90]},
    "an operation of a batch": {"0": ["0.variables.file"]},
    "a path that ends early": {"0": ["variables.file."]},
    "a deep path": {"0": ["variables" + ".a" * 1_000]},
    "the same path twice": {"0": ["variables.file", "variables.file"]},
    "many files": {str(number): ["variables.file"] for number in range(MOST_FILES + 1)},
    "too much": {"0": ["variables." + "a" * MOST_BYTES]},
    "a class": {"0": ["variables.__class__"]},
    "a prototype": {"0": ["variables.__proto__.file"]},
    "the prototype of what is there": {"0": ["variables.list.__proto__"]},
    "a constructor": {"0": ["variables.constructor.prototype.file"]},
    "a list's length": {"0": ["variables.list.length"]},
    "two files in one place": {"0": ["variables.file"], "spare": ["variables.file"]},
    "files by the thousand": {str(number): ["variables.file"] for number in range(10_000)},
    "one file by the thousand": {"0": [f"variables.list.{number}" for number in range(5_000)]},
    "a path with a wildcard": {"0": ["variables.*"]},
    "a path in brackets": {"0": ["variables[file]"]},
    "a path with a line break": {"0": ["variables.file\n"]},
}


@pytest.mark.parametrize("map_", MAPS.values(), ids=MAPS.keys())
async def test_a_map_that_leads_nowhere_is_refused(
    ada: Client, collections: Collections, settings: Settings, map_: object
) -> None:
    query = operations(text="text", list=[None])
    response = await post_form(ada, _fields(map_, query), FILES | {"spare": ("dog.png", PNG)})
    assert (response.status_code, _codes(response)) == (400, ["BAD_USER_INPUT"])
    assert await collections.files.count_documents({}) == 0
    assert kept(Path(settings.storage_url.removeprefix("file://"))) == []


QUERIES = {
    "no JSON": "{",
    "null": "null",
    "a batch": f"[{operations()}]",
    "no query": "{}",
    "variables that are a list": '{"query":"{__typename}","variables":[null]}',
    "no variables": '{"query":"{__typename}"}',
    "deep JSON": '{"query":"{__typename}","variables":' + '{"a":' * 5_000 + "}" * 5_001,
    "too much": operations(text="x" * MOST_BYTES),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
async def test_operations_that_are_none_are_refused(ada: Client, query: str) -> None:
    response = await post_form(ada, _fields(query=query), FILES)
    assert (response.status_code, _codes(response)) == (400, ["BAD_USER_INPUT"])


async def test_a_file_in_place_of_something_else_shows_nothing_of_ours(ada: Client) -> None:
    query = "query($file:DateTime){jobs(where:{createdAt:{gte:$file}}){nodes{id}}}"
    answer = (await post_form(ada, _fields(query=operations(query)), FILES)).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert "UploadFile(" not in answer["errors"][0]["message"]


BODIES = {
    "nothing": b"",
    "no form": b"{}",
    "no fields": _raw(CAT),
    "no operations": _raw(MAPPED, CAT),
    "no map": _raw(OPERATIONS, CAT),
    "operations twice": _raw(OPERATIONS, OPERATIONS, CAT),
    "a third field": _raw(OPERATIONS, MAPPED, MAPPED, CAT),
    "operations as a file": _raw(_part("operations", operations().encode(), "blob"), MAPPED, CAT),
    "a file that is a field": _raw(OPERATIONS, _part("0", PNG), CAT),
    "no file": _raw(OPERATIONS, MAPPED),
    "a file twice": _raw(OPERATIONS, MAPPED, CAT, CAT),
    "many files": _raw(OPERATIONS, MAPPED, *(_part(str(number), PNG, "a") for number in range(MOST_FILES + 1))),
    "no end": _raw(OPERATIONS, MAPPED, CAT, end=b""),
    "half a file": _raw(OPERATIONS, MAPPED, ON_DISK)[:-PIECE],
    "a large file twice": _raw(OPERATIONS, MAPPED, ON_DISK, ON_DISK),
    "no name": _raw(OPERATIONS, MAPPED, b"Content-Disposition: form-data\r\n\r\nx", CAT),
    "a long header": _raw(OPERATIONS, MAPPED, b"X: " + b"x" * 10_000 + b"\r\n\r\nx", CAT),
    "bad UTF-8": _raw(_part("operations", b'{"query":"\xff"}'), MAPPED, CAT),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_no_such_request_is_refused(ada: Client, collections: Collections, body: bytes) -> None:
    response = await _post_raw(ada, body)
    assert (response.status_code, _codes(response)) == (400, ["BAD_USER_INPUT"])
    assert await collections.files.count_documents({}) == 0
    gc.collect()  # a temporary file that was left open would say so, and warnings fail


@pytest.mark.parametrize(
    "parameters", ["", "; boundary=", "; boundary=\x00", f"; boundary={'b' * 71}", '; boundary="b']
)
async def test_a_form_without_a_boundary_is_refused(ada: Client, parameters: str) -> None:
    response = await _post_raw(ada, _raw(OPERATIONS, MAPPED, CAT), "multipart/form-data" + parameters)
    assert (response.status_code, _codes(response)) == (400, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("charset", ["undefined", "punycode", "base64", "utf-16", "none-such"])
@pytest.mark.parametrize(
    "form", ["multipart/form-data; charset={}; boundary=b", 'Multipart/Form-Data;boundary="b";charset={}']
)
async def test_the_fields_are_utf8_whatever_the_client_calls_it(ada: Client, charset: str, form: str) -> None:
    body = _raw(OPERATIONS, MAPPED, _part("0", PNG, "Käse.png"))
    response = await _post_raw(ada, body, form.format(charset))
    assert response.json()["data"]["fileUpload"]["file"]["name"] == "Käse.png"


async def test_the_last_line_may_end_without_a_line_break(ada: Client) -> None:
    response = await _post_raw(ada, _raw(OPERATIONS, MAPPED, CAT, end=b"--b--"))
    assert response.json()["data"]["fileUpload"]["file"]["size"] == len(PNG)


async def test_a_file_may_stand_for_several_variables_and_others_may_stand_for_none(ada: Client) -> None:
    query = """mutation($a: Upload!, $b: FileUploadInput!, $twice: Boolean!) {
      a: fileUpload(input: {file: $a}) { file { size } } b: fileUpload(input: $b) @include(if: $twice) { file { size } }
    }"""
    sent = operations(query, a=None, b={"file": None}, twice=False)
    fields = _fields({"0": ["variables.a", "variables.b.file"]}, sent)
    response = await post_form(ada, fields, FILES | {"spare": ("spare", b"x")})
    assert response.json()["data"] == {"a": {"file": {"size": len(PNG)}}}


class _Untouched(httpx.AsyncByteStream):
    """A body that must not be read."""

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""


REFUSED_UNREAD: dict[str, tuple[dict[str, str], int, str]] = {
    "a cross-site form": ({}, 400, "BAD_USER_INPUT"),
    "nobody": ({"apollo-require-preflight": "1"}, 401, "UNAUTHENTICATED"),
    "nobody, by another name": ({"graphql-require-preflight": ""}, 401, "UNAUTHENTICATED"),
    "a cookie's token for nobody": ({"x-csrf-token": "x"}, 401, "UNAUTHENTICATED"),
    "a token that is none": ({"authorization": "Bearer x"}, 401, "UNAUTHENTICATED"),
    "another kind of proof": ({"authorization": "Basic x"}, 401, "UNAUTHENTICATED"),
}


@pytest.mark.parametrize("accept", ["*/*", GRAPHQL_JSON])
@pytest.mark.parametrize(("headers", "status", "code"), REFUSED_UNREAD.values(), ids=REFUSED_UNREAD.keys())
async def test_who_may_not_send_files_is_refused_before_the_body_is_read(
    client: Client, headers: dict[str, str], status: int, code: str, accept: str
) -> None:
    given_headers = {"content-type": "multipart/form-data; boundary=b", "accept": accept} | headers
    response = await client.http.post("/graphql", content=_Untouched(), headers=given_headers)
    assert (response.status_code, _codes(response)) == (status, [code])


async def test_cookies_alone_send_no_files_and_with_their_header_they_do(client: Client) -> None:
    await client.sign_up()
    token = (await client.sign_in(carrier="COOKIE"))["csrfToken"]
    refused = await post_form(client, _fields(), FILES, {})
    assert (refused.status_code, _codes(refused)) == (400, ["BAD_USER_INPUT"])
    taken = await post_form(client, _fields(), FILES, {"x-csrf-token": token})
    assert taken.json()["data"]["fileUpload"]["file"]["size"] == len(PNG)


async def _large(size: int, read: list[int]) -> AsyncIterator[bytes]:
    """A request with a file of so many bytes; `read` is how many were asked for."""
    head = _raw(OPERATIONS, MAPPED, end=b"--b\r\n") + _part("0", PNG, "large.png")
    yield head
    for _ in range(size // 65_536):
        read[0] += 65_536
        yield bytes(65_536)
    yield b"\r\n--b--\r\n"


async def _post_large(client: Client, size: int, read: list[int]) -> httpx.Response:
    headers = {"content-type": "multipart/form-data; boundary=b", "authorization": f"Bearer {client.token}"}
    return await client.http.post("/graphql", content=_large(size, read), headers=headers)


async def test_a_body_is_read_no_further_than_it_may_be_long(settings: Settings, collections: Collections) -> None:
    async with serving(settings.model_copy(update={"upload_max_bytes": 1_000_000})) as client:
        ada, read = await client.signed_up(), [0]
        response = await _post_large(ada, 100_000_000, read)
    assert (response.status_code, _codes(response)) == (413, ["BAD_USER_INPUT"])
    assert read[0] < 1_000_000 + 3 * MOST_BYTES
    assert await collections.files.count_documents({}) == 0


async def test_a_large_file_is_never_in_memory_as_a_whole(settings: Settings) -> None:
    size = 320 * 65_536
    async with serving(settings.model_copy(update={"upload_max_bytes": 2 * size})) as client:
        ada = await client.signed_up()
        await _post_large(ada, 0, [0])
        tracemalloc.start()
        response = await _post_large(ada, size, [0])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert response.json()["data"]["fileUpload"]["file"]["size"] == len(PNG) + size
    assert peak < PART
