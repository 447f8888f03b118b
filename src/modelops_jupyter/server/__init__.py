"""The Jupyter server extension: `hello` and `rpc` under `modelops/v1/`.

Loaded by every Jupyter server in the environment, so it imports nothing heavy; the
operations are loaded by the first request.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:  # pyright: ignore[reportUnusedFunction] -- called by name
    return [{"module": "modelops_jupyter.server"}]


def _load_jupyter_server_extension(server_app: Any) -> None:  # pyright: ignore[reportUnusedFunction] -- called by name
    from modelops_jupyter.server.rpc import handlers

    web = server_app.web_app
    web.add_handlers(".*$", handlers(web.settings["base_url"], server_app.root_dir))
