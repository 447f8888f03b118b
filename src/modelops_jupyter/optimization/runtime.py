"""`OnnxModel`: an ONNX graph that answers prompts, or classifies them."""

import json
import shutil
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter._extras import require
from modelops_jupyter.datasets.masks import prompt_ids
from modelops_jupyter.errors import ConfigError, SourceNotFoundError
from modelops_jupyter.evaluation.predictions import Predictions, Prompt, pairs_of, turns

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.optimization.drift import Drift

FILE, SUFFIX = "model.onnx", ".onnx"
SCHEME = "modelops_scheme"  # how the weights are kept, in the graph's own metadata
_UNFINISHED = "\ufffd"  # what decoding writes for a character whose last bytes are still to come
_FAR = 10**9  # tokens, where neither tokenizer nor model has a limit
Ids = np.ndarray[Any, Any]
Asked = str | Prompt | Sequence[dict[str, Any]]


class OnnxModel:
    """A graph in ONNX Runtime, on the processor, with the tokenizer that lies beside it.

    Parameters
    ----------
    path
        A folder with a `model.onnx`, or the file itself.
    threads
        How many compute one step; by default one for each core.

    Examples
    --------
    >>> OnnxModel("dates-onnx").generate(["3rd of March, 2021"])  # doctest: +SKIP
    ['2021-03-03']
    """

    drift: "Drift | None" = None  # how far it is from torch, where it was just exported

    def __init__(self, path: str | Path, *, threads: int | None = None) -> None:
        given = Path(path).expanduser()
        self.file = given if given.suffix == SUFFIX and given.is_file() else given / FILE
        self.threads = threads
        if not self.file.is_file():
            text = f"There is no ONNX graph at '{_format.visible(str(path))}'."
            raise SourceNotFoundError(text, hint="export_onnx writes one.")
        ort: Any = require("onnxruntime", extra="onnx", purpose="run ONNX")
        options = ort.SessionOptions()
        options.log_severity_level = 3  # it warns of graph optimisations that it does not know
        options.intra_op_num_threads = threads or 0
        # Threads that spin for one another are slow wherever somebody else works too.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self.session: Any = ort.InferenceSession(self.file, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors share no class of their own
            raise ConfigError(f"'{self.file.name}' cannot be run as ONNX: {str(error)[:200]}") from error
        self._past = {i.name: i for i in self.session.get_inputs() if i.name.startswith("past.")}
        self._outputs = ["logits", *(name.replace("past", "present", 1) for name in self._past)]

    @property
    def generates(self) -> bool:
        """Whether it writes answers; else it classifies."""
        return bool(self._past)

    @property
    def name(self) -> str:
        """What to call it: its folder, and the scheme of its weights."""
        folder = self.file.resolve().parent.name
        return folder if self.scheme == "float32" else f"{folder} {self.scheme}"

    @property
    def scheme(self) -> str:
        """How the weights are kept: `"float32"`, or as `quantize` names it."""
        return self.session.get_modelmeta().custom_metadata_map.get(SCHEME, "float32")

    @property
    def size(self) -> int:
        """Bytes of the graph with its weights."""
        return self.file.stat().st_size

    @cached_property
    def config(self) -> dict[str, Any]:
        """The settings of the model, as transformers keeps them."""
        return self._settings("config.json")

    @cached_property
    def generation_config(self) -> dict[str, Any]:
        """What transformers keeps about how it answers."""
        return self._settings("generation_config.json")

    @cached_property
    def tokenizer(self) -> Any:
        """The tokenizer that lies beside the graph."""
        if not (self.file.parent / "tokenizer_config.json").is_file():
            text = f"There is no tokenizer beside '{self.file}', so it takes ids only: use logits(ids)."
            raise ConfigError(text, hint="export_onnx((model, tokenizer), path) puts one there.")
        transformers: Any = require("transformers", extra="train", purpose="read a tokenizer")
        return transformers.AutoTokenizer.from_pretrained(self.file.parent)

    @cached_property
    def ends(self) -> list[int]:
        """The tokens that end an answer."""
        given: Any = self.generation_config.get("eos_token_id")
        found: list[Any] = list(given) if isinstance(given, list) else [given]  # pyright: ignore[reportUnknownArgumentType] -- ids
        return sorted({int(end) for end in [*found, self.tokenizer.eos_token_id] if end is not None})

    @cached_property
    def labels(self) -> list[str]:
        """The names of a classifier's classes."""
        named: dict[str, str] = self.config.get("id2label", {})
        return [named[key] for key in sorted(named, key=int)]

    def logits(self, input_ids: Ids, attention_mask: Ids | None = None) -> Ids:
        """Return the graph's numbers for ids of the shape (batch, length), nothing kept from before."""
        mask = np.ones_like(input_ids) if attention_mask is None else attention_mask
        given = {"input_ids": input_ids, "attention_mask": mask, **self._nothing(len(input_ids))}
        return self.session.run(["logits"], given)[0]

    def steps(self, input_ids: Ids, attention_mask: Ids) -> Iterator[Ids]:
        """Yield the logits of one position after the other, computed with the cache."""
        kept = self._nothing(len(input_ids))
        for at in range(input_ids.shape[1]):
            logits, kept = self._step(input_ids[:, at : at + 1], attention_mask[:, : at + 1], kept)
            yield logits

    def generate(
        self,
        prompts: Sequence[Asked],
        *,
        max_new_tokens: int = 256,
        batch_size: int = 64,
        temperature: float = 0.0,
        seed: int | None = None,
    ) -> list[str]:
        """Answer each prompt (text, or the messages so far).

        Parameters
        ----------
        max_new_tokens
            Tokens after which an answer is cut.
        batch_size
            Prompts answered at once; it changes the speed, not the answers.
        temperature
            0 takes the likeliest token each time; above it, one is drawn.
        seed
            Of the draws; each prompt has draws of its own. By default they differ each time.
        """
        if isinstance(prompts, str):
            raise ConfigError("prompts is one text.", hint="Give a list of prompts: generate([text]).")
        ids = [prompt_ids(self.tokenizer, turns(prompt)) for prompt in prompts]
        found = self.generate_ids(
            ids, max_new_tokens=max_new_tokens, batch_size=batch_size, temperature=temperature, seed=seed
        )
        return list(self.tokenizer.batch_decode(found, skip_special_tokens=True))

    def generate_ids(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        max_new_tokens: int = 256,
        batch_size: int = 64,
        temperature: float = 0.0,
        seed: int | None = None,
    ) -> list[list[int]]:
        """Do the same from ids to ids; an answer's last id is the one that ended it."""
        _check_counts(max_new_tokens=max_new_tokens, batch_size=batch_size)
        # Neighbours of like length share a batch: less padding, the same answers.
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        draws = _draws(seed, len(prompts))
        answers: list[list[int]] = [[] for _ in prompts]
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            chosen = _Chooser(temperature, [draws[i] for i in batch])
            for tokens in self._answer([prompts[i] for i in batch], max_new_tokens, chosen):
                for i, token in zip(batch, tokens, strict=True):
                    if token is not None:
                        answers[i].append(token)
        return answers

    def stream(
        self, prompt: Asked, *, max_new_tokens: int = 256, temperature: float = 0.0, seed: int | None = None
    ) -> Iterator[str]:
        """Answer one prompt piece by piece; joined, the pieces are what `generate` returns."""
        _check_counts(max_new_tokens=max_new_tokens)
        ids, told = list[int](), ""
        chosen = _Chooser(temperature, _draws(seed, 1))
        for tokens in self._answer([prompt_ids(self.tokenizer, turns(prompt))], max_new_tokens, chosen):
            ids += [token for token in tokens if token is not None]
            text = self.tokenizer.decode(ids, skip_special_tokens=True)
            if len(text) > len(told) and not text.endswith(_UNFINISHED):
                yield text[len(told) :]
                told = text
        if rest := self.tokenizer.decode(ids, skip_special_tokens=True)[len(told) :]:
            yield rest

    def predict(
        self, dataset: "Dataset", *, max_new_tokens: int | None = None, batch_size: int = 64
    ) -> Predictions:
        """Answer, or classify, every row of a dataset; the rows' own answers become the references.

        Parameters
        ----------
        max_new_tokens
            Tokens after which an answer is cut; by default twice the longest reference, at least
            32: a longer answer is wrong anyhow, and an untrained model would never stop.
        """
        prompts, references = pairs_of(dataset)
        if not self.generates:
            texts = self._classify(prompts, batch_size)
        else:
            if max_new_tokens is None:
                longest = max((len(self.tokenizer(text)["input_ids"]) for text in references), default=0)
                max_new_tokens = max(32, 2 * longest)
            texts = self.generate(prompts, max_new_tokens=max_new_tokens, batch_size=batch_size)
        return Predictions(texts, prompts=prompts, references=references, dataset=dataset)

    def as_torch(self) -> tuple[Any, Any]:
        """Return what takes it for a torch model that generates, and the tokenizer."""
        from modelops_jupyter.optimization.spoken import Spoken

        return Spoken(self), self.tokenizer

    def save(self, folder: str | Path) -> Path:
        """Write the graph and what lies beside it to a folder that does not exist yet; return it."""
        target = Path(folder).expanduser()
        if target.exists():
            raise ConfigError(f"The folder '{target}' exists already.", hint="Choose a new one.")
        shutil.copytree(
            self.file.parent, target, ignore=shutil.ignore_patterns(f"*{SUFFIX}", ".*", "manifest.json")
        )
        shutil.copy2(self.file, target / FILE)
        return target

    def __reduce__(self) -> tuple[Any, ...]:
        return _open, (self.file, self.threads)

    def __repr__(self) -> str:
        return f"<OnnxModel {_format.visible(self.name)}, {_format.size(self.size)}>"

    def _settings(self, name: str) -> dict[str, Any]:
        file = self.file.parent / name
        return json.loads(file.read_text("utf-8")) if file.is_file() else {}

    @property
    def _pad(self) -> int:
        pad = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id or 0) if pad is None else int(pad)

    def _nothing(self, batch: int) -> dict[str, Any]:
        """Return a cache in which nothing is kept yet."""
        return {
            name: np.zeros((batch, part.shape[1], 0, part.shape[3]), np.float32)
            for name, part in self._past.items()
        }

    def _step(self, ids: Ids, mask: Ids, kept: dict[str, Any]) -> tuple[Ids, dict[str, Any]]:
        """Return the logits of new ids, and the cache with them in it, which never leaves the runtime."""
        value: Any = require("onnxruntime", extra="onnx", purpose="run ONNX").OrtValue.ortvalue_from_numpy
        given = {"input_ids": np.ascontiguousarray(ids), "attention_mask": np.ascontiguousarray(mask), **kept}
        feeds = {name: value(v) if isinstance(v, np.ndarray) else v for name, v in given.items()}
        logits, *present = self.session.run_with_ort_values(self._outputs, feeds)
        return logits.numpy(), dict(zip(self._past, present, strict=True))

    def _answer(
        self, prompts: Sequence[Sequence[int]], most: int, chosen: "_Chooser"
    ) -> Iterator[list[int | None]]:
        """Yield the next token of every answer, None where it has ended."""
        if not self.generates:
            raise ConfigError("This graph classifies; it writes no answers.", hint="Use predict(dataset).")
        ids, mask = self._padded(prompts, left=True)
        ended, kept = np.zeros(len(prompts), np.bool_), self._nothing(len(prompts))
        for _ in range(most):
            logits, kept = self._step(ids, mask, kept)
            tokens = chosen(logits[:, -1])
            yield [None if over else int(token) for token, over in zip(tokens, ended, strict=True)]
            ended |= np.isin(tokens, self.ends)
            if ended.all():
                return
            ids = np.where(ended, self._pad, tokens)[:, None]
            mask = np.concatenate([mask, np.ones_like(ids)], axis=1)

    def _padded(self, rows: Sequence[Sequence[int]], *, left: bool) -> tuple[Ids, Ids]:
        width = max(1, *map(len, rows)) if rows else 1
        ids, mask = np.full((len(rows), width), self._pad), np.zeros((len(rows), width), np.int64)
        for i, row in enumerate(rows):
            at = slice(width - len(row), None) if left else slice(len(row))
            ids[i, at], mask[i, at] = row, 1
        return ids, mask

    def _classify(self, prompts: Sequence[str], batch_size: int) -> list[str]:
        _check_counts(batch_size=batch_size)
        most = min(self.tokenizer.model_max_length, self.config.get("max_position_embeddings") or _FAR)
        labels, found = self.labels, list[str]()
        for start in range(0, len(prompts), batch_size):
            texts = [str(prompt) for prompt in prompts[start : start + batch_size]]
            rows = self.tokenizer(texts, truncation=True, max_length=most)["input_ids"]
            best = self.logits(*self._padded(rows, left=False)).argmax(-1)
            found += [labels[i] if labels else str(i) for i in best]
        return found


