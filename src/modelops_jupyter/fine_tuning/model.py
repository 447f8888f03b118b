"""`FineTunedModel`: weights one can ask."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modelops_jupyter import _documents
from modelops_jupyter._format import visible
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError, JobError
from modelops_jupyter.fine_tuning import references
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore
from modelops_jupyter.training import models

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation import Predictions
    from modelops_jupyter.fine_tuning.chat import Chat, Voice
    from modelops_jupyter.fine_tuning.job import FineTuningJob
    from modelops_jupyter.registry import ModelRegistry, ModelVersion
    from modelops_jupyter.training.parity import Parity
    from modelops_jupyter.training.stream import Token

__all__ = ["FineTunedModel", "load_model"]

MODEL = "model"  # the folder of a completed job that holds its result
FORMATS = ("merged", "adapter", "gguf", "onnx")
Prompt = str | Sequence[dict[str, Any]]


class FineTunedModel:
    """A model that answers prompts; loaded into memory when first asked.

    Parameters
    ----------
    path
        A folder as `save` writes it: safetensors, JSON, a tokenizer.
    """

    origin: "FineTuningJob | None" = None  # the job that made it

    def __init__(self, path: str | Path) -> None:
        self._description, self.name = models.describe(Path(path))
        self._loaded: tuple[Any, Any] | None = None

    @classmethod
    def from_description(cls, description: models.Description, name: str) -> Self:
        """Return the model that a description (a folder, a word, a recipe) stands for."""
        model = cls.__new__(cls)
        model._description, model.name, model._loaded = description, name, None
        return model

    @property
    def path(self) -> Path:
        """The folder of the model."""
        if self._description["kind"] != "folder":
            raise ConfigError(
                f"The model '{self.name}' is made from a recipe and has no folder.", hint="Use save(folder)."
            )
        return Path(self._description["path"])

    def generate(
        self, prompts: Sequence[Prompt], *, max_new_tokens: int = 256, batch_size: int = 64
    ) -> list[str]:
        """Answer each prompt (text, or the messages so far) greedily.

        Parameters
        ----------
        max_new_tokens
            Tokens after which an answer is cut.
        batch_size
            Prompts answered at once; it changes the speed, not the answers.
        """
        if isinstance(prompts, str):
            raise ConfigError("prompts is one text.", hint="Give a list of prompts: generate([text]).")
        from modelops_jupyter.evaluation.predictions import turns
        from modelops_jupyter.training import generate

        model, tokenizer = self.load()
        conversations = [turns(prompt) for prompt in prompts]
        return generate.greedy(
            model, tokenizer, conversations, max_new_tokens=max_new_tokens, batch_size=batch_size
        )

    def stream(
        self,
        prompt: Prompt,
        *,
        max_new_tokens: int = 256,
        temperature: float = 0.0,
        seed: int | None = None,
        alternatives: int = 4,
    ) -> "Iterator[Token]":
        """Answer one prompt (text, or the messages so far) token by token.

        Parameters
        ----------
        temperature
            0 takes the likeliest token each time, as `generate` does; above it, one is drawn.
        seed
            Of the draws; by default they differ each time.
        alternatives
            How many of the other likely tokens each `Token` names.

        Examples
        --------
        >>> for token in load_model("tiny").stream("Hello"):  # doctest: +SKIP
        ...     print(token.text, f"{token.probability:.2f}")
        """
        from modelops_jupyter.evaluation.predictions import turns
        from modelops_jupyter.training.stream import stream

        return stream(
            *self.load(),
            turns(prompt),
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            seed=seed,
            alternatives=alternatives,
        )

    def chat(
        self,
        *,
        system: str = "",
        temperature: float = 0.0,
        max_new_tokens: int = 256,
        compare: bool | None = None,
    ) -> "Chat":
        """Talk to the model; in a notebook the value is a view in which one can type.

        Parameters
        ----------
        system
            A system message before the first turn.
        compare
            Whether the base answers beside it, if the folder of the model names one. By default only
            where that takes no second model: an adapter is switched off for it.
        """
        from modelops_jupyter.fine_tuning.chat import Chat

        voices, switched = self._voices()
        return Chat(
            voices,
            system=system,
            temperature=temperature,
            max_new_tokens=max_new_tokens,
            compare=switched if compare is None else compare,
        )

    def _voices(self) -> "tuple[list[Voice], bool]":
        """Return who answers in a chat, and whether all of them are one model with an adapter."""
        from modelops_jupyter.fine_tuning.chat import Voice
        from modelops_jupyter.training.stream import stream

        base = self.base
        if base is None:
            return [Voice(self.name, self.stream)], False
        if not (self.path / "adapter").is_dir():
            return [Voice(self.name, self.stream), Voice(base.name, base.stream)], False
        both = cache(partial(models.with_adapter, base._description, self.path / "adapter"))

        def answer(messages: Sequence[dict[str, Any]], *, plain: bool, **options: Any) -> "Iterator[Token]":
            wrapped, tokenizer = both()
            around = {"around": wrapped.disable_adapter} if plain else {}
            return stream(wrapped.get_base_model(), tokenizer, messages, **options, **around)

        return [Voice(n, partial(answer, plain=p)) for n, p in ((self.name, False), (base.name, True))], True

    def predict(
        self, dataset: "Dataset", *, max_new_tokens: int | None = None, batch_size: int = 64
    ) -> "Predictions":
        """Answer every row of a dataset; the rows' own answers become the references.

        Parameters
        ----------
        max_new_tokens
            Tokens after which an answer is cut; by default twice the longest reference, at least
            32: a longer answer is wrong anyhow, and an untrained model would never stop.
        """
        from modelops_jupyter.training import generate

        self._refuse_what_chose(dataset)
        model, tokenizer = self.load()
        return generate.predict(
            model, tokenizer, dataset, max_new_tokens=max_new_tokens, batch_size=batch_size
        )

    def export(self, folder: str | Path, format: str = "merged") -> Path:
        """Write the model for other tools into a folder that does not exist yet; return it.

        Parameters
        ----------
        format
            `"merged"`: plain weights that transformers and all its peers open, with a README card and a
            `Modelfile` for Ollama. `"adapter"`: what was trained beside the base, for PEFT. `"gguf"`:
            one file for llama.cpp (Llama models). `"onnx"`: a graph, as `optimization.export_onnx` writes it.

        Raises
        ------
        MissingExtraError
            If the packages that write the format are not installed.
        """
        from modelops_jupyter.training import export

        if format not in FORMATS:
            raise ConfigError(f"There is no export format '{format}'.", hint=did_you_mean(format, FORMATS))
        target = _new(folder)
        with tempfile.TemporaryDirectory(prefix="modelops-export-") as made:
            # A model from a recipe has no folder yet; an adapter alone is merged first.
            whole = self._description["kind"] == "folder" and (self.path / "config.json").is_file()
            source = self.path if whole else export.save(*self.load(), Path(made) / "model")
            graph = partial(_optimization().export_onnx, self) if format == "onnx" else None
            export.write(source, self.load()[1], target, format, self.name, graph)
        return target

    def parity(self, folder: str | Path, dataset: "Dataset | None" = None) -> "Parity":
        """Compare an exported model with this one, on real conversations.

        Template, start, end and special tokens, ids of conversations and prompts, and the tokens of
        greedy answers must be the same.

        Parameters
        ----------
        dataset
            Where the conversations come from (its first 16 rows); by default the rows it learned from.
        """
        from modelops_jupyter.training import parity

        rows = self.trained_on if dataset is None else dataset
        conversations = parity.CONVERSATIONS if rows is None else parity.conversations(rows)
        folder = Path(folder)
        graph = (folder / "model.onnx").is_file()
        theirs = _optimization().OnnxModel(folder).as_torch() if graph else parity.load(folder)
        return parity.compare(self.load(), theirs, conversations)

    @property
    def base(self) -> "FineTunedModel | None":
        """The model it was made from, where its job or its folder tells."""
        if self.origin is not None:
            return self.origin.base
        described: models.Description | None = self._story().get("base")
        return None if described is None else self.from_description(described, models.short_name(described))

    @property
    def trained_on(self) -> "Dataset | None":
        """The rows it learned from, where the job that made it is known."""
        return None if self.origin is None else self.origin.trained_on

    def token_loss(self, texts: Sequence[str], *, batch_size: int = 16) -> tuple[list[float], list[int]]:
        """Return the summed loss and the number of predicted tokens of each plain text."""
        from modelops_jupyter.training.encode import Encoded
        from modelops_jupyter.training.measure import row_losses

        model, tokenizer = self.load()
        rows = [Encoded(list(ids), list(ids)) for ids in tokenizer(list(texts))["input_ids"]]
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        sums, counts = row_losses(model, rows, pad=pad, batch_size=batch_size)
        return sums.tolist(), counts.astype(int).tolist()

    def save(self, folder: str | Path) -> Path:
        """Write the model to a folder that does not exist yet; return it."""
        target = _new(folder)
        if self._description["kind"] == "folder":
            shutil.copytree(self.path, target)
        else:
            from modelops_jupyter.training import export

            export.save(*self.load(), target)
        return target

    def register(
        self, name: str, *, registry: "ModelRegistry | None" = None, **details: Any
    ) -> "ModelVersion":
        """Keep the model as a new version under a name, with the job that made it and its rows.

        Parameters
        ----------
        registry
            By default the one of this home.
        details
            As `ModelRegistry.register` takes them: `metrics=`, `tags=`, `description=`, …
        """
        known: dict[str, Any] = {"job": self.origin, **details}
        return (registry or references.registry()).register(name, self, **known)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_description, (self._description, self.name)  # weights stay where they are

    def __repr__(self) -> str:
        return f"<FineTunedModel {visible(self.name)}>"

    def _refuse_what_chose(self, dataset: "Dataset") -> None:
        story = self._story()
        if story.get("chosen_by") and story["validation"] == dataset.fingerprint:
            raise EvaluationError(
                f"These rows chose the model's checkpoint (by {story['chosen_by']}): "
                "a number reported on them is too good.",
                code="rows-chose-checkpoint",
                hint="Report it on rows that chose nothing: split(test=.1, validation=.1) gives three parts. "
                "model.generate(prompts) still answers single prompts.",
            )

    def _story(self) -> dict[str, Any]:
        """Return how the model was made, as far as its folder says."""
        if self._description["kind"] != "folder":
            return {}
        kept = self.path / "training.json"
        return _documents.load(kept, "training") if kept.is_file() else {}

    def load(self) -> tuple[Any, Any]:
        """Return the torch model, in evaluation mode, and its tokenizer; loaded when first asked for."""
        if self._loaded is None:
            self._loaded = models.load(self._description)
        return self._loaded


def _new(folder: str | Path) -> Path:
    target = Path(folder).expanduser()
    if target.exists():
        raise ConfigError(f"The folder '{target}' exists already.", hint="Choose a new one.")
    return target


def _optimization() -> Any:
    try:
        from modelops_jupyter import optimization
    except ImportError as error:
        raise ConfigError(
            "This installation writes and reads no ONNX.", code="no-onnx", hint="Install the whole package."
        ) from error
    return optimization


def load_model(
    reference: "str | Path | models.ModelSpec", *, store: JobStore | None = None
) -> FineTunedModel:
    """Return the model that a reference names.

    Parameters
    ----------
    reference
        `"tiny"`, the folder of a model, the id or name of a completed job, or a version of the
        registry: `"registry:dates@production"`, `"models:/dates/3"`.
    """
    if isinstance(reference, str) and _may_be_job(reference):
        from modelops_jupyter.fine_tuning.job import FineTuningJob

        store = store or JobStore()
        if any(reference in (row.id, row.name) for row in store.rows()):
            return FineTuningJob.attach(reference, store=store).model
    return FineTunedModel.from_description(*references.describe(reference))


def _may_be_job(text: str) -> bool:
    return not (text in models.WORDS or text.startswith(references.SCHEMES) or Path(text).is_dir())


def of_job(job: "FineTuningJob") -> FineTunedModel:
    """Return the result of a job, or say why there is none (yet)."""
    status, name = job.status, visible(job.name)
    if status is JobStatus.PENDING:
        raise JobError(f"The job '{name}' has not been started.", code="job-pending", hint="Call job.run().")
    if not status.final:
        raise JobError(
            f"The job '{name}' is {status}, {job.progress.percent} done.",
            code="job-running",
            hint="Call job.wait() first.",
        )
    if status is not JobStatus.COMPLETED:
        raise JobError(
            f"The job '{name}' has no model: it is {status}. {visible(job.reason or '')}",
            code="job-unfinished",
            hint="job.resume() goes on from its last checkpoint.",
        )
    if job.snapshot()["simulated"]:
        raise JobError(
            f"The job '{name}' was simulated: nothing was trained, so there is no model.",
            code="job-simulated",
            hint="Use provider='local'.",
        )
    if remote := job.store.events(job.id, newest=True, limit=1)[0].data.get("model"):
        raise JobError(
            f"The model of the job '{name}' stays at the service, under the name '{visible(str(remote))}'.",
            code="job-hosted",
            hint="Ask it there by that name; it cannot be loaded here.",
        )
    model = FineTunedModel(job.store.folder(job.id) / MODEL)
    model.origin = job
    return model
