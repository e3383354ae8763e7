"""Bundles `console/` into `static/`: `python -m graphql_api.console.build`."""

from pathlib import Path

from graphql_api.pages.bundle import Bundle, sources

FOLDER = Path(__file__).parents[2] / "console"
MADE = ("node_modules", "src/generated")
"""What the build itself writes there."""

SCHEMA = "../schema.graphql"
"""The types are made of it."""


def console() -> Bundle:
    """The console as its sources are now."""
    static = Path(__file__).parent / "static"
    return Bundle("The console", "console", FOLDER, static, (*sources(FOLDER, MADE), SCHEMA))


if __name__ == "__main__":
    console().main()
