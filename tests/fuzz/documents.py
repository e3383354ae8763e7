"""Requests for a schema: made by hypothesis-graphql, then given all that makes a document hard to execute."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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

TWISTS = 5
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
    """A document, and how it is executed, by one plan each time."""

    text: str
    attempts: Sequence[Attempt]

    @cached_property
    def document(self) -> DocumentNode:
        """As it is read."""
        return parse(self.text)

    def is_valid(self, schema: GraphQLSchema) -> bool:
        """Whether it may be executed."""
        return not validate(schema, self.document)

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


@dataclass(frozen=True)
class Family:
    """Requests to be made of one text, as this seed throws the dice; `prepare` and `who` go with the text."""

    text: str
    seed: int
    schema: GraphQLSchema = field(repr=False, compare=False)
    who: Sequence[str] = field(compare=False)
    prepare: Prepare = field(repr=False, compare=False)

    def requests(self) -> Iterator[Request]:
        """Perhaps not all of them valid; executed twice by one of `who`, or once by each of two."""
        dice, document = Random(self.seed), parse(self.text)  # noqa: S311  (dice that a seed throws again)
        for _ in range(TWISTS):
            yield _request(self.schema, self.who, self.prepare(document, dice), dice)


def families(
    schema: GraphQLSchema, texts: st.SearchStrategy[str], who: Sequence[str], prepare: Prepare = as_it_is
) -> st.SearchStrategy[Family]:
    """Made of these texts."""
    seeds = st.integers(min_value=0, max_value=2**64 - 1)
    return st.builds(Family, texts, seeds, st.just(schema), st.just(who), st.just(prepare))


def mixed(*weighted: tuple[int, st.SearchStrategy[Family]]) -> st.SearchStrategy[Family]:
    """Each as often as its weight says: `one_of` takes what is in it several times for one."""
    every = [strategy for weight, strategy in weighted for _ in range(weight)]
    return st.integers(min_value=0, max_value=len(every) - 1).flatmap(every.__getitem__)


def _request(schema: GraphQLSchema, who: Sequence[str], document: DocumentNode, dice: Random) -> Request:
    types = TypeInfo(schema)
    twist = Twist(types, dice)
    text = print_ast(twist.finished(visit(document, TypeInfoVisitor(types, twist))))
    attempts = [Attempt(dice.choice(who), variables) for variables in (twist.variables, _others(twist, dice))]
    return Request(text, attempts)


def _others(twist: Twist, dice: Random) -> dict[str, Any]:
    """Other conditions, and now and then a default, or a value that is not what is asked for."""
    variables = twist.variables | {name: dice.random() < LEFT_OUT for name in twist.conditions}
    for name in twist.defaulted:
        if dice.random() < LEFT_OUT:
            del variables[name]
    if variables and dice.random() < WRONG:
        variables[dice.choice(list(variables))] = dice.choice(_NONSENSE)
    return variables
