"""The model card: what was recorded, in Markdown with the usual front matter, and nothing else."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import yaml

from modelops_jupyter import _format
from modelops_jupyter._atomic import atomic_write
from modelops_jupyter._display import Rich
from modelops_jupyter.registry import lineage, provenance

if TYPE_CHECKING:
    from modelops_jupyter.registry.version import ModelVersion

_SAID_BY_TAGS = ("license", "language")  # of the front matter; only a person knows them
_LOAD = 'load_model("{}")  # or the folder of this card'
_USE = f"```python\nfrom modelops_jupyter.fine_tuning import load_model\n\n{_LOAD}\n```"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")


class Section(NamedTuple):
    """A heading, a paragraph, and a table with its head first (or none)."""

    title: str
    text: str
    table: Sequence[Sequence[str]] = ()


class ModelCard(Rich):
    """The card of one version; `str(card)` is the Markdown, `save` writes it."""

    kind: ClassVar[str] = "card"

    def __init__(self, version: "ModelVersion") -> None:
        self.version = version

    @property
    def front(self) -> dict[str, Any]:
        """The front matter as hubs read it."""
        version, job, measured = self.version, self.version.job, self.version.measured
        told: dict[str, Any] = {key: version.tags[key] for key in _SAID_BY_TAGS if key in version.tags}
        if job.get("base_model"):
            told["base_model"] = job["base_model"]
        if task := _task(version):
            told |= {"library_name": "transformers", "pipeline_tag": task}
        told["tags"] = ["modelops_jupyter"]
        results = [
            {"type": name, "name": value.label, "value": float(value)}
            for name, value in version.metrics.items()
            if value == value  # NaN is no number for a hub
        ]
        if results and task and measured:
            rows = {"name": measured["title"], "type": "other"}
            found = {"task": {"type": task}, "dataset": rows, "metrics": results}
            told["model-index"] = [{"name": version.name, "results": [found]}]
        return told

    @property
    def sections(self) -> list[Section]:
        """The parts below the title; one whose facts were not recorded is left out."""
        version = self.version
        data, job, measured = version.dataset, version.job, version.measured
        steps = [
            (s["operation"], json.dumps(s["arguments"]) if s["arguments"] else "", f"{s['rows']:,}")
            for s in data.get("steps", [])
        ]
        told = [
            f"{data['rows']:,} rows" if data.get("rows") else "",
            data.get("name"),
            data.get("fingerprint"),
        ]
        settings = provenance.flat(job.get("config") or {}) | provenance.flat(version.parameters)
        origin = ("name", "id", "provider", "base_model", "seed", "status")
        who = ", ".join(f"{key.replace('_', ' ')} {job[key]}" for key in origin if job.get(key) is not None)
        on = f"On {measured['rows']:,} rows {measured['dataset'] or ''}".strip() + "." if measured else ""
        found = [
            Section(
                "Data", ", ".join(filter(None, told)), [("step", "with", "rows"), *steps] if steps else ()
            ),
            Section("Training", who, _listed("setting", settings)),
            Section("Evaluation", on, [("metric", "value"), *version.numbers()] if version.metrics else ()),
            Section("Files", version.digest, [("file", "bytes", "SHA-256"), *_files(version)]),
            Section("Worth a second look", " ".join(lineage.notices(version))),
        ]
        return [section for section in found if section.text or section.table]

    def __str__(self) -> str:
        version = self.version
        front = yaml.safe_dump(self.front, sort_keys=False, allow_unicode=True)
        use = _USE.format(version.reference) if _task(version) else ""
        parts = [f"---\n{front}---", f"# {version}", escaped(version.description), use]
        parts += ["\n\n".join(filter(None, _markdown(section))) for section in self.sections]
        return "\n\n".join(filter(None, parts)) + "\n"

    __repr__ = __str__

    def save(self, path: str | Path) -> Path:
        """Write the card to a file, whole or not at all; return its path."""
        with atomic_write(path) as stream:
            stream.write(str(self).encode())
        return Path(path)


def escaped(text: str) -> str:
    """Return text so that Markdown shows it and does nothing with it."""
    return _SPECIAL.sub(r"\\\1", _format.visible(text)).replace("\n", "  \n")


def _markdown(section: Section) -> tuple[str, ...]:
    head, *rows = section.table or [()]
    lines = [head, ["---"] * len(head), *rows] if rows else []
    cells = (["---" if c == "---" else escaped(c).replace("  \n", " ") for c in row] for row in lines)
    return f"## {section.title}", escaped(section.text), "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _listed(name: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, "value"), *((k, _format.cell(v)["text"]) for k, v in values.items())] if values else []


def _files(version: "ModelVersion") -> list[tuple[str, str, str]]:
    return [(path, f"{content.size:,}", content.sha256) for path, content in version.files.items()]


def _task(version: "ModelVersion") -> str | None:
    """Return what a transformers model does, from its own config; None for anything else."""
    config = version.files.get("config.json")
    if config is None or config.size > 1_000_000:
        return None
    try:
        named = str(json.loads(version.registry.contents.read(config.sha256))["architectures"][0])
    except (ValueError, LookupError, TypeError):
        return None
    known = {"CausalLM": "text-generation", "SequenceClassification": "text-classification"}
    return known.get(named.rpartition("For")[2])
