"""`ModelVersion`: one version as it was registered, and `Model`, what a list says of a model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from modelops_jupyter import _format
from modelops_jupyter._display import Rich
from modelops_jupyter.errors import RegistryError
from modelops_jupyter.registry.blobs import Content

if TYPE_CHECKING:
    from modelops_jupyter.evaluation import EvaluationResult
    from modelops_jupyter.evaluation.value import MetricValue
    from modelops_jupyter.registry.card import ModelCard
    from modelops_jupyter.registry.lineage import Lineage
    from modelops_jupyter.registry.registry import ModelRegistry


@dataclass(frozen=True, slots=True)
class Model:
    """A model's name, the numbers of its versions (newest first) and its aliases."""

    name: str
    versions: tuple[int, ...]
    aliases: Mapping[str, int]

    @property
    def latest(self) -> int:
        """The newest version."""
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that was done; `seq` orders events, `at` is only for people."""

    seq: int
    at: float
    user: str
    model: str
    version: int | None
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, repr=False)
class ModelVersion(Rich):
    """One version of a model; nothing of it changes but its tags and which aliases name it.

    Attributes
    ----------
    files
        Path inside the artifact → hash and size.
    digest
        One fingerprint of all files, `"sha256:…"`.
    facts
        What was recorded, as JSON: `metrics`, `parameters`, `dataset`, `job`.
    tags, aliases
        As they were when this value was read.
    at, user
        When (seconds since the epoch) and under which login it was registered.
    """

    kind: ClassVar[str] = "model_version"

    name: str
    version: int
    digest: str
    description: str
    at: float
    user: str
    facts: Mapping[str, Any]
    files: Mapping[str, Content]
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    evaluation_sha256: str | None
    registry: "ModelRegistry" = field(compare=False)

    @property
    def reference(self) -> str:
        """`"registry:dates/3"`, as `load_model` and all others take it."""
        return f"registry:{self.name}/{self.version}"

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(content.size for content in self.files.values())

    @property
    def dataset(self) -> Mapping[str, Any]:
        """What is known of the rows it learned from: `fingerprint`, `name`, `rows`, `steps`."""
        return self.facts.get("dataset", {})

    @property
    def job(self) -> Mapping[str, Any]:
        """What is known of its training: `id`, `provider`, `base_model`, `config`, `seed`, `versions`."""
        return self.facts.get("job", {})

    @property
    def measured(self) -> Mapping[str, Any]:
        """What the numbers were measured on: `title`, `rows`, the fingerprint `dataset`."""
        return self.facts.get("evaluation", {})

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The settings that were recorded."""
        return self.facts.get("parameters", {})

    @property
    def metrics(self) -> "dict[str, MetricValue]":
        """The numbers that were recorded, with their intervals where they had any."""
        from modelops_jupyter.evaluation.value import MetricValue

        return {name: MetricValue.from_dict(v) for name, v in self.facts.get("metrics", {}).items()}

    @property
    def evaluation(self) -> "EvaluationResult":
        """The whole evaluation, rows included, if one was registered; else one made of the bare numbers.

        Raises
        ------
        RegistryError
            If no number was recorded.
        """
        from modelops_jupyter.evaluation import EvaluationResult, TaskType

        if self.evaluation_sha256 is not None:
            held = self.registry.contents.read(self.evaluation_sha256)
            return EvaluationResult.from_dict(json.loads(held))
        if not self.metrics:
            text = f"{self} was registered without numbers."
            hint = "Register a version with metrics=evaluate_model(model, dataset)."
            raise RegistryError(text, code="registry-unmeasured", hint=hint)
        rows = max((v.n or 0 for v in self.metrics.values()), default=0)
        return EvaluationResult(self.metrics, TaskType.GENERATION, rows, title=str(self))

    @property
    def path(self) -> Path:
        """A folder with the files, kept by the registry and compared with their hashes every time.

        It is there to be read; what is changed in it is put right the next time. `download` gives a
        folder of your own.
        """
        return self.registry.checkout(self)

    @property
    def lineage(self) -> "Lineage":
        """Where it comes from: rows and steps, job and settings, evaluation."""
        from modelops_jupyter.registry import lineage

        return lineage.of(self)

    @property
    def card(self) -> "ModelCard":
        """The model card, made of what was recorded."""
        from modelops_jupyter.registry.card import ModelCard

        return ModelCard(self)

    def __hash__(self) -> int:
        return hash((self.name, self.version, self.digest))

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"

    def __repr__(self) -> str:
        named = f" ({', '.join(self.aliases)})" if self.aliases else ""
        return f"<ModelVersion {self.name} {self.version}{named}>"

    def numbers(self) -> list[tuple[str, str]]:
        """Return every metric as text, for displays."""
        return [(_format.visible(v.label or name), str(v)) for name, v in self.metrics.items()]
