"""How long an answer may be kept, by the hints of a schema."""

from collections.abc import Iterator

import pytest
import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_composite_type,
    parse,
    visit,
)
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis_graphql import queries

from graphql_api.caching.hints import NEVER, Hint, hint_of, kinds_of
from graphql_api.schema import SDL, create_schema
from schema.access import Permission
from schema.caching import CacheControl, CacheControlScope, cached, inherited
from schema.categories.model import Category
from schema.orders.model import Order
from schema.permissions import permitted
from schema.products.model import Product

PRIVATE = CacheControl(max_age=60, scope=CacheControlScope.PRIVATE)
UNSAID = CacheControl(max_age=60)


@strawberry.interface
class Thing:
    """Some of them are for nobody else."""

    name: str
    size: "Size"


@strawberry.type(directives=[inherited()])
class Size:
    """Part of what it stands in."""

    width: int


@strawberry.type(directives=[cached(Product, max_age=60)])
class Lamp(Thing):
    """Public."""

    owner: "Person"
    maker: "Person" = strawberry.field(directives=[cached(Order, max_age=40)])
    secret: str = strawberry.field(directives=[CacheControl(max_age=0)])
    note: str = strawberry.field(directives=[PRIVATE])
    later: str = strawberry.field(directives=[cached(Category, max_age=20)])

    @permitted(  # type: ignore[untyped-decorator]  # as Strawberry's own with options
        Permission.CATALOG_MANAGE, description="Not for everybody.", directives=[cached(Product, max_age=60)]
    )
    async def margin(self) -> int:
        return 1


@strawberry.type(directives=[cached(Category, max_age=300)])
class Chair(Thing):
    """Public, but for its size."""

    size: "Size" = strawberry.field(directives=[CacheControl(max_age=0)])


@strawberry.type
class Person:
    """Says nothing."""

    name: str


@strawberry.type
class Query:
    """Roots of all sorts."""

    lamp: Lamp
    chair: Chair
    thing: Thing = strawberry.field(directives=[cached(Product, max_age=90)])
    said_nothing: Thing
    either: Lamp | Chair
    person: Person
    size: Size
    number: int
    known: int = strawberry.field(directives=[cached(Order, max_age=10)])
    mine: int = strawberry.field(directives=[PRIVATE])
    unsaid: int = strawberry.field(directives=[UNSAID])


CORE: GraphQLSchema = strawberry.Schema(Query, types=[Lamp, Chair])._schema  # noqa: SLF001  (Strawberry shows it nowhere else)
LAMPS, CHAIRS, ORDERS = "products", "categories", "orders"

HINTS: dict[str, Hint] = {
    "{ lamp { name } }": Hint(60, frozenset({LAMPS})),
    "{ lamp { __typename } }": Hint(60, frozenset({LAMPS})),
    "{ a: lamp { b: name } chair { name } }": Hint(60, frozenset({LAMPS, CHAIRS})),
    "{ lamp { size { width } } }": Hint(60, frozenset({LAMPS})),
    "{ lamp { later } }": Hint(20, frozenset({LAMPS, CHAIRS})),
    "{ lamp { maker { name } } }": Hint(40, frozenset({LAMPS, ORDERS})),
    "{ lamp { owner { name } } }": NEVER,
    "{ lamp { name secret } }": NEVER,
    "{ lamp { note } }": NEVER,
    "{ lamp { margin } }": NEVER,
    "{ known }": Hint(10, frozenset({ORDERS})),
    "{ number }": NEVER,
    "{ mine }": NEVER,
    "{ unsaid }": NEVER,
    "{ size { width } }": NEVER,
    "{ size { width } known }": NEVER,
    "{ person { name } }": NEVER,
    "{ __typename }": NEVER,
    "{ __typename known }": Hint(10, frozenset({ORDERS})),
    "{ __schema { queryType { name } } }": NEVER,
    '{ known __type(name: "Lamp") { name } }': NEVER,
    "{ thing { name } }": Hint(90, frozenset({LAMPS})),
    "{ thing { size { width } } }": NEVER,
    "{ thing { ... on Lamp { size { width } } } }": Hint(90, frozenset({LAMPS})),
    "{ thing { ... on Lamp { secret } } }": NEVER,
    "{ saidNothing { name } }": NEVER,
    "{ either { __typename } }": NEVER,
    "{ lamp { ...F } } fragment F on Thing { name }": Hint(60, frozenset({LAMPS})),
    "{ lamp { ...F } } fragment F on Lamp { ...G } fragment G on Lamp { note }": NEVER,
    "{ ...F known } fragment F on Query { number }": NEVER,
    "query($x: Boolean!) { known number @include(if: $x) }": NEVER,
    "query($x: Boolean!) { known ... @skip(if: $x) { person { name } } }": NEVER,
    "query($x: Boolean!) { known lamp @skip(if: $x) { name } }": Hint(10, frozenset({LAMPS, ORDERS})),
}


