"""Requests that nobody sends in good faith, as bytes: broken, oversized, and with a secret wherever one fits."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

SECRET = "swordfish-8f1c2d"
"""What no log may hold."""

_STEERING = "\r\n\x00\x1b[2J\x07\x7f\u009b31m\u2028\u202e\ud800😀ü\\\"'"
_SIGN_IN = "mutation($i: UserSignInInput!) { userSignIn(input: $i) { accessToken userErrors { code } } }"


def requests(count: int, seed: int = 1) -> Iterator[bytes]:
    """So many of them; the same seed makes the same."""
    dice = random.Random(seed)  # noqa: S311  # no secret: dice that can be thrown again
    for _ in range(count):
        yield dice.choice(_KINDS)(dice)


def _http(body: bytes, *headers: bytes, target: bytes = b"/graphql", method: bytes = b"POST") -> bytes:
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: x", b"Connection: close", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def _graphql(query: str, variables: object = None, *headers: bytes, **fields: object) -> bytes:
    body = json.dumps({"query": query, "variables": variables} | fields).encode()
    return _http(body, b"Content-Type: application/json", *headers)


def _noise(dice: random.Random, length: int) -> bytes:
    return bytes(dice.choice([*range(1, 10), *range(11, 13), *range(14, 256)]) for _ in range(length))


def _bad_json(dice: random.Random) -> bytes:
    whole = json.dumps({"query": "{ me { user { id } } }", "variables": {"password": SECRET, "text": _STEERING}})
    body = dice.choice([whole[: dice.randrange(len(whole))], "[" * 5000, "null", "1e999", f'"{SECRET}"', "9" * 5000])
    return _http(body.encode() + _noise(dice, dice.randrange(20)), b"Content-Type: application/json")


def _secret_variables(dice: random.Random) -> bytes:
    names = ["password", "token", "email", "refreshToken", SECRET, _STEERING, "x" * dice.randrange(1, 500)]
    variables: dict[str, Any] = {"i": {dice.choice(names): dice.choice([SECRET, [SECRET], {SECRET: _STEERING}])}}
    return _graphql(_SIGN_IN, variables)


def _wrong_password(dice: random.Random) -> bytes:
    address = dice.choice(["ada@example.com", f"{SECRET}@example.com", _STEERING])
    return _graphql(_SIGN_IN, {"i": {"email": address, "password": SECRET}})


def _secret_names(dice: random.Random) -> bytes:
    word = SECRET.replace("-", "_")
    query = dice.choice(
        [
            f"query {word} {{ {word}: me {{ user {{ id }} }} }}",
            f"{{ {word} }}",
            f'{{ job(id: "{SECRET}") {{ id }} }}',
            f'mutation {{ {word}: jobCancel(input: {{id: "{SECRET}"}}) {{ job {{ id }} }} }}',
            "{ me { " * dice.randrange(1, 2000),
            f"{{ me {{ user {{ id }} }} }} # {SECRET} {_STEERING}",
        ]
    )
    return _graphql(query, None, operationName=dice.choice([None, word, SECRET + _STEERING]))


def _secret_headers(dice: random.Random) -> bytes:
    name = dice.choice(
        b"Authorization: Bearer |Authorization: Basic |Cookie: postberry_access=|Cookie: postberry_refresh=|"
        b"X-CSRF-Token: |Idempotency-Key: |User-Agent: |Content-Type: |Referer: ".split(b"|")
    )
    value = SECRET.encode() + dice.choice([b"", b"\r\nX-Evil: 1", b"\rX-Evil: 1", b"\nX-Evil: 1", _noise(dice, 9)])
    return _graphql("{ me { user { id } } }", None, name + value)


def _bad_ids(dice: random.Random) -> bytes:
    given = dice.choice(
        [
            b"abc\r\nX-Request-ID: " + SECRET.encode() + b" two",
            f"{SECRET} with blanks".encode(),
            f'"{SECRET}","level":"error"'.encode(),
            b"x" * dice.choice([65, 8_000, 40_000]),
            _noise(dice, 40),
            b"\xc2\x9b31m\xe2\x80\xa8",
        ]
    )
    return _graphql("{ __typename }", None, b"X-Request-ID: " + given)


def _bad_targets(dice: random.Random) -> bytes:
    path = dice.choice([b"/%0d%0a%1b[2J%c2%9b%e2%80%ae", b"/" + b"x" * 4000, b"/graphql", b"//\\..%2f", b"/%ff%fe%00"])
    method = dice.choice([b"GET", b"DELETE", b"TRACE", b"HEAD", b"BREW", b"get"])
    return _http(b"", target=path + b"?token=" + SECRET.encode(), method=method)


def _no_http(dice: random.Random) -> bytes:
    return _noise(dice, dice.randrange(1, 300)) + SECRET.encode() + b"\r\n\r\n"


_KINDS: list[Callable[[random.Random], bytes]] = [
    _bad_json,
    _secret_variables,
    _wrong_password,
    _secret_names,
    _secret_headers,
    _bad_ids,
    _bad_targets,
    _no_http,
]
