"""How a line of the log looks: as JSON, and coloured for the developer's console."""

import dataclasses
import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from select import PIPE_BUF
from typing import NamedTuple

import orjson
from pydantic import BaseModel
from structlog.dev import Column, ConsoleRenderer, KeyValueColumnFormatter, LogLevelColumnFormatter
from structlog.typing import EventDict

REDACTED = "[redacted]"
_SECRET = re.compile("password|token|secret|authorization|cookie", re.IGNORECASE)
_DEEPEST = 8
_STEERING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""What JSON leaves as it is, though terminals, editors or splitters of lines act on it."""

_LEFT_OUT = frozenset({"pid", "program"})
"""Not for the developer's console: its programs run under a supervisor that names them."""

_PLAIN = frozenset({str, int, float, bool, type(None)})


class Rendered(NamedTuple):
    """One line, ready to be written: for the console, and for the files."""

    console: bytes
    line: bytes


def joined(lines: Iterable[Rendered]) -> Iterator[Rendered]:
    """As few pieces as may be, none larger than a pipe takes whole: lines of several processes would be torn."""
    pieces: list[Rendered] = []
    for each in lines:
        if sum(len(piece.console) for piece in pieces) + len(each.console) > PIPE_BUF and pieces:
            yield _one(pieces)
            pieces = []
        pieces.append(each)
    if pieces:
        yield _one(pieces)


def _one(pieces: Sequence[Rendered]) -> Rendered:
    return Rendered(b"".join(each.console for each in pieces), b"".join(each.line for each in pieces))


def redacted(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The processor that hides values whose key looks secret, at any depth of mappings, lists and models."""
    return {
        key: REDACTED if _is_secret(key) else value if type(value) in _PLAIN else _redact(value)
        for key, value in event.items()
    }


def for_machines(event: EventDict) -> Rendered:
    """JSON for files and console alike."""
    line = _to_json(event)
    return Rendered(line, line)


def for_development(event: EventDict, *, colors: bool) -> Rendered:
    """JSON for files, columns for the console, coloured or not, where what could steer a terminal is escaped."""
    line = _to_json(event)
    plain = orjson.loads(line)
    trace = [_printable(part) for part in str(plain.pop("exception", "")).splitlines()]
    shown = {_printable(key): value for key, value in plain.items() if key not in _LEFT_OUT and not _is_empty(value)}
    text = _CONSOLES[colors](None, "", shown)
    return Rendered("\n".join([text, *trace, ""]).encode(), line)


def _redact(value: object, depth: int = 1) -> object:
    if type(value) in _PLAIN:
        return value
    if depth > _DEEPEST:
        return "[too deep]"
    if isinstance(value, (list, tuple)):
        return [_redact(item, depth + 1) for item in value]
    fields = _fields(value)
    if fields is None:
        return value
    return {str(key): REDACTED if _is_secret(str(key)) else _redact(item, depth + 1) for key, item in fields.items()}


def _fields(value: object) -> Mapping[object, object] | None:
    """What `value` holds under names, if it is of a kind that does."""
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    return dict(value) if isinstance(value, BaseModel) else None


@functools.lru_cache(maxsize=1024)
def _is_secret(key: str) -> bool:
    return _SECRET.search(key) is not None


def _to_json(event: EventDict) -> bytes:
    line = _dumped(event)
    if line.isascii() and b"\x7f" not in line:
        return line
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", line.decode()).encode()


def _dumped(event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, _text, orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # lone surrogates and integers of more than 64 bits, which orjson refuses
        plain = json.loads(json.dumps(event, default=_text), parse_constant=lambda _nan: None)
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace") + b"\n"


def _text(value: object) -> str:
    return repr(value) if isinstance(value, (BaseException, bytes)) else str(value)


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)[1:-1]


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _clock(timestamp: str) -> str:
    """The time here, for whoever watches; the day, and the time everywhere, are in the files."""
    return datetime.fromisoformat(timestamp).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _for_console(value: object) -> str:
    """A value in one piece: quoted where it has blanks or anything a terminal would act on."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if text.isprintable() and " " not in text else repr(text)


def _column(value_style: str, reset: str, show: Callable[[str], str], width: int = 0) -> KeyValueColumnFormatter:
    return KeyValueColumnFormatter(None, value_style, reset, lambda value: show(str(value)), width)


def _console(*, colors: bool) -> ConsoleRenderer:
    styles = ConsoleRenderer.get_default_column_styles(colors=colors)
    levels = ConsoleRenderer.get_default_level_styles(colors=colors)
    pairs = KeyValueColumnFormatter(styles.kv_key, styles.kv_value, styles.reset, _for_console)
    columns = [
        Column("timestamp", _column(styles.timestamp, styles.reset, _clock)),
        Column("level", LogLevelColumnFormatter(levels, styles.reset, len("critical"))),
        Column("event", _column(styles.bright, styles.reset, _printable, width=24)),
        Column("logger", _column(styles.logger_name, styles.reset, _printable)),
        Column("", pairs),
    ]
    return ConsoleRenderer(sort_keys=False, columns=columns)


_CONSOLES = {colors: _console(colors=colors) for colors in (False, True)}
"""Without colours, and with them."""
