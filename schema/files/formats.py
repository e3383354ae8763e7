"""The formats files may have. What a file is, its first bytes say: never its name, never the client.

Five signatures, each as long as its format makes it. The libraries for this guess among hundreds of formats, take four
bytes for a PNG or a JPEG 2000 for a JPEG, and every format they learn would be one we had to refuse.
"""

import re
from dataclasses import dataclass

HEAD = 32
"""How many of a file's bytes `recognise` looks at."""


@dataclass(frozen=True, slots=True)
class Format:
    """A media type: how its files begin, how their names end, and whether a browser may show them in place."""

    content_type: str
    signature: re.Pattern[bytes]
    extensions: tuple[str, ...]
    is_image: bool = True


FORMATS = (
    Format("image/png", re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", re.DOTALL), (".png", ".apng")),
    Format("image/jpeg", re.compile(rb"\xff\xd8\xff[\xc0-\xfe]", re.DOTALL), (".jpg", ".jpeg", ".jfif")),
    Format("image/gif", re.compile(rb"GIF8[79]a", re.DOTALL), (".gif",)),
    Format("image/webp", re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL), (".webp",)),
    Format("application/pdf", re.compile(rb"%PDF-[12]\.[0-9]", re.DOTALL), (".pdf",), is_image=False),
)

CSV = Format("text/csv", re.compile(rb"(?!)"), (".csv",), is_image=False)
"""A table that we made. Text has no signature: no upload is judged to be one."""

BY_CONTENT_TYPE = {format_.content_type: format_ for format_ in (*FORMATS, CSV)}


def recognise(head: bytes) -> Format | None:
    """The format of a file that begins so; None: none of ours."""
    return next((format_ for format_ in FORMATS if format_.signature.match(head)), None)


def named(name: str, format_: Format) -> str:
    """The name, ended as the format's files are: what is downloaded opens as what it was judged to be."""
    return name if name.lower().endswith(format_.extensions) else f"{name}{format_.extensions[0]}"
