"""A browser for each worker of pytest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from pymongo import MongoClient
from pymongo.database import Database

from settings.config import Settings
from tests.browser.administrator import sign_in, sign_up
from tests.browser.chromium import PATIENCE, Window, chromium, window
from tests.support.catalog import Document
from tests.support.databases import Databases
from tests.support.processes import Server

expect.set_options(timeout=PATIENCE)


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


@pytest.fixture
def kept(settings: Settings) -> Iterator[Database[Document]]:
    """The database of this test, to write into past the API."""
    with MongoClient[Document](settings.db_url, tz_aware=True) as mongodb:
        yield mongodb.get_default_database()


@pytest.fixture
def admin(api: Server, kept: Database[Document]) -> Server:
    """The API, with an administrator."""
    sign_up(api, "grace@example.com", "Grace")
    kept["users"].update_one({"email": "grace@example.com"}, {"$set": {"role": "ADMIN"}})
    return api


@pytest.fixture
def console(admin: Server, shown: Window) -> Iterator[Window]:
    """Signed in; a page that loses its server may say so in its console, and nothing else."""
    shown.page.goto(f"{admin.url}/console")
    sign_in(shown.page)
    yield shown
    shown.forgive("net::ERR_CONNECTION")
