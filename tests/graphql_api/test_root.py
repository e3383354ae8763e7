import pytest

from settings.config import AppEnv, Settings
from tests.support.application import serving

pytestmark = pytest.mark.anyio

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
NOT_FOUND = (404, {"detail": "Not Found"})


async def test_in_development_a_browser_is_led_to_graphiql_and_nobody_else(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"app_env": AppEnv.DEVELOPMENT})) as client:
        response = await client.http.get("/", headers={"Accept": BROWSER})
        assert (response.status_code, response.headers["location"]) == (307, "/graphql")
        response = await client.http.get("/", headers={"Accept": "application/json"})
        assert (response.status_code, response.json()) == NOT_FOUND


@pytest.mark.parametrize("stage", [AppEnv.TEST, AppEnv.PRODUCTION])
async def test_elsewhere_there_is_nothing(settings: Settings, stage: AppEnv) -> None:
    async with serving(settings.model_copy(update={"app_env": stage, "allow_debug": True})) as client:
        response = await client.http.get("/", headers={"Accept": BROWSER})
        assert (response.status_code, response.json()) == NOT_FOUND
