"""Files as clients send them."""

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.support.application import Client

UPLOAD = """
mutation Upload($file: Upload!) {
  fileUpload(input: {file: $file}) {
    file { id name contentType size url createdAt } userErrors { field message code }
  }
}
"""


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"".join(
    [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(bytes(4))),
        _chunk(b"IEND", b""),
    ]
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(64) + b"\xff\xd9"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00," + bytes(16) + b";"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00" + bytes(14)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


async def post_form(
    client: Client, fields: Mapping[str, str], files: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """Send a multipart form, with the client's token if it has one and no other header that was not given."""
    given = dict(headers) if headers is not None else {"authorization": f"Bearer {client.token}"}
    return await client.http.post("/graphql", data=dict(fields), files=dict(files), headers=given)


async def send(
    client: Client, content: bytes, name: str = "cat.png", content_type: str = "image/png"
) -> httpx.Response:
    """The answer to an upload."""
    fields = {"operations": operations(), "map": '{"0": ["variables.file"]}'}
    return await post_form(client, fields, {"0": (name, content, content_type)})


def operations(query: str = UPLOAD, **variables: Any) -> str:  # noqa: ANN401  # bad input is of any type
    """The field `operations`: an upload's, whose file is null."""
    return json.dumps({"query": query, "variables": {"file": None} | variables})


async def upload(
    client: Client, content: bytes, name: str = "cat.png", content_type: str = "image/png"
) -> dict[str, Any]:
    """The payload of an upload."""
    answer = (await send(client, content, name, content_type)).json()
    assert "errors" not in answer, answer
    return dict(answer["data"]["fileUpload"])


def kept(folder: Path) -> list[Path]:
    """Every file in a storage's folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
