"""Bundles GraphiQL into `static/`: `python -m graphql_api.graphiql.build`."""

from pathlib import Path

from graphql_api.pages.bundle import Bundle

FOLDER = Path(__file__).parent
INPUTS = (".npmrc", "bundle.mjs", "examples.graphql", "main.css", "main.jsx", "package-lock.json", "package.json")

GRAPHIQL = Bundle("GraphiQL", "graphiql", FOLDER, FOLDER / "static", INPUTS)

if __name__ == "__main__":
    GRAPHIQL.main()
