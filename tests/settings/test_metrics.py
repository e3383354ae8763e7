import pytest
from pydantic import SecretStr

from settings.config import AppEnv, Settings
from settings.metrics import is_permitted


@pytest.fixture
def production(settings: Settings) -> Settings:
    return settings.model_copy(update={"app_env": AppEnv.PRODUCTION, "metrics_token": SecretStr("a token")})


@pytest.mark.parametrize("authorization", ["Bearer a token", "bearer a token"])
def test_in_production_whoever_has_the_token_may_look(production: Settings, authorization: str) -> None:
    assert is_permitted(production, authorization)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Bearer another", "Basic a token", "Bearer \xe4"])
def test_in_production_nobody_else_may(production: Settings, authorization: str) -> None:
    assert not is_permitted(production, authorization)
    assert not is_permitted(production.model_copy(update={"metrics_token": SecretStr("")}), authorization)


def test_outside_production_everybody_may(settings: Settings) -> None:
    assert is_permitted(settings, "")
