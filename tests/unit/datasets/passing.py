"""The way of a file through everything: read, shown, validated, written. Nothing may crash or change."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.errors import RowError
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer

PAGE = 100


def shown(ds: Dataset) -> list[dict[str, Any]]:
    """Return what a viewer asks for: all rows, page by page, as JSON."""
    context, out = Context(resolve_dataset=lambda _: ds), list[dict[str, Any]]()
    for start in range(0, len(ds), PAGE):
        args = {"dataset": "d", "start": start, "stop": start + PAGE}
        reply = answer({"v": 1, "id": "1", "op": "rows", "args": args}, context)
        assert reply["ok"], reply
        out += json.loads(json.dumps(reply["result"]))["rows"]
    return out


def pass_through(path: Path, **options: Any) -> Dataset:
    """Take a file through everything; its bytes come out as they went in, each bad row has its place."""
    ds = Dataset.from_file(path, **options)
    report, rows = ds.validate(), shown(ds)
    assert len(rows) == len(ds)
    for at, raw in enumerate(ds.raws()):
        assert rows[at]["line"] == ds.line(at)
        if try_decode(raw) is not None:
            assert ds[at] == try_decode(raw)
            continue
        found = [p for p in report.for_row(at) or report.problems[:1] if p.severity == "error"]
        assert found, (at, raw[:80])
        assert all(1 <= p.byte_column <= len(ds.raw(p.row)) + 1 for p in found)
        with pytest.raises(RowError) as caught:
            ds[at]
        assert caught.value.where is not None
        assert (caught.value.where.line, caught.value.where.row) == (ds.line(at), at)
    out = path.with_name("out.jsonl")
    ds.to_jsonl(out)
    assert out.read_bytes() == path.read_bytes()
    ds[:].to_jsonl(out)  # row by row, not the whole file
    assert list(Dataset.from_file(out).raws()) == list(ds.raws())
    return ds
