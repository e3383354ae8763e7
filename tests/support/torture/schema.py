"""The schema. What a field gives depends on the number of its object alone, so that two executions give the same."""

import asyncio
from collections.abc import AsyncIterator
from enum import Enum
from typing import Annotated, Any, TypeVar, cast

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

MOST = 997

T = TypeVar("T")

NOT_AN_ID = strawberry.ID("x")


class Awkward(Exception):  # noqa: N818  (it is thrown on purpose)
    """What resolvers raise."""


@strawberry.enum
class Colour(Enum):
    """An enum whose values are not its names."""

    RED = "r"
    GREEN = "g"


@strawberry.input
class Depths:
    """An input within an input."""

    levels: list[int] = strawberry.field(default_factory=lambda: [1, 2])
    below: "Depths | None" = None


@strawberry.input
class Sizes:
    """With values that are left out."""

    many: int = 2
    colour: Colour = Colour.RED
    ratio: float | None = None
    depths: Depths | None = None


def step(number: int, by: int) -> int:
    """The number of an object below."""
    return (number * 31 + by * 7 + 3) % MOST


def moody(number: int, value: T) -> T:
    """The value, or now and then an error, an error as a value, or nothing, which the type does not tell."""
    mood = number % 11
    if mood == 0:
        raise Awkward(f"{number} raises")
    other: Any = {1: None, 2: Awkward(f"{number} is an error")}
    return cast("T", other.get(mood, value))


@strawberry.interface
class Numbered:
    """What has a number."""

    number: int

    @strawberry.field
    def doubled(self) -> int:
        """A resolver of an interface."""
        return self.number * 2

    @strawberry.field
    async def next(self) -> "Numbered | None":
        """One of several types, awaited."""
        await asyncio.sleep(0)
        return moody(self.number, thing(step(self.number, 1)))


@strawberry.type
class Leafy(Numbered):
    """All kinds of leaves."""

    @strawberry.field
    def text(self) -> str:
        """May not be null, and is now and then."""
        return moody(self.number, f"text {self.number}")

    @strawberry.field
    async def late(self) -> str | None:
        """May be null, and is awaited."""
        await asyncio.sleep(0)
        return moody(step(self.number, 5), "late")

    @strawberry.field
    def small(self) -> int:
        """Is too large for GraphQL now and then."""
        return 2**40 if self.number % 13 == 0 else self.number

    @strawberry.field
    def odd(self) -> str:
        """Is no text at all."""
        return cast("str", moody(step(self.number, 2), self.number))

    @strawberry.field
    def colour(self) -> Colour | None:
        """An enum."""
        return moody(self.number, Colour.GREEN)

    @strawberry.field
    def path(self, info: strawberry.Info) -> str:
        """Where it is asked for."""
        return ".".join(map(str, info.path.as_list()))

    @strawberry.field
    async def letters(self) -> list[str]:
        """None of them may be null."""
        return [moody(step(self.number, each), "a") for each in range(2)]


@strawberry.type
class Branchy(Numbered):
    """Objects and lists of them."""

    @strawberry.field
    def child(self) -> "Branchy":
        """May not be null, and is now and then."""
        return moody(self.number, Branchy(number=step(self.number, 3)))

    @strawberry.field
    async def leaf(self) -> "Leafy | None":
        """Awaited."""
        return moody(step(self.number, 4), Leafy(number=step(self.number, 4)))

    @strawberry.field
    def children(self, sizes: Sizes) -> "list[Branchy | None]":
        """Each may be null."""
        return [
            moody(step(self.number, each), Branchy(number=step(self.number, each))) for each in range(sizes.many % 4)
        ]

    @strawberry.field
    async def grid(self, many: int = 2) -> "list[list[Leafy]] | None":
        """A list of lists."""
        return [[Leafy(number=step(self.number, row + each)) for each in range(2)] for row in range(many % 4)]

    @strawberry.field
    def anything(
        self, colour: Colour | None = None
    ) -> "list[Annotated[Leafy | Branchy, strawberry.union('Anything')]]":
        """A union."""
        return [thing(step(self.number, each)) for each in range(3 if colour is Colour.RED else 1)]

    @strawberry.field
    def awaited_items(self) -> "list[Leafy | None]":
        """A list of what is awaited."""
        return [_late(step(self.number, each)) for each in range(2)]  # type: ignore[misc]

    @strawberry.field
    async def streamed(self) -> list[int] | None:
        """A list that comes by and by."""
        return _streamed(self.number)  # type: ignore[return-value]

    @strawberry.field
    def no_list(self) -> list[int] | None:
        """No list now and then."""
        return cast("list[int] | None", moody(self.number, 5))


async def _late(number: int) -> Leafy | None:
    await asyncio.sleep(0)
    return moody(number, Leafy(number=number))


async def _streamed(number: int) -> AsyncIterator[int]:
    for each in range(3):
        await asyncio.sleep(0)
        yield moody(step(number, each), each)


def thing(number: int) -> Leafy | Branchy:
    """One of the two."""
    return Leafy(number=number) if number % 2 else Branchy(number=number)


@strawberry.type
class Query:
    """Where it begins."""

    @strawberry.field
    def branch(self, number: int = 4) -> Branchy | None:
        """At once."""
        return Branchy(number=number % MOST)

    @strawberry.field
    async def leaf(self, number: int) -> Leafy:
        """May not be null: the whole answer is, if it fails."""
        return moody(number, Leafy(number=number % MOST))

    @strawberry.field
    async def numbered(self, numbers: list[int]) -> list[Numbered | None]:
        """As many as are asked for."""
        return [thing(number % MOST) for number in numbers[:5]]

    @strawberry.field
    def echo(self, text: str = "hello", ratio: float = 0.5, number: strawberry.ID = NOT_AN_ID) -> str:
        """What it is told."""
        return f"{text} {ratio} {number}"


@strawberry.type
class Mutation:
    """One after the other."""

    @strawberry.mutation
    async def count(self, info: strawberry.Info) -> int:
        """How many were executed before."""
        info.context.append("count")
        await asyncio.sleep(0)
        return len(info.context)

    @strawberry.mutation
    def change(self, info: strawberry.Info, number: int) -> Branchy:
        """May not be null: what comes after it is not executed, if it fails."""
        info.context.append("change")
        return moody(number, Branchy(number=number % MOST))


def create() -> strawberry.Schema:
    """The schema."""
    return strawberry.Schema(Query, Mutation, types=[Leafy, Branchy], config=StrawberryConfig())


EXECUTOR = StrawberryGraphQLCoreExecutionContext
"""graphql-core's own, as Strawberry uses it."""