def _check_counts(**given: Any) -> None:
    for name, value in given.items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise ConfigError(f"{name} is {value!r}; it must be a whole number and at least 1.")


def _draws(seed: Any, count: int) -> list[np.random.SeedSequence]:
    try:
        return np.random.SeedSequence(seed).spawn(count)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"seed is {seed!r}; it must be a whole number from 0 on, or None.") from error


def _open(file: Path, threads: int | None) -> OnnxModel:
    return OnnxModel(file, threads=threads)


class _Chooser:
    """Takes the likeliest token, or draws one; each row has draws of its own."""

    def __init__(self, temperature: float, draws: Sequence[np.random.SeedSequence]) -> None:
        if not 0 <= temperature < float("inf"):
            hint = "0 always takes the likeliest token."
            raise ConfigError("temperature must be a number from 0 on.", hint=hint)
        self._temperature = temperature
        self._draws = [np.random.default_rng(seed) for seed in draws]

    def __call__(self, logits: Ids) -> Ids:
        if not self._temperature:
            return logits.argmax(-1)
        # The likeliest after noise of this kind is a draw from softmax(logits / temperature).
        drawn: list[Any] = [draw.gumbel(size=logits.shape[-1]) for draw in self._draws]
        return (logits / self._temperature + np.array(drawn)).argmax(-1)
