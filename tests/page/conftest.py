"""One browser and one bundled page for all tests; a fresh page for each."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from .site import build, serve
from .view import View

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the test page."""
    with serve(build(tmp_path_factory.mktemp("site"))) as base:
        yield base


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else the one Playwright brought."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def view(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[View]:
    """A view on a page of its own; a test that leaves an error in the console has failed."""
    options = getattr(request, "param", {})
    context = browser.new_context(viewport={"width": 932, "height": 900}, device_scale_factor=2, **options)
    context.set_default_timeout(5000)
    view = View(context.new_page(), site)
    yield view
    context.close()
    assert view.errors == []
    assert view.outside == []
    assert view.dialogs == []
