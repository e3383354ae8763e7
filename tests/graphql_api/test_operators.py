import pytest
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from graphql_api.operators import is_operator
from settings.config import AppEnv, Settings


def _asks(settings: Settings, authorization: str | None) -> bool:
    headers = [(b"authorization", authorization.encode("latin-1"))] if authorization is not None else []
    return is_operator(HTTPConnection({"type": "http", "headers": headers}), settings)


@pytest.fixture
def production(settings: Settings) -> Settings:
    return settings.model_copy(update={"app_env": AppEnv.PRODUCTION, "metrics_token": SecretStr("a token")})


@pytest.mark.parametrize("authorization", ["Bearer a token", "bearer a token"])
def test_in_production_whoever_has_the_token_is_an_operator(production: Settings, authorization: str) -> None:
    assert _asks(production, authorization)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer another", "Basic a token", "Bearer \xe4"]
)
def test_in_production_nobody_else_is(production: Settings, authorization: str | None) -> None:
    assert not _asks(production, authorization)
    assert not _asks(production.model_copy(update={"metrics_token": SecretStr("")}), authorization)


def test_outside_production_everybody_is(settings: Settings) -> None:
    assert _asks(settings, None)
