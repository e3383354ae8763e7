"""A browser for each worker of pytest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Window, chromium, window


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Started once."""
    with chromium() as started:
        yield started


@pytest.fixture
def shown(browser: Browser) -> Iterator[Window]:
    """A page, for one test; it may complain of nothing."""
    with window(browser) as opened:
        yield opened
        opened.keep("last")
        assert opened.complaints == []
