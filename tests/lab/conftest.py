"""One server and one browser for all scenarios; a fresh page and notebook for each."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from modelops_jupyter.fine_tuning import FineTuningJob
from modelops_jupyter.fine_tuning.status import ACTIVE
from modelops_jupyter.fine_tuning.store import JobStore

from . import notebook as notebooks
from .notebook import Notebook
from .server import Server, running

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
Open = Callable[..., Notebook]
Reopen = Callable[[Notebook], Notebook]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The store that the servers, their kernels and the tests share; no job outlives the session."""
    home = tmp_path_factory.mktemp("home")
    yield home
    store = JobStore(home / "jobs.sqlite3")
    for row in store.rows():
        if row.status in ACTIVE:
            FineTuningJob.attach(row.id, store=store).cancel(force=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Server]:
    """JupyterLab with our server extension."""
    with running(tmp_path_factory.mktemp("lab"), home=home) as server:
        yield server


@pytest.fixture(scope="session")
def bare_server(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Server]:
    """JupyterLab whose environment does not have our server extension."""
    with running(tmp_path_factory.mktemp("bare"), home=home, extension=False) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else the one Playwright brought."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    expect.set_options(timeout=30_000)  # only a bound for a busy machine; what has to be quick says so
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Pages in contexts of their own: nothing is shared between two of them but the server."""
    contexts = []

    def make() -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id="UTC")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def lab(server: Server, new_page: Callable[[], Page], request: pytest.FixtureRequest) -> Open:
    """Write a notebook of these cells, or take the one at a path, and open it."""

    def make(*cells: str, on: Server = server, app: str = "lab/tree", path: str = "") -> Notebook:
        path = path or notebooks.write(on.root, f"{request.node.name}.ipynb", *cells)
        notebook = Notebook(new_page(), on, path)
        notebook.open(app=app)
        return notebook

    return make


@pytest.fixture
def reopen(new_page: Callable[[], Page]) -> Reopen:
    """Open a saved notebook again, in a fresh page and with a new kernel."""

    def make(notebook: Notebook) -> Notebook:
        notebook.page.context.close()
        later = Notebook(new_page(), notebook.server, notebook.path)
        later.open()
        return later

    return make
