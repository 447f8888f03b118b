"""Similarity search over vectors, and features that are read as they were known."""

from modelops_jupyter.vector_store.feature_store import FeatureStore
from modelops_jupyter.vector_store.features import FeatureDefinition, FeatureGroup
from modelops_jupyter.vector_store.ingest import BadRow, IngestReport
from modelops_jupyter.vector_store.matches import Match, Matches, Recall
from modelops_jupyter.vector_store.read import FeatureVector, HistoricalFeatures
from modelops_jupyter.vector_store.vectors import VectorStore

__all__ = [
    "BadRow", "FeatureDefinition", "FeatureGroup", "FeatureStore", "FeatureVector",
    "HistoricalFeatures", "IngestReport", "Match", "Matches", "Recall", "VectorStore",
]  # fmt: skip
