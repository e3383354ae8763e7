"""GraphQL over HTTP: the audits of graphql-http, which ask as an administrator."""

import orjson

from audit.findings import refuse
from audit.stage import Stage
from audit.tools import node

AUDITS = 61


def check(stage: Stage) -> str:
    """Every audit, those of what should be and may be as well as of what must be."""
    results = orjson.loads(node("specification.mjs", stage.graphql, environment={"TOKEN": stage.administrator}))
    refuse([f"{each['id']} {each['name']}: {each['reason']}" for each in results if each["status"] != "ok"], "refused")
    refuse([] if len(results) == AUDITS else [f"{len(results)} audits were made"], f"there are not {AUDITS} audits")
    return f"{len(results)} of {len(results)} audits"
