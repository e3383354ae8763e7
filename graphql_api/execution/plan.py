"""An operation that can be executed again and again."""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues, get_variable_values

from graphql_api.execution.compiler import Compiler, RootField
from graphql_api.execution.plain import FEW
from graphql_api.execution.run import MOST_WATCHED, Asked, Run
from graphql_api.execution.variants import ROOM_FOR_FIELDS, Variants, size_of


class Plan:
    """One operation of a validated document. More than a `few` objects of a selection are read by a function."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variants: Variants | None = None,
        few: int = FEW,
    ) -> None:
        fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
        self._schema = schema
        self._operation = operation
        self._few = few
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self._details = {name: FragmentDetails(each, None) for name, each in self._fragments.items()}
        self._conditions = _conditions(document)
        self._variants = variants or Variants(ROOM_FOR_FIELDS)
        self._id = uuid.uuid4()
        self._size = size_of(operation, self._fragments)
        root = schema.get_root_type(operation.operation)
        if root is None:
            raise LookupError("A validated operation has a type.")
        self._root: GraphQLObjectType = root

    async def execute(self, asked: Asked) -> ExecutionResult:
        """The answer; without data if the variables are not what the operation asks for."""
        variables = self._coerced(asked)
        if isinstance(variables, list):
            return ExecutionResult(None, variables)
        run = Run(asked, variables)
        data = await self._filled(run)
        return ExecutionResult(None if run.is_null else data, run.errors or None)

    def _coerced(self, asked: Asked) -> VariableValues | list[GraphQLError]:
        definitions = self._operation.variable_definitions
        if not definitions:
            return VariableValues({}, {})
        given, hidden = dict(asked.variables or {}), asked.hides_suggestions
        return get_variable_values(self._schema, definitions, given, asked.most_errors, hidden)

    async def _filled(self, run: Run) -> dict[str, Any]:
        result: dict[str, Any] = {}
        watch = run.asked.watch
        try:
            fields = self._fields(run.variables)
            if self._operation.operation is OperationType.MUTATION:
                await _one_by_one(fields, result, run)
            elif watch is None:
                await _together(fields, result, run)
            else:
                await _side_by_side(fields, result, run)
        except GraphQLError as error:  # of a root field that may not be null, or of null for `@skip` or `@include`
            run.errors.append(error)
            run.is_null = True
        return result

    def _fields(self, variables: VariableValues) -> Sequence[RootField]:
        values = {name: variables.coerced.get(name) for name in self._conditions}
        which = tuple(value if value is None else bool(value) for value in values.values())
        fields: list[RootField] | None = self._variants.get((self._id, which))
        if fields is None:
            fields = self._compiled(variables, values)
            self._variants.put((self._id, which), fields, self._size)
        return fields

    def _compiled(self, variables: VariableValues, values: dict[str, Any]) -> list[RootField]:
        sources = {name: variables.sources[name] for name in values if name in variables.sources}
        conditions = VariableValues(sources, values)
        compiler = Compiler(self._schema, self._operation, self._fragments, self._details, conditions, self._few)
        return compiler.root(self._root)


async def _together(fields: Sequence[RootField], result: dict[str, Any], run: Run) -> None:
    for field in fields:
        field.fill(run.asked.root_value, result, None, run)
    await run.settle()


async def _one_by_one(fields: Sequence[RootField], result: dict[str, Any], run: Run) -> None:
    for number, field in enumerate(fields):
        await _one(number, field, result, run)
        if run.is_null:
            break


async def _side_by_side(fields: Sequence[RootField], result: dict[str, Any], run: Run) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number, field in enumerate(fields):
            tasks.create_task(_one(number, field, result, run))


async def _one(number: int, field: RootField, result: dict[str, Any], run: Run) -> None:
    watch = run.asked.watch if number < MOST_WATCHED else None
    with watch(field.name, field.key, run.errors) if watch else nullcontext():
        try:
            field.fill(run.asked.root_value, result, None, run)
            await run.settle()
        except GraphQLError as error:  # of one that may not be null
            run.errors.append(error)
            run.is_null = True


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:  # noqa: ANN401  (as graphql-core calls it)
        values = [argument.value for argument in node.arguments or ()]
        self.names.update(value.name.value for value in values if isinstance(value, VariableNode))


def _conditions(document: DocumentNode) -> list[str]:
    """The variables that directives ask for."""
    found = _Conditions()
    visit(document, found)
    return sorted(found.names)
