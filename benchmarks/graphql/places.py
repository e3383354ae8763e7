"""Where everybody finds the servers, and how Postberry is set."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.letters.measure import Sink
from benchmarks.letters.postberry import settings_for
from settings.config import Settings
from settings.rates import DEFAULT

FOLDER = Path("var/bench/graphql")
OURS, PEERS = "graphql", "graphql_peers"
"""The databases."""

_MOST = 999_999_999


@dataclass(frozen=True)
class Places:
    """The servers of this run."""

    settings: Settings
    """Ours."""

    peers: str
    """The URL of the peers' database."""

    sink: Sink
    python: Path
    """What the programs written in it run on."""


def places(mongodb: str, redis: str, sink: Sink, python: Path) -> Places:
    """Production, with every limit on and none that is reached: all load comes from one address."""
    settings = settings_for(FOLDER, _database(mongodb, OURS), redis, sink)
    unreached = {
        "rate_limit_enabled": True,
        "rate_limits": ", ".join(f"{each.partition('=')[0].strip()}={_MOST}/second" for each in DEFAULT.split(",")),
        "query_budget": _MOST,
        "query_budget_restore": _MOST,
        "socket_max_per_client": _MOST,
    }
    return Places(settings.model_copy(update=unreached), _database(mongodb, PEERS), sink, python)


def _database(url: str, name: str) -> str:
    return url.replace("/postberry?", f"/{name}?")
