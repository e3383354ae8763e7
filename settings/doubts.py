"""What is valid, but most likely not meant: said once, when a program starts."""

from collections.abc import Iterator
from pathlib import Path

from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from settings.config import AppEnv, Settings

_FILE = Path(".env.production")
_WHERE = "APP_ENV belongs into the environment, or into .env"
_UNSET = {
    "public_url": "PUBLIC_URL is not set: links to files and unsubscribe links lead to HOST:PORT",
    "mail_from": "MAIL_FROM is not set: letters come from an address that is not yours",
}


class _Stage(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    app_env: str = ""


def doubts(settings: Settings) -> list[str]:
    """A sentence for each."""
    return [*_of_the_stage(settings), *(_of_production(settings) if settings.is_production else ())]


def _of_the_stage(settings: Settings) -> Iterator[str]:
    if settings.app_env is AppEnv.DEVELOPMENT and _FILE.is_file():
        yield f"this is development, so {_FILE} is not read: {_WHERE}"
    if settings.is_production and "app_env" in DotEnvSettingsSource(_Stage, env_file=_FILE)():
        yield f"APP_ENV stands in {_FILE}, where it decides nothing: {_WHERE}"


def _of_production(settings: Settings) -> Iterator[str]:
    if settings.trusted_documents and settings.allow_debug:
        yield "ALLOW_DEBUG lets anybody send other documents than TRUSTED_DOCUMENTS has"
    for name, sentence in _UNSET.items():
        if name not in settings.model_fields_set:
            yield sentence
