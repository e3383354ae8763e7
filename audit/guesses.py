"""clairvoyance: what the errors of near misses give away of a schema that nobody may ask for.

It takes a word without an error for a field, 64 in a request: it is told of as many errors, not of five as by default.
"""

from contextlib import suppress
from pathlib import Path

import orjson
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema

from audit.findings import StillRunningError, refuse
from audit.stage import FOLDER, Stage
from audit.tools import run, tool

SECONDS = 60
ERRORS = 64

PLACEHOLDER = "dummy"
"""The field that it gives a type of which it knows none."""


def check(stage: Stage, control: Stage) -> str:
    """No field is recovered; of an API in development, which suggests names, some must be."""
    words = near_misses(Path("schema.graphql").read_text())
    told = recovered(control, words)
    refuse([] if told else ["nothing was recovered in development"], "the tool is blind")
    refuse(recovered(stage, words), "recovered")
    return f"no field recovered from {len(words)} near misses; {len(told)} of an API in development"


def near_misses(sdl: str) -> list[str]:
    """Of each name of the schema one with a letter too few; none is a name."""
    kinds = (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)
    types = [each for each in build_schema(sdl).type_map.values() if isinstance(each, kinds)]
    names = {name for each in types for name in each.fields}
    return sorted({name[:-2] + name[-1] for name in names if len(name) > 3} - names)  # noqa: PLR2004  (what is left of shorter ones is like anything)


def recovered(stage: Stage, words: list[str]) -> list[str]:
    """The fields that the tool has read from the errors."""
    listed, told = FOLDER / "near-misses.txt", FOLDER / f"recovered-{stage.settings.app_env}.json"
    listed.write_text("\n".join(words))
    told.unlink(missing_ok=True)
    with suppress(StillRunningError):  # it writes after each type; in development it goes on for long
        run([tool("clairvoyance"), "-p", "fast", "-w", listed, "-o", told, stage.graphql], SECONDS)
    refuse([] if told.exists() else ["it wrote nothing"], "the tool did not get through")
    schema = orjson.loads(told.read_bytes())["data"]["__schema"]
    return [
        f"{kind['name']}.{field['name']}"
        for kind in schema["types"]
        for field in (kind.get("fields") or [])
        if not str(kind["name"]).startswith("__") and field["name"] != PLACEHOLDER
    ]
