"""Rows for tests, short to write."""

import json
from pathlib import Path
from typing import Any

from modelops_jupyter.datasets import Dataset, Problem

SAID = {"u": "user", "a": "assistant", "s": "system", "t": "tool"}


def chat(*turns: str, **more: Any) -> dict[str, Any]:
    """`chat("u:hi", "a:hello")` is a row of two messages."""
    messages = [{"role": SAID.get(t[0], t[0]), "content": t[2:]} for t in turns]
    return {"messages": messages, **more}


def pairs(count: int) -> list[dict[str, str]]:
    """Return prompt/completion rows that all differ."""
    return [{"prompt": f"question {i}", "completion": f"answer {i}"} for i in range(count)]


def saved(folder: Path, content: str | bytes, name: str = "data.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def opened(folder: Path, content: str | bytes, name: str = "data.jsonl", **options: Any) -> Dataset:
    return Dataset.from_file(saved(folder, content, name), **options)


def jsonl(rows: list[Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def found(ds: Dataset, **options: Any) -> list[tuple[int, str, str]]:
    """Return (row, code, pointer) of every problem."""
    return [(p.row, p.code, p.pointer) for p in ds.validate(**options)]


def only(ds: Dataset) -> Problem:
    problems = ds.validate().problems
    assert len(problems) == 1, problems
    return problems[0]
