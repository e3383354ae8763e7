"""What is told of MongoDB's commands, by a tracer whose spans the test reads."""

from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, Tracer
from prometheus_client import CollectorRegistry
from pymongo.errors import DuplicateKeyError

from schema.database import Database, connect
from schema.jobs.model import Job
from schema.monitoring import listeners

pytestmark = pytest.mark.anyio


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans: InMemorySpanExporter) -> Iterator[Tracer]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    yield provider.get_tracer("tests")
    provider.shutdown()


@pytest.fixture
async def database(mongodb_url: str, tracer: Tracer) -> AsyncIterator[Database]:
    database = await connect(mongodb_url, app_name="tests", listeners=listeners(CollectorRegistry(), tracer))
    yield database
    await database.close()


async def test_a_command_says_its_name_and_its_collection_and_no_value(
    database: Database, tracer: Tracer, spans: InMemorySpanExporter
) -> None:
    with tracer.start_as_current_span("request"):
        await database.collection(Job).insert_one({"secret": "swordfish"})
        await database.collection(Job).find_one({"secret": "swordfish"})
    insert, find, request = spans.get_finished_spans()
    assert [command.name.rpartition(".")[2] for command in (insert, find)] == ["insert", "find"]
    assert {(command.attributes or {})["db.mongodb.collection"] for command in (insert, find)} == {"jobs"}
    assert {command.parent and command.parent.span_id for command in (insert, find)} == {request.context.span_id}
    assert "swordfish" not in "".join(span.to_json() for span in (insert, find))


async def test_a_command_that_failed_says_its_code_and_no_word(
    database: Database, tracer: Tracer, spans: InMemorySpanExporter
) -> None:
    jobs = database.collection(Job)
    await jobs.create_index("secret", unique=True)
    await jobs.insert_one({"secret": "swordfish"})
    with tracer.start_as_current_span("request"), pytest.raises(DuplicateKeyError, match="swordfish"):
        await jobs.find_one_and_update({"_id": 1}, {"$set": {"secret": "swordfish"}}, upsert=True)
    command = spans.get_finished_spans()[0]
    assert (command.status.status_code, command.status.description) == (StatusCode.ERROR, None)
    assert (command.attributes or {})["db.response.status_code"] == "11000"
    assert "swordfish" not in command.to_json()


async def test_a_command_of_nobodys_is_no_span(database: Database, tracer: Tracer, spans: InMemorySpanExporter) -> None:
    await database.collection(Job).find_one()
    with tracer.start_as_current_span("request"):
        pass
    assert [span.name for span in spans.get_finished_spans()] == ["request"]
