"""Requests for a schema: made by hypothesis-graphql, then given all that makes a document hard to execute."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    get_operation_ast,
    parse,
    print_ast,
    validate,
    visit,
)
from hypothesis import strategies as st

from tests.fuzz.twist import Twist

TWISTS = 4
"""How many documents are made of one: to make one from nothing takes longer than all else that is done with it."""

WRONG, LEFT_OUT = 0.04, 0.5
"""How often a variable is not what is asked for, and how often one that has a default is left out."""

_NONSENSE: tuple[Any, ...] = (None, "nonsense", 2**40, True, [[]], {"x": 1}, 1.5)


@dataclass(frozen=True)
class Attempt:
    """One execution of a document: by whom, with which variables."""

    who: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A document that is valid, and how it is executed, by one plan each time."""

    text: str
    document: DocumentNode = field(repr=False)
    attempts: Sequence[Attempt]

    @property
    def operation(self) -> OperationDefinitionNode:
        """The one there is."""
        operation = get_operation_ast(self.document)
        if operation is None:
            raise LookupError("A document has one operation here.")
        return operation


Prepare = Callable[[DocumentNode, Random], DocumentNode]
"""What is done to a document before it is twisted."""


def as_it_is(document: DocumentNode, _: Random) -> DocumentNode:
    """Nothing."""
    return document


def requests(
    schema: GraphQLSchema, texts: st.SearchStrategy[str], who: Sequence[str], prepare: Prepare = as_it_is
) -> st.SearchStrategy[list[Request]]:
    """Valid ones, made of one of these texts: executed twice by one of these, or once by each of two."""
    seeds = st.integers(min_value=0, max_value=2**64 - 1)
    return st.builds(partial(_valid, schema, who, prepare), texts, seeds)


def mixed(*weighted: tuple[int, st.SearchStrategy[list[Request]]]) -> st.SearchStrategy[list[Request]]:
    """Each as often as its weight says: `one_of` takes what is in it several times for one."""
    every = [strategy for weight, strategy in weighted for _ in range(weight)]
    return st.integers(min_value=0, max_value=len(every) - 1).flatmap(every.__getitem__)


def _valid(schema: GraphQLSchema, who: Sequence[str], prepare: Prepare, text: str, seed: int) -> list[Request]:
    dice, document = Random(seed), parse(text)  # noqa: S311  (dice that a seed throws again)
    twisted = (_request(schema, who, prepare(document, dice), dice) for _ in range(TWISTS))
    return [request for request in twisted if not validate(schema, request.document)]


def _request(schema: GraphQLSchema, who: Sequence[str], document: DocumentNode, dice: Random) -> Request:
    types = TypeInfo(schema)
    twist = Twist(types, dice)
    text = print_ast(twist.finished(visit(document, TypeInfoVisitor(types, twist))))
    attempts = [Attempt(dice.choice(who), variables) for variables in (twist.variables, _others(twist, dice))]
    return Request(text, parse(text), attempts)


def _others(twist: Twist, dice: Random) -> dict[str, Any]:
    """Other conditions, and now and then a default, or a value that is not what is asked for."""
    variables = twist.variables | {name: dice.random() < LEFT_OUT for name in twist.conditions}
    for name in twist.defaulted:
        if dice.random() < LEFT_OUT:
            del variables[name]
    if variables and dice.random() < WRONG:
        variables[dice.choice(list(variables))] = dice.choice(_NONSENSE)
    return variables