def _hint(schema: GraphQLSchema, document: DocumentNode) -> Hint:
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return hint_of(schema, document, operation)


@pytest.mark.parametrize(("text", "hint"), HINTS.items(), ids=HINTS.keys())
def test_the_least_of_all_that_is_asked_for_counts(text: str, hint: Hint) -> None:
    assert _hint(CORE, parse(text)) == hint


def test_kinds_are_those_that_hints_name() -> None:
    assert kinds_of(CORE) == {LAMPS, CHAIRS, ORDERS}
    assert kinds_of(create_schema()._schema) == {"products", "categories", "files"}  # noqa: SLF001  (as above)


def test_of_mutations_and_subscriptions_nothing_is_kept() -> None:
    schema = create_schema()._schema  # noqa: SLF001  (as above)
    for text in ('mutation { productArchive(input: {id: "x"}) { product { name } } }', "subscription { __typename }"):
        assert _hint(schema, parse(text)) == NEVER


SCALARS = {name: st.just(StringValueNode(value="1")) for name in ("Decimal", "DateTime", "Upload")}
WRITTEN = build_schema(SDL.read_text())
"""The schema as its readers see it: what is public is looked up there a second time, in another way."""

ROOTS = ("products", "product", "categories", "category")
OTHERS = ("me", "node", "nodes", "orders", "users", "order", "jobs")


@given(data=st.data())
@examples(max_examples=150)
def test_what_is_kept_is_what_the_schema_says_of_every_field(data: st.DataObject) -> None:
    fields = data.draw(st.lists(st.sampled_from([*ROOTS, *ROOTS, *OTHERS]), min_size=1, max_size=4, unique=True))
    text = data.draw(queries(SDL.read_text(), fields=fields, custom_scalars=SCALARS))
    document = parse(text)
    assert _hint(create_schema()._schema, document).is_public is _is_public(document)  # noqa: SLF001  (as above)


def _is_public(document: DocumentNode) -> bool:
    types, found = TypeInfo(WRITTEN), _Fields()
    found.types = types
    visit(document, TypeInfoVisitor(types, found))
    return all(found.public) and bool(found.public)


class _Fields(Visitor):
    types: TypeInfo

    def __init__(self) -> None:
        super().__init__()
        self.public: list[bool] = []

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Whether this one is public where it stands."""
        if node.name.value == "__typename":
            return
        field, parent = self.types.get_field_def(), self.types.get_parent_type()
        assert field
        assert parent
        answered = get_named_type(field.type)
        said = next(_hints(field.ast_node.directives if field.ast_node else ()), None)
        if said is None and is_composite_type(answered):
            said = next(_hints(answered.ast_node.directives if answered.ast_node else ()), "private")
        is_root = parent is WRITTEN.query_type
        self.public.append(said == "public" or (said in {None, "inherited"} and not is_root))


def _hints(directives: tuple[DirectiveNode, ...] | None) -> Iterator[str]:
    for each in directives or ():
        if each.name.value == "cacheControl":
            values = {argument.name.value: argument.value for argument in each.arguments or ()}
            if "inheritMaxAge" in values:
                yield "inherited"
            else:
                age, scope = values["maxAge"], values["scope"]
                assert isinstance(age, IntValueNode)
                assert isinstance(scope, EnumValueNode)
                yield "public" if int(age.value) and scope.value == "PUBLIC" else "private"
