from enum import StrEnum

import pytest
import strawberry

from graphql_api.schema import SDL
from schema.enums import described


class Colour(StrEnum):
    """An enum of the core."""

    RED = "RED"
    BLUE = "BLUE"


class Size(StrEnum):
    """Another one."""

    SMALL = "SMALL"
    LARGE = "LARGE"


def test_the_schema_says_what_the_enum_and_each_of_its_values_mean() -> None:
    described(Colour, "How it looks.", RED="Like a rose.", BLUE="Like the sea.")

    @strawberry.type
    class Query:
        colour: Colour

    sdl = strawberry.Schema(Query).as_str()
    assert '"""How it looks."""\nenum Colour {\n  """Like a rose."""\n  RED\n\n  """Like the sea."""\n  BLUE\n}' in sdl


def test_a_value_without_a_meaning_and_a_meaning_without_a_value_are_refused() -> None:
    with pytest.raises(TypeError, match="Size: LARGE"):
        described(Size, "How big it is.", SMALL="For one.")
    with pytest.raises(TypeError, match="Size: HUGE"):
        described(Size, "How big it is.", SMALL="For one.", LARGE="For two.", HUGE="For a crowd.")


def test_arguments_of_directives_say_what_they_are_for() -> None:
    assert 'directive @cacheControl(\n  """For so many seconds."""\n  maxAge: Int' in SDL.read_text()
