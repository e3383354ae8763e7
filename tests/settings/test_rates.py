"""The notation of rate limits."""

from pathlib import Path

import pytest

from settings.config import Settings
from settings.rates import DEFAULT, parse
from tests.settings.test_config import faults, loaded


def test_what_is_named_replaces_its_default_and_the_rest_stays() -> None:
    settings = Settings(_env_file=None, rate_limits="orderPlace=5/second;100 per 2 hours, jobs=7/day,/health=9/minute")
    rates = {name: [str(item) for item in items] for name, items in settings.field_rates.items()}
    assert rates["orderPlace"] == ["5 per 1 second", "100 per 2 hour"]
    assert rates["jobs"] == ["7 per 1 day"]
    assert rates["userSignIn"] == ["120 per 1 minute"]
    assert [str(item) for item in settings.path_rates["/health"]] == ["9 per 1 minute"]
    assert settings.path_rates.keys() == {"/files", "/unsubscribe", "/health"}


def test_the_default_names_fields_and_paths() -> None:
    assert parse(DEFAULT).keys() >= {"userSignIn", "userSignUp", "orderPlace", "/files"}


@pytest.mark.parametrize(
    "text",
    [
        "userSignIn",
        "userSignIn=",
        "=5/minute",
        "userSignIn=many",
        "userSignIn=5/fortnight",
        "userSignIn=0/minute",
        "userSignIn=-5/minute",
        "userSignIn=5/minute;0/hour",
        f"userSignIn={'9' * 5000}/minute",
        f"userSignIn=5/{'9' * 20} minute",
        "user-sign-in=5/minute",
        "/live=5/minute",
        "/graphql=5/minute",
        "userSignIn:5/minute",
    ],
)
def test_a_limit_that_is_none_is_refused_at_the_start(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, {"RATE_LIMITS": text}).keys() == {"RATE_LIMITS"}


def test_it_is_read_from_the_environment(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"RATE_LIMITS": "orderPlace=5/second"})["rate_limits"] == "orderPlace=5/second"
