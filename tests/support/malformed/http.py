"""Requests that are malformed before anybody looks at their document."""

from collections.abc import Iterator

from tests.support.malformed.raw import HEAD, JSON, post


def bodies() -> Iterator[bytes]:
    """What is no request."""
    for text in (
        b"",
        b" ",
        b"null",
        b"true",
        b"1",
        b'"x"',
        b"[]",
        b"{}",
        b"[null]",
        b"[[]]",
        b"-",
        b"1e999",
        b"NaN",
        b"Infinity",
    ):
        yield post(text)
    for text in (
        b"\xff\xfe",
        b"\x00",
        b'{"query":"\xff"}',
        b'{"query":"\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        b"{",
        b"{]}",
        b"'x'",
    ):
        yield post(text)
    for text in (
        b"[" * 60_000,
        b'{"a":' * 20_000,
        b"9" * 100_000,
        b'{"query":' + b"1" * 5_000 + b"}",
        b'"' + b"a" * 130_000,
    ):
        yield post(text)
    for value in (b"null", b"1", b"[]", b"{}", b"true", b'""', b'["{__typename}"]', b"1.5"):
        yield post(b'{"query":' + value + b"}")
        yield post(b'{"query":"{__typename}","variables":' + value + b',"extensions":[]}')
        yield post(b'{"query":"{__typename}","operationName":' + value + b',"variables":1}')
    for kind in (
        b"text/plain",
        b"",
        b"application/xml",
        b"application/json5",
        b"multipart/form-data",
        b"application/graphql",
    ):
        yield post(b'{"query":"{__typename}"}', b"Content-Type: " + kind + b"\r\n")
    yield post(
        b"--x\r\n\r\n--x--", b"Content-Type: multipart/form-data; boundary=x\r\nGraphQL-Require-Preflight: 1\r\n"
    )
    yield post(b"\x1f\x8b\x08" + b"\x00" * 40, JSON + b"Content-Encoding: gzip\r\n")


def paths() -> Iterator[bytes]:
    """Paths, parameters and methods."""
    for path in (
        b"/",
        b"//",
        b"/%",
        b"/%zz",
        b"/%00",
        b"/%ff",
        b"/..",
        b"/../../etc/passwd",
        b"/graphql/",
        b"/graphql;a",
        b"*",
        b"x",
    ):
        yield b"GET " + path + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
    for path in (
        b"/files/x",
        b"/files/%2e%2e",
        b"/files/" + b"a" * 9_000,
        b"/unsubscribe",
        b"/unsubscribe/%00",
        b"/dev/mailbox",
    ):
        yield b"GET " + path + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
    for query in (
        b"?query",
        b"?query=",
        b"?query=%00",
        b"?query={",
        b"?variables=[",
        b"?query={a}&variables=" + b"[" * 9_000,
    ):
        yield b"GET /graphql" + query + b" HTTP/1.1\r\n" + HEAD + b"GraphQL-Require-Preflight: 1\r\n\r\n"
    for method in (b"PUT", b"DELETE", b"TRACE", b"CONNECT", b"PATCH", b"OPTIONS", b"HEAD", b"BREW"):
        yield method + b" /graphql HTTP/1.1\r\n" + HEAD + b"\r\n"


def heads() -> Iterator[bytes]:
    """Headers, and how long the body is said to be."""
    body = b'{"query":"{me{user{id}}}"}'
    for name in (
        b"Authorization",
        b"Cookie",
        b"X-Request-ID",
        b"Origin",
        b"X-Forwarded-For",
        b"traceparent",
        b"Accept",
    ):
        for value in (b"\xff" * 50, b"a" * 20_000, b"Bearer a.b.c", b";=;=;", b"\x01"):
            yield post(body, JSON + name + b": " + value + b"\r\n")
    yield post(body, JSON + b"Cookie: " + b"; ".join(b"c%d=1" % number for number in range(5_000)) + b"\r\n")
    yield post(body, JSON + b"".join(b"X-%d: 1\r\n" % number for number in range(3_000)))
    yield post(body, JSON + b"X: " + b"a" * 200_000 + b"\r\n")
    for length in (b"-1", b"x", b"99999999999999999999", b"1, 2", b"+1"):
        yield b"POST /graphql HTTP/1.1\r\n" + HEAD + JSON + b"Content-Length: " + length + b"\r\n\r\n" + body
    chunked = b"POST /graphql HTTP/1.1\r\n" + HEAD + JSON + b"Transfer-Encoding: chunked\r\n"
    for chunks in (
        b"zz\r\n",
        b"-1\r\n",
        b"ffffffffffffffffff\r\n",
        b"5\r\nab\r\n0\r\n\r\n",
        b"20001\r\n" + b"a" * 0x20001 + b"\r\n0\r\n\r\n",
    ):
        yield chunked + b"\r\n" + chunks
    yield chunked + b"Content-Length: 5\r\n\r\n0\r\n\r\n"
    yield b"GET / HTTP/9.9\r\n\r\n"
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
