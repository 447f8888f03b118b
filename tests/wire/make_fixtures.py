"""Writes `fixtures/*.json` again from real objects: what both languages are tested with.

`python -m tests.wire.make_fixtures`
"""

import json
from pathlib import Path
from typing import Any

from . import dataset_scenes, job_scenes, metrics_scenes

FIXTURES = Path(__file__).parent / "fixtures"


def single() -> dict[str, Any]:
    """Return what each fixture that holds one answer has to say."""
    return {**metrics_scenes.scenes(), **job_scenes.scenes()}


def main() -> None:
    """Write them all."""
    dataset_scenes.main()
    for name, value in single().items():
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        (FIXTURES / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
