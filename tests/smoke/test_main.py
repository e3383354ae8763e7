import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.application import Collections
from tests.support.catalog import add_product
from tests.support.processes import Server, free_port
from tests.support.smtp import SmtpSink

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


def smoke(**environment: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.smoke"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.usefixtures("worker")
async def test_a_deployment_that_works_is_walked_through(
    api: Server, collections: Collections, smtp_sink: SmtpSink
) -> None:
    product_id = await add_product(collections)
    status, said = smoke(URL=f"{api.url}/", MAIL="ada@example.com")
    assert (status, said[-1]) == (0, "It works.")
    letters = await smtp_sink.arrived(3)
    assert {letter.recipients[0].partition("+smoke-")[0] for letter in letters} == {"ada"}
    product, order = await collections.products.find_one({"_id": product_id}), await collections.orders.find_one()
    assert ((product or {})["stock"], (order or {})["status"]) == (10, "CANCELLED")


async def test_a_deployment_whose_letter_fails_fails_there(worker: Server, api: Server, smtp_sink: SmtpSink) -> None:
    assert worker.pid
    smtp_sink.refuse_next("550 5.1.1 No such user")
    status, said = smoke(URL=api.url, MAIL="ada@example.com")
    assert (status, said[-2].startswith("A new account")) == (1, True)
    assert said[-1].startswith(
        "Its letter, watched over a WebSocket: FAILED, Failure('the job of the letter is FAILED')"
    )


async def test_a_deployment_that_is_not_there_fails_at_once() -> None:
    status, said = smoke(URL=f"http://127.0.0.1:{free_port()}", MAIL="ada@example.com")
    assert (status, len(said)) == (1, 1)
    assert said[0].startswith("It lives and is ready: FAILED, ConnectError")


@pytest.mark.parametrize("variables", [{}, {"URL": "localhost", "MAIL": "a@b.c"}, {"URL": "http://localhost"}])
async def test_a_walk_needs_to_know_where_and_for_whom(variables: dict[str, str]) -> None:
    assert smoke(**variables)[0] == 2
