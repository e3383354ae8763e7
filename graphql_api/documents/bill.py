"""What one request is charged: first what it may cost at most, in the end what it did."""

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from graphql_api.documents.cost import FREE, Selection, actual
from schema.context import Purse
from schema.errors import RateLimited

READING = 1
"""What it costs to look at a document, whatever is in it: a flood of small or bad ones is a flood."""

CHARACTERS = 20
"""Of a document that is not remembered, as many cost 1 more: to read and to validate it is the work of its length."""


def reading(text: str, *, is_known: bool) -> int:
    """What it costs to look at the document of this text."""
    return READING if is_known else READING + len(text) // CHARACTERS


class Bill:
    """Of one request; without a purse it is added up and nobody pays."""

    def __init__(self, purse: Purse | None) -> None:
        self._purse = purse
        self._selection = FREE
        self._requested = self._charged = 0
        self.is_open = False

    def charge(self, amount: int, fields: Iterable[str] = ()) -> GraphQLError | None:
        """Take it, and ask for these root fields; or say that there is not so much."""
        if self._purse and (wait := self._purse.take(amount, fields)):
            refusal = RateLimited(wait)
            return GraphQLError(str(refusal), original_error=refusal)
        return None

    def open(self, selection: Selection, cost: int, fields: Iterable[str] = ()) -> list[GraphQLError]:
        """Charge what this selection of these root fields may cost at most; an error if there is not so much."""
        if error := self.charge(cost, fields):
            return [error]
        self._selection, self._requested, self._charged, self.is_open = selection, cost, cost, True
        return []

    def cost_of(self, data: Any) -> int:  # noqa: ANN401  (what was answered)
        """What this answer costs."""
        return actual(self._selection, data)

    def settled(self, cost: int) -> dict[str, int]:
        """What was not needed for an answer of this cost is given back; all of it as the client reads it."""
        if self._purse:
            self._purse.give_back(self._charged - cost)
        self._charged = cost
        return {"requested": self._requested, "actual": cost} | (self._purse.shown() if self._purse else {})
