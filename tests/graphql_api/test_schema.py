"""The schema as code generators read it."""

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema

from graphql_api.schema import SDL, create_schema, unknown_fields
from settings.rates import DEFAULT, PATHS, parse

ROOTS = {"Query", "Mutation", "Subscription"}


def test_the_committed_schema_is_current() -> None:
    assert create_schema().as_str() + "\n" == SDL.read_text()


def test_every_type_field_and_argument_says_what_it_is() -> None:
    schema = build_schema(SDL.read_text())
    silent = []
    for name, kind in schema.type_map.items():
        if name.startswith("__") or not isinstance(
            kind, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType, GraphQLEnumType)
        ):
            continue
        silent += [] if kind.description or name in ROOTS else [name]
        for field_name, field in getattr(kind, "fields", {}).items():
            silent += [] if field.description else [f"{name}.{field_name}"]
            silent += [f"{name}.{field_name}({a})" for a, v in getattr(field, "args", {}).items() if not v.description]
    assert silent == []


def test_every_rate_limit_is_of_a_root_field_and_others_are_told_of() -> None:
    names = parse(DEFAULT).keys() - PATHS
    assert unknown_fields(create_schema(), [*names, "products", "userSignin", "id"]) == ["id", "userSignin"]
