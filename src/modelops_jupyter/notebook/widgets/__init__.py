"""The widgets: live views of datasets, jobs, results and the model registry.

They are ordinary Jupyter widgets and work in boxes, tabs and with `observe`.
"""

from modelops_jupyter.notebook.selection import Selection
from modelops_jupyter.notebook.widgets.base import link
from modelops_jupyter.notebook.widgets.chat import ChatView
from modelops_jupyter.notebook.widgets.dataset_diff import DatasetDiffViewer
from modelops_jupyter.notebook.widgets.dataset_viewer import DatasetViewer
from modelops_jupyter.notebook.widgets.job_list import JobList
from modelops_jupyter.notebook.widgets.job_monitor import JobMonitor
from modelops_jupyter.notebook.widgets.metrics_explorer import MetricsExplorer
from modelops_jupyter.notebook.widgets.rating import RatingView
from modelops_jupyter.notebook.widgets.registry_browser import RegistryBrowser

__all__ = [
    "ChatView",
    "DatasetDiffViewer",
    "DatasetViewer",
    "JobList",
    "JobMonitor",
    "MetricsExplorer",
    "RatingView",
    "RegistryBrowser",
    "Selection",
    "link",
]
