import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from settings.config import Settings

ROOT = Path(__file__).parents[2]
LOAD = "from settings import config; print(config.load().model_dump_json())"
PRODUCTION = {
    "APP_ENV": "production",
    "DB_URL": "mongodb://db/postberry",
    "REDIS_URL": "redis://redis",
    "SMTP_URL": "smtp://mail",
    "JWT_SECRET": "0123456789abcdef" * 2,
}


def load(folder: Path, environment: dict[str, str], program: str = LOAD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def loaded(folder: Path, environment: dict[str, str]) -> dict[str, object]:
    done = load(folder, environment)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def faults(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Which variables the refusal names, and what it says of each."""
    done = load(folder, environment)
    assert (done.returncode, done.stdout) == (78, "")
    assert "Traceback" not in done.stderr
    return dict(line.strip().split(": ", 1) for line in done.stderr.splitlines() if line.startswith("  "))


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    bad = {
        "APP_ENV": "staging",
        "PORT": "eighty",
        "DB_URL": "postgres://db",
        "READ_PREFERENCE": "tertiary",
        "REDIS_URL": "http://redis",
        "SMTP_URL": "mail",
        "STORAGE_URL": "ftp://files",
        "JWT_SECRET": "short",
        "JWT_SECRET_PREVIOUS": "short",
        "ALLOW_DEBUG": "perhaps",
        "LOG_LEVEL": "LOUD",
        "LOG_MAX_BYTES": "-1",
        "SHUTDOWN_TIMEOUT": "soon",
        "STOP_GRACE": "1",
    }
    assert faults(tmp_path, bad).keys() == bad.keys()


def test_a_bad_app_env_says_which_there_are(tmp_path: Path) -> None:
    assert faults(tmp_path, {"APP_ENV": "staging"}) == {
        "APP_ENV": "Input should be 'development', 'test' or 'production'"
    }


def test_production_needs_servers_and_a_secret(tmp_path: Path) -> None:
    names = ["DB_URL", "REDIS_URL", "SMTP_URL", "JWT_SECRET"]
    assert faults(tmp_path, {"APP_ENV": "production"}) == dict.fromkeys(names, "is required in production")


def test_production_starts_with_what_it_needs(tmp_path: Path) -> None:
    assert loaded(tmp_path, PRODUCTION)["db_url"] == "mongodb://db/postberry"


def test_development_needs_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, {})["redis_url"] == "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize("name", ["JWT_SECRET", "JWT_SECRET_PREVIOUS"])
def test_a_secret_of_32_characters_is_long_enough(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, {name: "x" * 32})[name.lower()] == "**********"


def test_production_verifies_certificates(tmp_path: Path) -> None:
    blind = {"DB_URL": "mongodb://db/?tls=true&tlsInsecure=true", "REDIS_URL": "rediss://redis?ssl_cert_reqs=none"}
    assert faults(tmp_path, PRODUCTION | blind).keys() == blind.keys()


@pytest.mark.parametrize("environment", ["development", "test", "production"])
@pytest.mark.parametrize("name", ["JWT_SECRET", "JWT_SECRET_PREVIOUS"])
def test_a_secret_of_31_characters_is_too_short_everywhere(tmp_path: Path, environment: str, name: str) -> None:
    changed = PRODUCTION | {"APP_ENV": environment, name: "x" * 31}
    assert faults(tmp_path, changed) == {name: "must have 32 characters or more"}


def test_the_secret_that_is_set_signs() -> None:
    assert Settings(_env_file=None, jwt_secret=SecretStr("s" * 32)).signing_secret == "s" * 32


def test_development_without_a_secret_signs_with_the_same_one_in_every_process(tmp_path: Path) -> None:
    shown = {
        load(tmp_path, {}, "from settings import config; print(config.load().signing_secret)").stdout for _ in "12"
    }
    assert [secret.startswith("development only") for secret in shown] == [True]


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({"SMTP_TIMEOUT": "25"}, {"WORKER_DRAIN_TIMEOUT": "must be longer than SMTP_TIMEOUT"}),
        ({"WORKER_DRAIN_TIMEOUT": "40"}, {"STOP_GRACE": "must be longer than WORKER_DRAIN_TIMEOUT"}),
        ({"SHUTDOWN_TIMEOUT": "40"}, {"STOP_GRACE": "must be longer than SHUTDOWN_TIMEOUT"}),
        ({"STOP_GRACE": "inf"}, {"STOP_GRACE": "Input should be a finite number"}),
    ],
)
def test_time_limits_are_ordered(tmp_path: Path, environment: dict[str, str], fault: dict[str, str]) -> None:
    assert faults(tmp_path, environment) == fault


def test_the_environment_wins_over_the_local_file_and_that_over_the_common_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=1001\nHOST=common\nMAIL_FROM=common@example.com\n")
    (tmp_path / ".env.local").write_text("PORT=1002\nHOST=local\n")
    settings = loaded(tmp_path, {"PORT": "1003"})
    assert (settings["port"], settings["host"], settings["mail_from"]) == (1003, "local", "common@example.com")


@pytest.mark.parametrize("where", ["environment", "file"])
def test_production_reads_its_own_file_instead_of_the_local_one(tmp_path: Path, where: str) -> None:
    (tmp_path / ".env").write_text("APP_ENV=production\n" if where == "file" else "")
    (tmp_path / ".env.local").write_text("PORT=1002\nHOST=local\n")
    (tmp_path / ".env.production").write_text("\n".join(f"{name}={value}" for name, value in PRODUCTION.items()))
    settings = loaded(tmp_path, {"APP_ENV": "production"} if where == "environment" else {})
    assert (settings["app_env"], settings["host"], settings["port"]) == ("production", "127.0.0.1", 8000)


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"PORT": "", "JWT_SECRET": ""})["port"] == 8000


def test_origins_are_separated_by_commas(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {"FRONTEND_URL": " https://a.example, https://b.example ,"})
    assert settings["frontend_url"] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize(
    "value",
    ["*", "null", "www.example.com", "https://*.example.com", "https://a.example/shop", "https://u:p@a.example"],
)
def test_what_is_no_origin_is_refused(tmp_path: Path, value: str) -> None:
    assert faults(tmp_path, {"FRONTEND_URL": value}).keys() == {"FRONTEND_URL"}


@pytest.mark.parametrize("value", ["*", "proxy.internal", "0.0.0.0/0", "::/0", "10.0.0.0/33"])
def test_nobody_and_everybody_are_no_proxies(tmp_path: Path, value: str) -> None:
    assert faults(tmp_path, {"TRUSTED_PROXIES": value}).keys() == {"TRUSTED_PROXIES"}


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "0.0.0.0", "port": 80}, "http://127.0.0.1:80"),  # noqa: S104  # nothing is bound
        ({"host": "::"}, "http://[::1]:8000"),
        ({"public_url": "https://api.example.com/shop/"}, "https://api.example.com/shop"),
    ],
)
def test_clients_reach_the_api_where_it_says_or_where_it_listens(given: dict[str, Any], url: str) -> None:
    assert Settings(_env_file=None, **given).api_url == url


@pytest.mark.parametrize(
    ("given", "addresses"),
    [("", []), (" ada@example.com ,, grace@Example.COM", ["ada@example.com", "grace@example.com"])],
)
def test_a_list_of_addresses_has_commas_between_them(tmp_path: Path, given: str, addresses: list[str]) -> None:
    assert loaded(tmp_path, {"SALES_REPORT_TO": given})["sales_report_to"] == addresses


@pytest.mark.parametrize("name", [".env", ".env.local"])
def test_an_env_file_that_is_not_utf8_is_one_clear_message(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"JWT_SECRET=geheim\xff\n")
    done = load(tmp_path, {})
    assert (done.returncode, done.stderr.count("\n")) == (78, 1)
    assert f"an .env file in {tmp_path} is not readable UTF-8 text" in done.stderr
    assert "geheim" not in done.stderr


def test_an_unreadable_env_file_is_one_clear_message(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # root may read anything: only what the kernel refuses to read is unreadable to it
        (tmp_path / ".env").symlink_to("/proc/self/mem")
    else:
        (tmp_path / ".env").touch(mode=0o000)
    done = load(tmp_path, {})
    assert (done.returncode, done.stderr.count("\n")) == (78, 1)
    assert "not readable" in done.stderr


def test_secrets_are_never_printed(tmp_path: Path) -> None:
    secrets = {
        "JWT_SECRET": "geheim" * 6,
        "JWT_SECRET_PREVIOUS": "geheim" * 7,
        "METRICS_TOKEN": "geheim",
        "DB_URL": "mongodb://u:geheim@db",
        "REDIS_URL": "redis://:geheim@redis",
        "SMTP_URL": "smtp://u:geheim@mail",
        "STORAGE_URL": "s3://key:geheim@bucket",
    }
    shown = load(tmp_path, secrets, "from settings import config; s = config.load(); print(s, repr(s))")
    assert "jwt_secret" in shown.stdout
    assert "geheim" not in shown.stdout + shown.stderr


def test_refused_secrets_are_never_printed(tmp_path: Path) -> None:
    names = ["JWT_SECRET", "JWT_SECRET_PREVIOUS", "DB_URL", "REDIS_URL", "SMTP_URL", "STORAGE_URL", "PORT", "LOG_LEVEL"]
    done = load(tmp_path, dict.fromkeys(names, "geheim"))
    assert all(name in done.stderr for name in names)
    assert "geheim" not in done.stderr


def test_refused_secrets_are_in_no_trace(tmp_path: Path) -> None:
    done = load(
        tmp_path, {"JWT_SECRET": "geheim", "DB_URL": "geheim"}, "from settings import config; config.Settings()"
    )
    assert "ValidationError" in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.parametrize(
    "bad",
    [
        {"REDIS_URL": "redis://:S3cretPw/x@127.0.0.1:6379/0"},
        {"SMTP_URL": "smtp://user:S3cretPw#1@127.0.0.1:25"},
        {"SMTP_URL": "smtp://"},
        {"REDIS_URL": "redis://127.0.0.1:notaport"},
        {"DB_URL": "mongodb://"},
        {"DB_URL": "mongodb://127.0.0.1:99999/x"},
        {"MAIL_FROM": "not an address"},
        {"SALES_REPORT_TO": "ada@example.com, not an address"},
        {"SALES_REPORT_TO": "Ada <ada@example.com>"},
        {"STORAGE_URL": "file://"},
        {"STORAGE_URL": "file:///"},
        {"STORAGE_URL": "file://storage?S3cretPw"},
        {"STORAGE_URL": "s3://"},
        {"STORAGE_URL": "s3://S3cretPw"},
        {"STORAGE_URL": "s3://key:S3cretPw/x@bucket"},
        {"STORAGE_URL": "s3://key@bucket"},
        {"STORAGE_URL": "s3://[S3cretPw"},
        {"STORAGE_URL": "s3://bucket?secret=S3cretPw"},
        {"STORAGE_URL": "s3://bucket?endpoint=S3cretPw"},
        {"STORAGE_URL": "s3://bucket?endpoint=ftp://S3cretPw"},
        {"STORAGE_URL": "https://S3cretPw"},
        {"PUBLIC_URL": "api.example.com"},
        {"PUBLIC_URL": "ftp://api.example.com"},
        {"PUBLIC_URL": "https://api.example.com?S3cretPw"},
        {"PUBLIC_URL": "https://u:S3cretPw@api.example.com"},
        {"PUBLIC_URL": "https://"},
        {"UPLOAD_MAX_BYTES": "0"},
        {"UPLOAD_MAX_BYTES": "10 MB"},
    ],
)
def test_a_url_or_an_address_that_is_none_is_named_without_its_secrets(tmp_path: Path, bad: dict[str, str]) -> None:
    assert faults(tmp_path, bad).keys() == bad.keys()
    assert "S3cretPw" not in load(tmp_path, bad).stderr
