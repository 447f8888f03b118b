"""What differs between two versions: data, settings, numbers, files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from modelops_jupyter import _format
from modelops_jupyter.evaluation.table import Finding, Table
from modelops_jupyter.registry import lineage, provenance

if TYPE_CHECKING:
    from modelops_jupyter.registry.version import ModelVersion

Part = Literal["data", "config", "numbers", "files"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; None where a side has nothing under this name."""

    part: Part
    name: str
    before: Any
    after: Any

    @property
    def texts(self) -> tuple[str, str, str]:
        """Before, after, and by how much where both are numbers."""
        before, after = _shown(self.before), _shown(self.after)
        both = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (self.before, self.after))
        return before, after, _format.signed(float(self.after) - float(self.before)) if both else ""


class VersionDiff(Finding):
    """The differences of two versions; its truth value is whether there is one.

    Bare numbers say nothing about chance: `registry.compare` does, where the rows were kept.
    """

    kind: ClassVar[str] = "version_diff"
    asked = True  # trained numbers

    def __init__(self, before: "ModelVersion", after: "ModelVersion") -> None:
        self.before, self.after = before, after
        self.changes = (
            *_changes("data", _data(before), _data(after)),
            *_changes("config", _config(before), _config(after)),
            *_changes("numbers", _numbers(before), _numbers(after)),
            *_changes("files", _files(before), _files(after)),
        )

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of(self, part: Part) -> tuple[Change, ...]:
        """Return the differences of one part."""
        return tuple(change for change in self.changes if change.part == part)

    @property
    def title(self) -> str:
        """From which version to which."""
        return f"{self.before} → {self.after}"

    @property
    def summary(self) -> str:
        """How many differences of each part."""
        parts: tuple[Part, ...] = ("data", "config", "numbers", "files")
        counts = [f"{len(found)} in {part}" for part in parts if (found := self.of(part))]
        return f"Differences: {', '.join(counts)}." if counts else "Nothing that was recorded differs."

    def table(self) -> Table:
        """Return one line a difference."""
        rows = [[c.part, _format.visible(c.name), *c.texts] for c in self.changes]
        return Table(["part", "what", "before", "after", "change"], rows, left=(0, 1, 2, 3))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        changes = [asdict(change) for change in self.changes]
        return {"before": self.before.reference, "after": self.after.reference, "changes": changes}


def _changes(part: Part, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    names = dict.fromkeys((*before, *after))
    pairs = ((name, before.get(name), after.get(name)) for name in names)
    return [Change(part, name, old, new) for name, old, new in pairs if old != new]


def _data(version: "ModelVersion") -> dict[str, Any]:
    data = version.dataset
    steps = [f"{s['operation']} {s['arguments'] or ''}".strip() for s in data.get("steps", [])]
    told = {key: data.get(key) for key in ("name", "fingerprint", "rows")}
    named = {f"step {n}": step for n, step in enumerate(steps, 1)}
    return told | named | {"measured on": version.measured.get("dataset")}


def _config(version: "ModelVersion") -> dict[str, Any]:
    job = version.job
    told = {key: job[key] for key in ("base_model", "provider", "seed", "config", "versions") if key in job}
    return provenance.flat(told) | provenance.flat(version.parameters, "parameters.")


def _numbers(version: "ModelVersion") -> dict[str, Any]:
    return {name: value.get("value") for name, value in version.facts.get("metrics", {}).items()}


def _files(version: "ModelVersion") -> dict[str, Any]:
    return {
        path: f"{_format.size(content.size)}, {lineage.short('sha256:' + content.sha256)}"
        for path, content in version.files.items()
    }


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        return _format.number(value)
    text = lineage.short(value) if isinstance(value, str) and value.startswith("sha256:") else value
    return _format.cell(text, 60)["text"]
