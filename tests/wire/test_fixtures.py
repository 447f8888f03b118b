"""The recorded messages, which the TypeScript side is tested with, are what Python says today."""

import json
from typing import Any

import pytest

from .make_fixtures import FIXTURES, single

RECORDED = sorted(path.stem for path in FIXTURES.glob("*.json") if not path.stem.startswith("dataset_"))


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return single()


def test_every_fixture_is_made_from_a_real_object(made: dict[str, Any]) -> None:
    assert sorted(made) == RECORDED


@pytest.mark.parametrize("name", RECORDED)
def test_a_fixture_is_what_python_says_today(name: str, made: dict[str, Any]) -> None:
    recorded = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    assert rounded(json.loads(json.dumps(made[name]))) == rounded(recorded), (
        "run python -m tests.wire.make_fixtures"
    )


def rounded(value: Any) -> Any:
    """Twelve digits: in which order a processor adds up shows in the last ones."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value
