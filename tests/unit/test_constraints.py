"""The pinned versions install on the oldest Python that the project promises."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
OLDEST = "3.11.0"
PINS = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", sorted(PINS))
def test_a_pinned_package_takes_the_oldest_python(name: str) -> None:
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return  # pinned for another platform
    assert found["Version"].split("+")[0] == PINS[name]
    assert SpecifierSet(found["Requires-Python"] or "").contains(OLDEST)


def test_there_are_pins_to_look_at() -> None:
    assert len(PINS) > 100
