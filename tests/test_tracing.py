"""One trace across both programs, as a collector gets it."""

import httpx
import pytest
from anyio import to_thread

from settings.config import Settings
from settings.version import VERSION
from tests.support.application import SIGN_UP, Client, ada, running_api
from tests.support.otlp import ATTEMPT, CLIENT, SERVER, Receiver, Traced, receiving
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink
from tests.support.waiting import until
from tests.support.worker import await_log, logged, running_worker

pytestmark = pytest.mark.anyio

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    return settings.model_copy(update={"otel_exporter_otlp_endpoint": receiver.url})


@pytest.fixture
async def signed_up(settings: Settings, smtp_sink: SmtpSink) -> None:
    """After a sign-up in a trace of its client's, its letter, and the end of both programs."""
    with running_api(settings) as api, running_worker(settings):
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            await Client(http).post(SIGN_UP, {"input": ada()}, traceparent=GIVEN, x_request_id="traced-0001")
        await smtp_sink.arrived()
        await_log(settings, "job succeeded")


def _only(spans: list[Traced], **facts: object) -> Traced:
    (span,) = [span for span in spans if {name: getattr(span, name) for name in facts} == facts]
    return span


@pytest.mark.usefixtures("signed_up")
async def test_a_sign_up_and_its_letter_are_one_trace(receiver: Receiver) -> None:
    spans = [span for span in receiver.spans if span.trace == TRACE]
    request = _only(spans, kind=SERVER)
    field = _only(spans, name="userSignUp")
    attempt = _only(spans, kind=ATTEMPT)
    letter = _only(spans, name="smtp")
    assert (request.name, request.parent) == ("mutation userSignUp", PARENT)
    assert [field.parent, attempt.parent, letter.parent] == [request.id, field.id, attempt.id]
    assert (attempt.name, letter.kind) == ("attempt SIGN_UP_EMAIL", CLIENT)
    assert {each.attributes["db.mongodb.collection"] for each in _commands(spans, field)} >= {"users", "jobs"}
    assert {each.attributes["db.mongodb.collection"] for each in _commands(spans, attempt)} >= {"jobs"}


def _commands(spans: list[Traced], parent: Traced) -> list[Traced]:
    return [span for span in spans if span.parent == parent.id and "db.mongodb.collection" in span.attributes]


@pytest.mark.usefixtures("signed_up")
async def test_each_span_says_what_it_is_of(receiver: Receiver, settings: Settings) -> None:
    spans = [span for span in receiver.spans if span.trace == TRACE]
    request, attempt, letter = _only(spans, kind=SERVER), _only(spans, kind=ATTEMPT), _only(spans, name="smtp")
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "url.path": "/graphql",
        "request.id": "traced-0001",
        "graphql.operation.type": "mutation",
        "graphql.fields": ["userSignUp"],
    }
    (done,) = [line for line in logged(settings) if line["event"] == "job succeeded"]
    assert attempt.attributes == {
        "job.id": done["job"],
        "job.kind": "SIGN_UP_EMAIL",
        "job.attempt": 1,
        "job.status": "SUCCEEDED",
        "request.id": "traced-0001",
    }
    host, port = settings.smtp_url.removeprefix("smtp://").split(":")
    assert letter.attributes == {
        "server.address": host,
        "server.port": int(port),
        "smtp.response.status_code": 250,
    }
    services = {(str(span.service["service.name"]), span.service["service.version"]) for span in spans}
    assert services == {("postberry-api", VERSION), ("postberry-worker", VERSION)}


@pytest.mark.usefixtures("signed_up")
async def test_lines_of_the_log_say_where_in_the_trace_they_were_written(
    receiver: Receiver, settings: Settings
) -> None:
    spans = {span.id: span for span in receiver.spans if span.trace == TRACE}
    written = {str(line["event"]): line for line in logged(settings)}
    assert {written[event]["trace_id"] for event in ("request", "job succeeded")} == {TRACE}
    assert spans[str(written["request"]["span_id"])].kind == SERVER
    assert spans[str(written["job succeeded"]["span_id"])].kind == ATTEMPT
    assert "trace_id" not in written["api ready"]


@pytest.mark.usefixtures("signed_up")
async def test_no_span_has_a_word_of_what_was_sent_or_written(receiver: Receiver, smtp_sink: SmtpSink) -> None:
    exported = b"".join(receiver.bodies)
    (letter,) = smtp_sink.letters
    words = [*ada().values(), letter.sender, str(letter.message["Subject"]), "$set", "argon2", "tests, 32 characters"]
    assert [word for word in words if word.encode() in exported] == []
    assert b"userSignUp" in exported


@pytest.mark.usefixtures("signed_up")
async def test_what_the_programs_ask_by_themselves_is_no_trace(receiver: Receiver) -> None:
    assert {span.trace for span in receiver.spans} == {TRACE}


async def test_a_collector_that_goes_and_comes_back_costs_two_lines(settings: Settings) -> None:
    port = free_port()
    away = settings.model_copy(update={"otel_exporter_otlp_endpoint": f"http://127.0.0.1:{port}"})
    with running_api(away) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            assert (await Client(http).post("{ __typename }")).json()["data"] == {"__typename": "Query"}
            await to_thread.run_sync(await_log, settings, "the collector of traces is away, spans are lost")
            assert (await Client(http).post("{ __typename }")).status_code == 200
            with receiving(port) as receiver:
                until(lambda: receiver.spans, "A span", 30)
        api.process.terminate()
        assert api.process.wait(10) == 0
    lines = [line for line in logged(settings) if line["level"] not in {"info", "debug"}]
    away_line, back_line = lines
    assert "Connection refused" in str(away_line["reason"])
    assert back_line["event"] == "the collector of traces is back"


async def test_a_collector_that_hangs_keeps_no_program_from_ending(
    settings: Settings, receiver: Receiver, smtp_sink: SmtpSink
) -> None:
    receiver.open.clear()
    with running_api(settings) as api, running_worker(settings) as worker:
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            await Client(http).post(SIGN_UP, {"input": ada()})
        await smtp_sink.arrived()
        for program in (api, worker):
            program.process.terminate()
        assert [program.process.wait(15) for program in (api, worker)] == [0, 0]
    assert (receiver.asked.is_set(), receiver.bodies) == (True, [])
