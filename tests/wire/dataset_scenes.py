"""What the dataset viewer asks for in its page tests, and what Python answers.

`python tests/wire/dataset_scenes.py` writes `fixtures/dataset_*.json` again.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer

FIXTURES = Path(__file__).parent / "fixtures"
PAGE = 100
CUT = 4000
EVERYTHING = {
    **dict.fromkeys(("problem", "least", "most")),
    **dict.fromkeys(("regex", "case", "groups"), False),
    "search": "",
    "where": [],
    "sort": [],
}

Entry = dict[str, Any]


def entries(ds: Dataset, *queries: dict[str, Any]) -> list[Entry]:
    """Record the summary and first page of each query, and every row opened."""
    context = Context(resolve_dataset=lambda _: ds)
    asked: list[tuple[str, dict[str, Any]]] = []
    for query in ({}, *queries):
        wire = {"dataset": "d1", "query": {**EVERYTHING, **query}}
        asked += [("summary", wire), ("rows", {**wire, "start": 0, "stop": PAGE})]
    for position in range(min(len(ds), PAGE)):
        row = {"dataset": "d1", "position": position}
        asked.append(("row", row))
        asked += [("row", {**row, **rest}) for rest in _rests(_ask(context, "row", row)["result"])]
    return [_entry(context, op, args) for op, args in asked]


def _rests(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    texts = [("raw", row["raw"])]
    texts += [
        (f"{t}/{p}", part) for t, turn in enumerate(row["turns"]) for p, part in enumerate(turn["parts"])
    ]
    if row["json"] is not None and len(row["json"]) == CUT:
        yield {"part": "json", "start": CUT}
    for name, part in texts:
        for start in range(len(part["text"]), part["length"], CUT):
            yield {"part": name, "start": start}


def _ask(context: Context, op: str, args: dict[str, Any]) -> Any:
    return answer({"v": 1, "id": "1", "op": op, "args": args}, context)


def _entry(context: Context, op: str, args: dict[str, Any]) -> Entry:
    response = _ask(context, op, args)
    known = {"result": response["result"]} if response["ok"] else {"error": response["error"]}
    return {"op": op, "args": args, **known}


def scenes() -> dict[str, list[Entry]]:
    """Return every scene by the name of its fixture."""
    chats = Dataset.from_file(FIXTURES / "chats.jsonl", name="chats")
    hostile = Dataset.from_file(FIXTURES / "hostile.jsonl", name='<img src=x onerror=alert(1)>"')
    return {
        "dataset_chats": entries(
            chats,
            {"search": "refund"},
            {"search": "REFUND", "case": True},
            {"search": "refund (policy|window)", "regex": True},
            {"search": "refund (policy|window", "regex": True},
            {"search": "nothing like this"},
            {"problem": "exact-duplicate"},
            {"problem": "not-json"},
            {"sort": [{"field": "problems", "descending": True}]},
            {"sort": [{"field": "tokens", "descending": True}]},
            {"sort": [{"field": "tokens", "descending": False}]},
        ),
        "dataset_hostile": entries(hostile, {"search": "script"}),
        "dataset_empty": entries(Dataset.from_records([], name="chats")),
    }


def main() -> None:
    """Write the fixtures."""
    for name, recorded in scenes().items():
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in recorded)
        (FIXTURES / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
