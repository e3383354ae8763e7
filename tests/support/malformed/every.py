"""Two hundred requests and more, each malformed in its own way: bodies, documents, paths, headers and frames."""

from tests.support.malformed.documents import documents, variables
from tests.support.malformed.frames import frames, socket
from tests.support.malformed.http import bodies, heads, paths

UNFINISHED = ("head", "frame")
"""Kinds after which a server may wait for more; the others wait for an answer, and would not get it if they hung up."""


def malformed() -> dict[str, bytes]:
    """By what is wrong with it: all that is sent of it before the client is silent."""
    kinds = {"body": bodies, "document": documents, "variables": variables, "path": paths, "head": heads}
    every = {f"{kind} {number}": each for kind, made in kinds.items() for number, each in enumerate(made())}
    return every | {f"frame {number}": socket(each) for number, each in enumerate(frames())}
