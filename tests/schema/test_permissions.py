"""Every field of the schema says who may use it."""

from collections.abc import Iterator

from graphql import GraphQLInterfaceType, GraphQLObjectType
from strawberry.types.field import StrawberryField

from graphql_api.schema import create_schema
from schema.access import GRANTS, Permission, Role
from schema.permissions import ACCESS, PUBLIC


def test_no_field_is_without_a_mark() -> None:
    assert _unmarked() == []


def test_a_field_that_needs_a_permission_says_so() -> None:
    fields = dict(_fields())
    assert "Needs the permission `users:read`." in str(fields["Query.users"].description)
    assert "Needs a signed-in user." in str(fields["Mutation.passwordChange"].description)


def test_an_administrator_may_all_and_a_user_only_be_signed_in() -> None:
    assert {Role.ADMIN: frozenset(Permission), Role.USER: frozenset({Permission.SIGNED_IN})} == GRANTS


def _unmarked() -> list[str]:
    marks = {PUBLIC[ACCESS], *Permission}
    return [name for name, field in _fields() if field.metadata.get(ACCESS) not in marks]


def _fields() -> Iterator[tuple[str, StrawberryField]]:
    graphql_schema = create_schema()._schema  # noqa: SLF001  (Strawberry shows it nowhere else)
    for name, kind in graphql_schema.type_map.items():
        if not name.startswith("__") and isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            yield from (
                (f"{name}.{field_name}", field.extensions["strawberry-definition"])
                for field_name, field in kind.fields.items()
            )
