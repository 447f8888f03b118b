"""How our objects are shown: text, static twin, our own type, and a live widget where one can live.

A plain import is enough for rich output; without a kernel or ipywidgets the bundle is text
and twin.
"""

import os
import secrets
import sys
from collections import OrderedDict
from importlib import import_module
from types import ModuleType
from typing import Any

from modelops_jupyter._home import home_id
from modelops_jupyter.notebook import static
from modelops_jupyter.notebook.twin import grammar

MIME = "application/vnd.modelops-jupyter+json"
VIEW = "application/vnd.jupyter.widget-view+json"
Bundle = tuple[dict[str, Any], dict[str, Any]]

_FINDINGS = (
    *("slices", "worst_slices", "comparison_suite", "gate", "false_alarms", "threshold"),
    *("calibration", "suite", "agreement", "revealed"),
)
_STORES = (
    *("vector_store", "matches", "feature_store", "feature_group", "feature_vector"),
    *("ingest_report", "historical"),
)
# kind → (module of the twin, widget or None)
_TWINS = {
    "metrics": "result",
    **dict.fromkeys((*_FINDINGS, "version_diff", "variants"), "findings"),
    **dict.fromkeys(("registry", "model_version", "lineage", "card"), "registry"),
    **dict.fromkeys(_STORES, "vector_store"),
}
_WIDGETS = {
    "chat": "ChatView",
    "dataset": "DatasetViewer",
    "diff": "DatasetDiffViewer",
    "job": "JobMonitor",
    "jobs": "JobList",
    "metrics": "MetricsExplorer",
    "comparison": "MetricsExplorer",
    "rating": "RatingView",
    "registry": "RegistryBrowser",
}
_KEPT = 32  # widgets that stay alive because they are on a page; older outputs fall back to their twin

_widgets: "OrderedDict[tuple[str, Any], tuple[Any, Any]]" = OrderedDict()


def mimebundle(obj: Any) -> Bundle:
    """Return the data and metadata of one of our objects, by its `kind`."""
    data, metadata = told(obj)
    if obj.kind in _WIDGETS and can_show_widgets():
        if static.built():
            data[VIEW] = _view(obj)
        else:
            data["text/html"] += grammar.root(grammar.p(static.MISSING))
    return data, metadata


def told(obj: Any) -> Bundle:
    """Return what stays readable without a kernel: text, twin and our own type."""
    twin = twin_of(obj)
    data = {"text/plain": twin.text(obj), "text/html": str(twin.html(obj)), MIME: {"v": 1, "kind": obj.kind}}
    return data, {MIME: {"job": obj.id, "home_id": home_id()}} if obj.kind == "job" else {}


def show(obj: Any) -> None:
    """Show an object now, wherever in a cell."""
    from IPython.display import display  # pyright: ignore[reportUnknownVariableType] -- IPython's is untyped

    display(obj)


def show_refreshed(job: Any) -> None:
    """Show a job as an output that is redrawn while its status changes.

    Raises
    ------
    NotImplementedError
        For anything else, when it has ended, or without a kernel: IPython then shows it as usual.
    """
    if job.kind != "job" or not in_kernel() or job.status.final:
        raise NotImplementedError
    from IPython.display import publish_display_data  # pyright: ignore[reportUnknownVariableType] -- untyped

    from modelops_jupyter.notebook.refresh import keep_fresh

    data, metadata = mimebundle(job)
    display_id = f"modelops-{secrets.token_hex(8)}"
    publish_display_data(data, metadata, transient={"display_id": display_id})
    keep_fresh(job, display_id, data, metadata)


def twin_of(obj: Any) -> ModuleType:
    """Return the module that draws the twin of an object."""
    return import_module(f"modelops_jupyter.notebook.twin.{_TWINS.get(obj.kind, obj.kind)}")


def in_kernel() -> bool:
    """Whether this process is a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def can_show_widgets() -> bool:
    """Whether a live widget makes sense: in a kernel, with ipywidgets, and not turned off."""
    if os.environ.get("MODELOPS_WIDGETS") == "0" or not in_kernel():
        return False
    try:
        import_module("anywidget")
    except ImportError:
        return False
    return True


def _view(obj: Any) -> Any:
    """Return the widget-view data of an object's one widget, made when first shown."""
    key = (obj.kind, obj.id if obj.kind == "job" else id(obj))
    held = _widgets.get(key)
    if held is None or held[1].comm is None:
        held = (obj, _make(obj))  # the object too: its id must not be reused while it is a key
        _widgets[key] = held
    _widgets.move_to_end(key)
    while len(_widgets) > _KEPT:
        _, oldest = _widgets.popitem(last=False)[1]
        layout = oldest.layout  # made for this widget alone, and not closed with it
        oldest.close()
        layout.close()
    return held[1].live_data()


def _make(obj: Any) -> Any:
    widgets = import_module("modelops_jupyter.notebook.widgets")
    kind = getattr(widgets, _WIDGETS[obj.kind])
    return kind() if obj.kind == "jobs" else kind(obj)
