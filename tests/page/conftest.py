"""One browser and one bundled page for all tests; each loads it anew."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from .site import build, serve
from .view import SIZE, View

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


@pytest.fixture(scope="module")
def idle(browser: Browser) -> Iterator[list[View]]:
    """What the next test of a file takes: to open a page costs more than most tests."""
    idle: list[View] = []
    yield idle
    for view in idle:
        view.page.context.close()


@pytest.fixture
def view(browser: Browser, site: str, idle: list[View], request: pytest.FixtureRequest) -> Iterator[View]:
    """A view on a page just loaded; a test that leaves an error in the console has failed."""
    options = getattr(request, "param", {})
    if idle and not options:
        view = idle.pop()
        view.load()
    else:
        context = browser.new_context(viewport=SIZE, device_scale_factor=2, **options)
        context.set_default_timeout(5000)
        view = View(context.new_page(), site)
    yield view
    if not options and view.reusable():
        idle.append(view)
    else:
        view.page.context.close()
    assert view.errors == []
    assert view.outside == []
    assert view.dialogs == []
