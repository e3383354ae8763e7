"""Our own schema, to be fuzzed over a shop with demo data: by nobody, a customer and an administrator.

Of mutations those are compared that are refused, so that both executors find the same shop: what who asks may not do,
and what is to be done to things that are not there. Those that write are left to the suite, run with each executor.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from graphql import GraphQLField, GraphQLSchema, OperationType, execute, parse
from hypothesis import strategies as st
from hypothesis_graphql import mutations, nodes, queries
from odmantic import ObjectId
from prometheus_client import CollectorRegistry
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_api.caching.opening import PublicData
from graphql_api.meters import Meters
from graphql_api.persisted.file import TrustedDocuments
from graphql_api.schema import create_schema
from graphql_api.services import Services
from graphql_api.services import opened as services_opened
from schema.access import GRANTS, Permission, Viewer
from schema.context import Client, Context
from schema.engine import Document
from schema.nodes import to_global_id
from schema.permissions import ACCESS
from schema.viewer.queries import NODES
from settings.config import Settings
from tests.fuzz.documents import Family, families, mixed
from tests.fuzz.errors import relax
from tests.fuzz.plausible import Known
from tests.fuzz.stock import ADMINISTRATOR, CUSTOMER

WHO: dict[str, Viewer | None] = {"nobody": None, "customer": CUSTOMER, "administrator": ADMINISTRATOR}

NEEDS_A_THING = (
    "sessionRevoke",
    "userRoleSet",
    "userDeactivate",
    "userRestore",
    "productCreate",
    "productUpdate",
    "productArchive",
    "productRestore",
    "productImageAttach",
    "orderPlace",
    "orderCancel",
    "orderStatusSet",
    "jobRetry",
    "jobCancel",
)
"""Mutations that are refused where the thing that they name is not there."""

NOT_BY_DOCUMENT = frozenset({"fileUpload"})
"""Takes what no document can say."""

_WORDS = ("lamp", "oak", "table", "wool", "a", "Noor", "admin", "customer@example.com", "request-3", "2", "")
_MOST = 30
"""Ids of each kind."""

_QUERY, _MUTATION = OperationType.QUERY, OperationType.MUTATION

_CURSORS = """{
  products(first: 20) { edges { cursor } } categories(first: 20) { edges { cursor } }
  orders(first: 20) { edges { cursor } } jobs(first: 20) { edges { cursor } } users(first: 10) { edges { cursor } }
  me { sessions { edges { cursor } } }
}"""


class ShopSubject:
    """Asked with the services of a running API."""

    def __init__(self, services: Services, known: Known) -> None:
        self.schema: GraphQLSchema = create_schema()._schema  # noqa: SLF001  (Strawberry shows it nowhere else)
        self.relaxed = relax(create_schema()._schema)  # noqa: SLF001  (the same)
        self._services = services
        self._known = known

    def families(self) -> st.SearchStrategy[Family]:
        """Queries for what who asks may ask for, and for anything; mutations that are refused."""
        both, all_three = ["customer", "administrator"], list(WHO)
        asked = ((4, "nobody", all_three), (4, "customer", both), (4, "administrator", ["administrator"]))
        permitted = [(weight, self._asked(self._permitted(_QUERY, least), who)) for weight, least, who in asked]
        anything = self._asked([*self._fields(_QUERY)], all_three)
        refused = [(1, self._refused(who)) for who in ("nobody", "customer")]
        return mixed(*permitted, (1, anything), *refused, (1, self._not_there()))

    def context(self, who: str) -> Context:
        """As a request of theirs has it; they may ask for as much as they like."""
        context = self._services.context("fuzz", WHO[who], Client(address="127.0.0.1", device="fuzz"))
        context.asked.operation = "query"
        return context

    def _asked(self, fields: list[str], who: list[str]) -> st.SearchStrategy[Family]:
        return families(self.schema, queries(self.schema, fields=fields, **_OPTIONS), who, self._known.prepare)

    def _refused(self, who: str) -> st.SearchStrategy[Family]:
        fields = sorted({*self._fields(_MUTATION)} - {*self._permitted(_MUTATION, who)} - NOT_BY_DOCUMENT)
        return families(self.schema, mutations(self.schema, fields=fields, **_OPTIONS), [who], self._known.prepare)

    def _not_there(self) -> st.SearchStrategy[Family]:
        absent = Known({kind: [to_global_id(kind, ObjectId(b"no such one."))] for kind in NODES}, always=True)
        texts = mutations(self.schema, fields=NEEDS_A_THING, **_OPTIONS)
        return families(self.schema, texts, list(WHO), absent.prepare)

    def _permitted(self, kind: OperationType, who: str) -> list[str]:
        """The root fields that they may ask for."""
        viewer, marks = WHO[who], {name: _mark(field) for name, field in self._fields(kind).items()}
        held = GRANTS[viewer.role] if viewer else frozenset()
        return [name for name, mark in marks.items() if mark in held or not isinstance(mark, Permission)]

    def _fields(self, kind: OperationType) -> dict[str, GraphQLField]:
        root = self.schema.get_root_type(kind)
        return dict(root.fields) if root else {}


def _mark(field: GraphQLField) -> object:
    return field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].metadata[ACCESS]


def _quoted(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return strategy.map(str).map(nodes.String)


_OPTIONS: dict[str, Any] = {
    "allow_x00": False,
    "custom_scalars": {
        "Decimal": _quoted(st.decimals(min_value=0, max_value=300, places=2)),
        "DateTime": _quoted(st.datetimes().map(lambda time: f"{time.isoformat()}Z")),
        "String": _quoted(st.sampled_from(_WORDS) | st.text(st.characters(codec="utf-8", min_codepoint=1))),
    },
}


@contextmanager
def opened(settings: Settings, runner: asyncio.Runner) -> Iterator[ShopSubject]:
    """The shop with these settings, that has its stock; it lives in the loop of `runner`."""
    stack, meters, public = AsyncExitStack(), Meters(CollectorRegistry()), PublicData.of(create_schema())
    services = runner.run(stack.enter_async_context(services_opened(settings, meters, TrustedDocuments(), public)))
    try:
        yield ShopSubject(services, runner.run(_known(services)))
    finally:
        runner.run(stack.aclose())


async def _known(services: Services) -> Known:
    absent = [{"_id": ObjectId(b"no such one.")}]
    found = {kind: await _first(services, kind) or absent for kind in NODES}
    ids = {kind: [to_global_id(kind, each["_id"]) for each in found[kind]] for kind in found}
    slugs = {name.lower(): [each["slug"] for each in await _first(services, name)] for name in ("Product", "Category")}
    return Known(ids, await _cursors(ShopSubject(services, Known({}))), slugs)


async def _first(services: Services, kind: str) -> list[Document]:
    collection = services.database.collection(NODES[kind][0])
    return await collection.find({}, {"slug": 1}).sort("_id").limit(_MOST).to_list()


async def _cursors(subject: ShopSubject) -> dict[str, list[str]]:
    result: Any = await execute(subject.schema, parse(_CURSORS), context_value=subject.context("administrator"))  # type: ignore[misc]  # it awaits MongoDB
    lists: Document = result.data | result.data["me"]
    return {name: [edge["cursor"] for edge in found["edges"]] for name, found in lists.items() if "edges" in found}
