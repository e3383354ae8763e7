"""A real browser, and everything it complains about."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, sync_playwright

from tests.support.processes import ServerError

NAMES = ("chromium", "google-chrome", "chromium-browser")
SCREENSHOTS = Path("var/screenshots")
"""What CI keeps."""

PATIENCE = 20_000
"""Milliseconds until something has to be there."""

_COMPLAINTS = frozenset({"error", "warning"})


@dataclass
class Window:
    """One page, and its complaints: errors and warnings of its console, exceptions nobody caught, broken rules."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def keep(self, name: str) -> None:
        """A screenshot, by this name."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def forgive(self, text: str) -> None:
        """Forget the complaints with this text: the test brought them about."""
        self.complaints[:] = [each for each in self.complaints if text not in each]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium as it is installed here."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise ServerError(
            f"No browser was found: install one of {', '.join(NAMES)} (Debian: apt-get install chromium)."
        )
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # its sandbox refuses root
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, **options: Any) -> Iterator[Window]:  # noqa: ANN401  (as Playwright has them)
    """A page of a session of its own."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    opened = Window(page)
    page.on("console", lambda message: _heard(opened, message))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("dialog", lambda dialog: _met(opened, dialog))
    yield opened
    context.close()


def _heard(opened: Window, message: ConsoleMessage) -> None:
    if message.type in _COMPLAINTS:
        opened.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")


def _met(opened: Window, dialog: Dialog) -> None:
    opened.complaints.append(f"{dialog.type}: {dialog.message}")
    dialog.dismiss()
