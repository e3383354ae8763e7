"""What graphql-core executes is counted: an operator sees that plans answer what they should."""

import httpx
import pytest

from schema.database import Database
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, serving
from tests.support.jobs import owe
from tests.support.metrics import Samples
from tests.support.sockets import listening, socket

pytestmark = pytest.mark.anyio

FALLBACKS = "postberry_graphql_fallbacks_total"


def counted(shown: Samples) -> dict[str, float]:
    return {reason: shown.total(FALLBACKS, reason=reason) for reason in shown.values(FALLBACKS, "reason")}


@pytest.fixture
def compiled(settings: Settings) -> Settings:
    return settings.model_copy(update={"executor": "compiled"})


async def test_a_subscription_counts_once_however_much_it_answers_and_a_query_does_not(
    compiled: Settings, database: Database
) -> None:
    async with listening(compiled) as url, socket(url) as watching, httpx.AsyncClient(base_url=url) as http:
        await Client(http).data("{ categories { nodes { id } } }")
        assert counted(Samples((await http.get("/metrics")).text)) == {"subscription": 0, "setting": 0}
        await watching.init()
        await watching.watch(to_global_id("Job", await owe(database)))
        assert await watching.status() == "QUEUED"
        assert counted(Samples((await http.get("/metrics")).text)) == {"subscription": 1, "setting": 0}


async def test_with_the_setting_all_that_is_executed_counts_and_what_is_refused_does_not(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"executor": "graphql-core"})) as client:
        await client.data("{ categories { nodes { id } } }")
        await client.data("{ categories { nodes { id } } }")
        await client.post("{ nothing }")
        shown = Samples((await client.http.get("/metrics")).text)
    assert counted(shown) == {"subscription": 0, "setting": 2}
