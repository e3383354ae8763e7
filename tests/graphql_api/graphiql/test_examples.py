from graphql import OperationDefinitionNode, build_schema, parse, validate

from graphql_api.graphiql.build import FOLDER
from graphql_api.schema import SDL


def test_every_example_is_a_named_operation_because_its_name_is_the_title_of_its_tab() -> None:
    operations = parse((FOLDER / "examples.graphql").read_text()).definitions
    assert operations
    for operation in operations:
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None


def test_every_example_is_valid_against_the_schema() -> None:
    assert validate(build_schema(SDL.read_text()), parse((FOLDER / "examples.graphql").read_text())) == []
