"""A browser for each worker of pytest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Window, chromium, window
from tests.support.databases import Databases


@pytest.fixture(scope="session")
def browser(_databases: Databases) -> Iterator[Browser]:
    """Started once; after the databases, which cannot be made while Playwright's event loop runs."""
    with chromium() as started:
        yield started


@pytest.fixture
def shown(browser: Browser) -> Iterator[Window]:
    """A page, for one test; it may complain of nothing."""
    with window(browser) as opened:
        yield opened
        assert opened.complaints == []
