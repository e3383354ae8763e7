from graphql import OperationDefinitionNode, parse

from graphql_api.graphiql.build import FOLDER


def test_every_example_is_a_named_operation_because_its_name_is_the_title_of_its_tab() -> None:
    operations = parse((FOLDER / "examples.graphql").read_text()).definitions
    assert operations
    for operation in operations:
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None
