"""The messages that the page tests replay are what Python answers today."""

import json

import pytest

from .dataset_scenes import FIXTURES, scenes

SCENES = scenes()


@pytest.mark.parametrize("name", SCENES)
def test_recorded_answers_are_those_of_today(name: str) -> None:
    recorded = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    today = json.loads(json.dumps(SCENES[name]))
    assert [(entry["op"], entry["args"]) for entry in recorded] == [(e["op"], e["args"]) for e in today]
    for then, now in zip(recorded, today, strict=True):
        assert then == now, "run python tests/wire/dataset_scenes.py"
