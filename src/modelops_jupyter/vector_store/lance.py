"""Approximate search with LanceDB over the vectors of a store.

The index is derived: SQLite has the vectors, and a table of LanceDB holds a copy of them with
their sequence numbers. What came later is searched exactly beside it, what is gone is left out.
"""

from pathlib import Path
from typing import Any

import numpy as np

from modelops_jupyter._extras import require
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.vector_store.exact import Floats, Metric, Places

LEAST = 256  # vectors that an index can be learned from
_PROBES = 20


def _connected(folder: Path) -> Any:
    library = require("lancedb", extra="lancedb", purpose="search approximately")
    return library.connect(str(folder))


def build(folder: Path, name: str, sequence: Places, matrix: Floats, metric: Metric) -> None:
    """Write vectors as a table with an index.

    Raises
    ------
    ConfigError
        If there are too few vectors to learn an index from.
    """
    if len(matrix) < LEAST:
        text = f"{len(matrix)} vectors are too few for an approximate index; it needs {LEAST}."
        raise ConfigError(text, code="too-few-vectors", hint="Exact search is fast here.")
    connection = _connected(folder)
    pa = require("pyarrow", extra="lancedb", purpose="search approximately")
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])
    data = pa.table({"seq": pa.array(sequence), "vector": vectors})
    made = connection.create_table(name, data, mode="overwrite")
    index = require("lancedb.index", extra="lancedb", purpose="search approximately")
    parts = max(1, round(len(matrix) ** 0.5 / 8))
    made.create_index("vector", config=index.HnswSq(distance_type=metric, num_partitions=parts))


def candidates(folder: Path, name: str, queries: Floats, count: int, metric: Metric) -> list[Places]:
    """Return the sequence numbers of about `count` near vectors for each query."""
    search = _connected(folder).open_table(name).search(queries if len(queries) > 1 else queries[0])
    search = search.distance_type(metric).nprobes(_PROBES).ef(max(2 * count, 64)).limit(count)
    found = search.select(["seq", "_distance"]).to_arrow()
    sequence = found["seq"].to_numpy()
    if len(queries) == 1:
        return [sequence]
    query = found["query_index"].to_numpy()
    return [sequence[query == at] for at in range(len(queries))]


def tidy(folder: Path, keep: set[str]) -> None:
    """Drop tables that no store refers to: replaced ones, and those of a process that ended half-way."""
    connection = _connected(folder)
    for name in _names(connection):
        if name not in keep:
            connection.drop_table(name)


def _names(connection: Any) -> list[str]:
    listed = connection.list_tables()
    return list(getattr(listed, "tables", listed))


def places_of(sequence: Places, found: Places) -> Places:
    """Return where the found numbers stand in an ascending list; those that are gone are left out."""
    at = np.searchsorted(sequence, found)
    inside = at < len(sequence)
    at, found = at[inside], found[inside]
    return np.sort(at[sequence[at] == found])
