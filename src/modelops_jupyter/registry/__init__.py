"""Versions of models: registered whole, never changed, promoted through gates, traced to their rows."""

from modelops_jupyter.registry.card import ModelCard
from modelops_jupyter.registry.diff import VersionDiff
from modelops_jupyter.registry.lineage import Lineage
from modelops_jupyter.registry.registry import Collected, ModelRegistry
from modelops_jupyter.registry.version import AuditEvent, Model, ModelVersion

__all__ = [
    "AuditEvent",
    "Collected",
    "Lineage",
    "Model",
    "ModelCard",
    "ModelRegistry",
    "ModelVersion",
    "VersionDiff",
]
