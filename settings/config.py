"""Every setting of Postberry, read from the environment once, by the entry point of each program."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from babel.numbers import list_currencies
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from settings import servers, urls
from settings.addresses import EmailAddresses, Networks, Origins, Sender
from settings.documents import DocumentSettings
from settings.http import HttpLimits
from settings.pages import PageSettings
from settings.rates import RateLimits

EXIT_BAD_SETTINGS = 78
"""EX_CONFIG of sysexits.h: supervisors know it as "do not restart, mend the configuration"."""

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
ReadPreference = Literal["primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"]
Url = Annotated[str, Field(max_length=2048)]


class AppEnv(StrEnum):
    """Where the program runs."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Settings(RateLimits, DocumentSettings, PageSettings, HttpLimits, BaseSettings):
    """The settings tree. Field descriptions are the documentation: `.env.example` repeats them."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        validate_default=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    app_env: AppEnv = Field(AppEnv.DEVELOPMENT, description="development | test | production.")
    host: str = Field("127.0.0.1", description="Address the API listens on, and the worker's /metrics.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    public_url: Url = Field("", description="URL at which clients reach the API; empty: http://HOST:PORT.")
    api_workers: int = Field(1, ge=1, le=64, description="API processes; one per core serves most.")
    worker_processes: int = Field(1, ge=1, le=64, description="Worker processes of one worker program.")
    worker_concurrency: int = Field(50, ge=1, le=1000, description="Jobs one worker process runs at once.")

    db_url: Url = Field(
        "",
        repr=False,
        description="MongoDB replica set, mongodb:// or mongodb+srv://, path: the database; required in production.",
    )
    read_preference: ReadPreference = Field(
        "primary",
        description="Where queries read: primary | primaryPreferred | secondary | secondaryPreferred | nearest.",
    )
    redis_url: Url = Field(
        "",
        repr=False,
        description="Redis, redis(s)://, redis(s)+sentinel:// or redis(s)+cluster://: the doorbell and shared limits; "
        "required in production.",
    )
    smtp_url: Url = Field(
        "",
        repr=False,
        description="Mail, smtp:// (STARTTLS if offered), smtp+starttls:// (always) or smtps://, "
        "user:password@host:port; required in production.",
    )
    smtp_connections: int = Field(10, ge=1, le=1000, description="Most connections of a worker process to the server.")
    storage_url: Url = Field(
        "file://var/storage",
        repr=False,
        description="Where files are kept: file://folder or s3://bucket/prefix?endpoint=...&region=...",
    )
    upload_max_bytes: int = Field(
        10_000_000, ge=1, le=1_000_000_000, description="Size in bytes of the largest file that may be uploaded."
    )
    mail_from: Sender = Field("Postberry <no-reply@postberry.localhost>", description="Sender of every letter.")
    mailbox_dir: Path = Field(Path("var/mailbox"), description="Maildir that /dev/mailbox shows (development only).")
    frontend_url: Origins = Field((), description="Origins of pages that may ask (CORS); letters link to the first.")

    currency: str = Field("EUR", description="The shop's currency: all its prices are in it. ISO 4217.")
    trusted_proxies: Networks = Field(
        (), description="Proxies whose X-Forwarded-For names the client, comma-separated addresses or networks."
    )

    jwt_secret: SecretStr = Field(
        SecretStr(""), description="Signs access tokens: 32 characters or more, required in production."
    )
    jwt_secret_previous: SecretStr = Field(
        SecretStr(""), description="The JWT_SECRET before this one: still verifies access tokens, signs none."
    )
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token that /metrics asks for in production.")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of the worker's /metrics, on HOST; 0: there is none."
    )
    require_verified_email: bool = Field(default=False, description="Only verified addresses may sign in.")

    cron_enabled: bool = Field(default=True, description="Workers do what is to be done each day.")
    nightly_hour: int = Field(3, ge=0, le=23, description="Hour of UTC at which workers tidy up and report each day.")
    jobs_kept_days: int = Field(90, ge=1, le=3650, description="Days after which jobs that are over are archived.")
    reports_kept_days: int = Field(
        30, ge=3, le=3650, description="Days after which reports are deleted; links to them are good for three."
    )
    sales_report_to: EmailAddresses = Field(
        (), description="Who gets a letter with the sales of each day, comma-separated addresses; empty: none."
    )

    log_level: LogLevel = Field("INFO", description="DEBUG | INFO | WARNING | ERROR.")
    log_dir: Path = Field(Path("logs"), description="Folder of app.log and error.log.")
    log_max_bytes: int = Field(50_000_000, ge=1_000, description="Size in bytes at which a log file is rotated.")
    log_backups: int = Field(5, ge=0, le=100, description="Rotated log files kept beside each log.")
    otel_exporter_otlp_endpoint: Url = Field("", description="OpenTelemetry collector; empty: tracing is off.")

    start_timeout: float = Field(60, ge=0, le=3600, description="Seconds a program waits for MongoDB when it starts.")
    shutdown_grace: float = Field(2, ge=0, description="Seconds /ready says 503 after SIGTERM before the API closes.")
    shutdown_timeout: float = Field(10, gt=0, le=300, description="Seconds the API has to end after SIGTERM, in all.")
    smtp_timeout: float = Field(20, gt=0, description="Seconds one letter may take; below WORKER_DRAIN_TIMEOUT.")
    worker_drain_timeout: float = Field(25, gt=0, description="Seconds the worker finishes jobs after SIGTERM.")
    stop_grace: float = Field(40, gt=0, description="Seconds the supervisor waits before it kills; the longest.")

    @field_validator("db_url", "redis_url", "smtp_url")
    @classmethod
    def _is_set_in_production_and_of_a_known_scheme(cls, value: str, info: ValidationInfo) -> str:
        name = str(info.field_name)
        if not value:
            _refuse(_is_production(info), "is required in production")
            return servers.DEVELOPMENT[name]
        servers.check(name, value, strict=_is_production(info))
        return value

    @field_validator("storage_url")
    @classmethod
    def _names_a_folder_or_a_bucket(cls, value: str) -> str:
        urls.parse_storage(value)
        return value

    @field_validator("public_url", "otel_exporter_otlp_endpoint")
    @classmethod
    def _can_have_paths_behind_it(cls, value: str) -> str:
        _refuse(bool(value) and not urls.is_web_address(value), "must be a URL that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("currency")
    @classmethod
    def _is_a_currency(cls, value: str) -> str:
        _refuse(value not in list_currencies(), "must be a currency of ISO 4217, like EUR")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _is_set_in_production(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        _refuse(not value.get_secret_value() and _is_production(info), "is required in production")
        return value

    @field_validator("jwt_secret", "jwt_secret_previous")
    @classmethod
    def _is_unset_or_long_enough(cls, value: SecretStr) -> SecretStr:
        length = len(value.get_secret_value())
        _refuse(0 < length < _SECRET_LENGTH, f"must have {_SECRET_LENGTH} characters or more")
        return value

    @field_validator("shutdown_timeout", "worker_drain_timeout", "stop_grace")
    @classmethod
    def _is_longer_than_what_it_waits_for(cls, value: float, info: ValidationInfo) -> float:
        for inner in _OUTLIVES[str(info.field_name)]:
            _refuse(value <= info.data.get(inner, 0), f"must be longer than {inner.upper()}")
        return value

    @property
    def is_production(self) -> bool:
        """Whether this is a production deployment."""
        return self.app_env is AppEnv.PRODUCTION

    @property
    def is_schema_open(self) -> bool:
        """Whether anybody may ask what the schema is."""
        return self.allow_debug or not self.is_production

    @property
    def site(self) -> str:
        """Where the links of letters lead: the first of FRONTEND_URL, else this API itself."""
        return self.frontend_url[0].rstrip("/") if self.frontend_url else self.api_url

    @property
    def api_url(self) -> str:
        """Where clients reach this API: PUBLIC_URL, else the address it listens on."""
        return self.public_url or urls.origin(self.host, self.port)

    @property
    def signing_secret(self) -> str:
        """What signs access tokens: JWT_SECRET; outside production, when that is unset, a stand-in known to all."""
        return self.jwt_secret.get_secret_value() or _DEVELOPMENT_ONLY_SECRET


class _Stage(BaseSettings):
    """Where the program runs, before the rest is known: it decides which file is read beside `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)
    app_env: str = AppEnv.DEVELOPMENT


_SECRET_LENGTH = 32
_DEVELOPMENT_ONLY_SECRET = "development only: anybody can read this secret"  # noqa: S105  # production refuses to start without its own
_OUTLIVES = {
    "shutdown_timeout": ("shutdown_grace",),
    "worker_drain_timeout": ("smtp_timeout",),
    "stop_grace": ("worker_drain_timeout", "shutdown_timeout"),
}


def _refuse(fault: bool, message: str) -> None:  # noqa: FBT001
    if fault:
        raise ValueError(message)


def _is_production(info: ValidationInfo) -> bool:
    return info.data.get("app_env") is AppEnv.PRODUCTION


def load() -> Settings:
    """The settings of this process; exits with status 78 and one message that names every bad variable."""
    try:
        return Settings(_env_file=_env_files())
    except ValidationError as error:
        message = explain(error)
    except (OSError, UnicodeDecodeError) as error:
        message = f"Postberry cannot start, an .env file in {Path.cwd()} is not readable UTF-8 text: {error}.\n"
    sys.stderr.write(message)
    raise SystemExit(EXIT_BAD_SETTINGS)


def _env_files() -> tuple[str, str]:
    return ".env", ".env.production" if _Stage().app_env == AppEnv.PRODUCTION else ".env.local"


def explain(error: ValidationError) -> str:
    """The faults of a configuration, a line per variable, without the values: they may be secrets."""
    faults = (
        f"  {str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()
    )
    remedy = "Set them in the environment or in an .env file (see .env.example)."
    return "\n".join(["Postberry cannot start, its configuration is not valid:", *faults, remedy, ""])
