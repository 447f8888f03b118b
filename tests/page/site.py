"""The page that the browser tests look at: bundled from the sources, served on this machine only."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copy

HERE = Path(__file__).parent
JS = HERE.parents[1] / "js"
AXE = JS / "node_modules/axe-core/axe.min.js"
FIRST = ("tokens.css", "base.css", "charts.css")


def build(folder: Path) -> Path:
    """Bundle page and styles from the sources, so that the tests never see an old build."""
    styles = sorted((JS / "src/styles").glob("*.css"), key=lambda p: (p.name not in FIRST, p.name))
    styles.sort(key=lambda p: FIRST.index(p.name) if p.name in FIRST else len(FIRST))
    sheet = folder / "sheet.css"
    sheet.write_text("".join(f'@import "{path}";\n' for path in styles))
    esbuild = str(JS / "node_modules/.bin/esbuild")
    common = ["--bundle", "--log-level=warning"]
    subprocess.run([esbuild, str(sheet), *common, f"--outfile={folder / 'page.css'}"], check=True)
    page = str(JS / "src/testing/page.ts")
    subprocess.run(
        [esbuild, page, *common, "--format=iife", "--target=es2022", f"--outfile={folder / 'page.js'}"],
        check=True,
    )
    for name in ("host.html", "host.css"):
        copy(HERE / name, folder)
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep requests out of the test's output."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
