"""The fixtures every test may use."""

import zlib

import hypothesis
import pytest

pytest_plugins = [
    "tests.support.fixtures",
    "tests.support.application",
    "tests.support.commands",
    "tests.support.s3",
    "tests.support.otlp",
    "tests.support.sockets",
]

_SLOW = [hypothesis.HealthCheck.too_slow]  # on a busy machine, how long an example took says nothing
hypothesis.settings.register_profile("postberry", deadline=None, suppress_health_check=_SLOW)
hypothesis.settings.load_profile("postberry")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix the files: those that start programs lie side by side, and one worker would be left with them at the end."""
    items.sort(key=lambda item: zlib.crc32(item.nodeid.partition("::")[0].encode()))
