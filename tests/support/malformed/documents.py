"""Documents and variables that are malformed."""

from collections.abc import Iterator

from tests.support.malformed.raw import graphql, spread_fragments


def documents() -> Iterator[bytes]:
    """What nobody can answer."""
    for text in (
        "{",
        "}",
        "{}",
        "query",
        "{a(}",
        "{a{}}",
        "{...}",
        "{...F}",
        "...",
        "{a:}",
        "@",
        "{__typename@}",
        "{a(b:)}",
    ):
        yield graphql(text)
    for text in (
        "\x00",
        "\ud800",
        "\u202e{__typename}",
        "😀",
        "{__typename}\x00",
        '{a(b:"',
        '{a(b:"""',
        '{a(b:"\\uD800")}',
    ):
        yield graphql(text)
    for text in ("schema{query:Query}", "type A{a:Int}", "extend type Query{a:Int}", "fragment F on Query{__typename}"):
        yield graphql(text)
    for text in (
        "{a " * 900,
        "{" + "a " * 1990,
        "{" + "__typename " * 300 + "}",
        "#" * 19_000,
        "#\n" * 5_000,
        "," * 19_000,
    ):
        yield graphql(text)
    for text in (
        "{" + "me{user{id}}" * 66 + "}",
        "{a}" * 300,
        "{products(first:" + "9" * 10_000 + "){nodes{id}}}",
        "x" * 30_000,
    ):
        yield graphql(text)
    yield graphql("{nodes(ids:[" + '"x"' * 1_900 + "]){id}}")
    yield graphql("{products(first:" + "[" * 900 + "]" * 900 + "){nodes{id}}}")
    yield graphql("{products(where:{" + " ".join(f"a{n}:1" for n in range(600)) + "}){nodes{id}}}")
    yield graphql("query(" + " ".join(f"$v{n}:Int" for n in range(480)) + "){__typename}")
    yield graphql("{__schema{types{" + "name " * 1_900 + "}}}")
    yield graphql("{__typename}" + "".join(f"fragment F{n} on Query{{...F{(n + 1) % 150}}}" for n in range(150)))
    yield graphql("{__typename" + "@skip(if:true)" * 190 + "}")
    yield graphql("query A{__typename} query B{__typename}")
    yield graphql("query A{__typename}", operationName="B")
    yield graphql("subscription{jobUpdated(id:1){id}}")
    yield graphql(spread_fragments())


def variables() -> Iterator[bytes]:
    """To documents that are as they should be."""
    products = "query($w:ProductWhere,$n:Int){products(where:$w,first:$n){nodes{id}}}"
    numbers: list[object] = [-1, 0, 101, 2**31, 2**53, 10**400, 1.5, "1", True, [], {}, None]
    for number in numbers:
        yield graphql(products, {"n": number})
    for text in (
        "(a+)+$",
        "^" * 5_000,
        "\x00",
        "\ud800",
        "$where",
        "😀" * 5_000,
        "\u0301" * 5_000,
        ".*" * 2_000,
        "a " * 5_000,
    ):
        yield graphql(products, {"w": {"search": text}})
        yield graphql(products, {"w": {"name": {"contains": text}}})
    where: object = {"search": "a"}
    for _ in range(200):
        where = {"not": where}
    yield graphql(products, {"w": where})
    yield graphql(products, {"w": {"or": [{"search": "a"}] * 3_000}})
    yield graphql(products, {"w": {"$where": "sleep(1000)"}})
    yield graphql(products, {"w": {"price": {"gte": "9" * 5_000}}})
    yield graphql(products, {f"v{n}": n for n in range(8_000)})
    nodes = "query($ids:[ID!]!){nodes(ids:$ids){id}}"
    for ids in (
        ["x"] * 10_000,
        [""],
        ["\x00"],
        ["A" * 100_000],
        [None],
        [[["a"]]],
        "x",
        ["VXNlcjox"],
        ["VXNlcjo="],
        [1] * 101,
    ):
        yield graphql(nodes, {"ids": ids})
    sign_in = "mutation($i:UserSignInInput!){userSignIn(input:$i){accessToken userErrors{code}}}"
    for email in ({"$gt": ""}, "\ud800", "a@" + "b." * 5_000, "😀@x", "\r\nBcc: x", None):
        yield graphql(sign_in, {"i": {"email": email, "password": "x"}})
    yield graphql(sign_in, {"i": {"email": "ada@example.com", "password": "p" * 100_000}})
