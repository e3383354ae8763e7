"""Where the servers are that `make run` starts: kept in var/run.env, for its next start and for commands beside it."""

from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from tests.support import locks
from tests.support.processes import accepts, free_port

_VAR = Path("var")
_PATH = _VAR / "run.env"


def port_for(setting: str) -> int:
    """The port of last time, so that who has its URL can keep it; another when somebody listens there."""
    port = urlsplit(_urls().get(setting.upper(), "")).port
    return port if port and not accepts(port) else free_port()


def keep(urls: dict[str, str]) -> None:
    """Note the URLs of this run, by setting."""
    _VAR.mkdir(exist_ok=True)
    _PATH.write_text("".join(f"{setting.upper()}='{url}'\n" for setting, url in urls.items()), encoding="utf-8")


def url_beside(setting: str) -> str | None:
    """The URL while `make run` runs in this folder; None: it does not, or has no server of its own for that."""
    return _urls().get(setting.upper()) if _PATH.exists() and locks.is_held(_VAR) else None


def _urls() -> dict[str, str]:
    return {name: url or "" for name, url in dotenv_values(_PATH).items()}
