"""`plan`: what a run would do, read from rows, tokenizer and the shape of the model, before it starts."""

import dataclasses
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import psutil

from modelops_jupyter._display import Rich
from modelops_jupyter._format import count, duration, percent, plural, size
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EmptyInputError
from modelops_jupyter.training import memory, models
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import Rows, encoded_rows, packed

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

MOST_USELESS = 0.3  # share of rows that may teach nothing
FLOAT = 4  # bytes


@dataclass(frozen=True)
class MaskAudit:
    """Which rows training would not see as meant, by id.

    Parameters
    ----------
    empty
        No word of an answer carries loss: the row teaches nothing and stays out.
    cut
        `max_length` cuts the answer.
    unended
        The end of the answer is not trained: the model would not learn to stop.
    stray
        The chat template puts loss on turns that are not answers.
    """

    rows: int
    share: float  # of the tokens, how many carry loss
    empty: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    unended: tuple[str, ...] = ()
    stray: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """Say what deserves a look."""
        told = (
            (self.empty, "teaches nothing and stays out", "teach nothing and stay out"),
            (self.cut, "has an answer that max_length cuts", "have an answer that max_length cuts"),
            (self.unended, "does not train the end of the answer", "do not train the end of the answer"),
            (self.stray, "trains on turns that are no answers", "train on turns that are no answers"),
        )
        return [
            f"{plural(len(ids), 'row')} of {count(self.rows)} {one if len(ids) == 1 else many}: "
            f"{', '.join(ids[:3])}{', …' if len(ids) > 3 else ''}"
            for ids, one, many in told
            if ids
        ]


@dataclass(frozen=True)
class TrainingPlan(Rich):
    """What a run would do.

    Parameters
    ----------
    tokens
        Of one pass over the rows; ≈ if the model is a service's and the tokens are estimated.
    memory, available
        Bytes that the run needs (an estimate), and that the machine can give now.
    seconds
        Least and most the steps take, as measured; None if nothing was measured.
    price
        In the unit of the table that was given.
    """

    kind: ClassVar[str] = "plan"

    model: str
    config: TrainingConfig
    rows: int
    tokens: int
    steps: int
    epochs: float
    audit: MaskAudit | None
    parameters: int = 0
    trainable: int = 0
    memory: int = 0
    available: int = 0
    notes: tuple[str, ...] = ()
    seconds: tuple[float, float] | None = None
    price: float | None = None
    sequences: int = field(default=0, repr=False)  # lines that are trained: rows, or packed rows

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return dataclasses.asdict(self) | {"config": self.config.to_dict()}

    def lines(self) -> tuple[list[str], list[str]]:
        """Return what holds on every machine, and what is about this one: memory and time."""
        c, audit = self.config, self.audit
        lines = [
            f"Training plan: {c.method} of {self.model} on {plural(self.rows, 'row')}",
            f"  {count(self.steps)} steps, {self.epochs:g} passes, batch {c.batch_size} × "
            f"{c.gradient_accumulation_steps}, learning rate {c.learning_rate:g}, warm-up {c.warmup_steps}",
            f"  {'' if audit else '≈ '}{count(self.tokens)} tokens a pass"
            + (f", {percent(audit.share)} of them carry loss" if audit else ""),
        ]
        if self.parameters:
            lines.append(f"  {count(self.trainable)} of {count(self.parameters)} weights trained")
        if self.price is not None:
            lines.append(f"  Price: {self.price:,.2f}")
        told = [*(audit.sentences() if audit else []), *self.notes]
        lines += [f"  ! {text}" for text in told]
        here = [f"  Memory: ≈ {size(self.memory)} of {size(self.available)} free"] if self.parameters else []
        low, high = self.seconds or (0.0, 0.0)
        measured = f"{duration(low)} to {duration(high)}" if self.seconds else "not measured yet"
        return lines, [*here, f"  Time: {measured}"]

    def __repr__(self) -> str:
        lines, here = self.lines()
        return "\n".join([*lines, *here])


def plan(
    model: Any,
    dataset: "Dataset",
    config: "TrainingConfig | Mapping[str, Any] | None" = None,
    *,
    validation: "Dataset | None" = None,
    prices: Mapping[str, float] | None = None,
    trial_steps: int = 0,
) -> TrainingPlan:
    """Say what a run would do, without starting it; every row is looked at as training would see it.

    Parameters
    ----------
    model
        As for `TrainingPipeline`; or the name of a service's model that stands in `prices`: its
        tokens are then estimated, and its masks are not looked at.
    prices
        Model → price of a million trained tokens.
    trial_steps
        Train so many steps, at least 3, to measure the time; what they learned is thrown away.

    Raises
    ------
    ConfigError
        If the run could not work, with what to do; also if more than 30 % of the rows teach nothing.

    Examples
    --------
    >>> plan("tiny", train, {"epochs": 2}).steps  # doctest: +SKIP
    116
    """
    given = config if isinstance(config, TrainingConfig) else TrainingConfig.from_dict(config or {})
    price = (prices or {}).get(model) if isinstance(model, str) else None
    if price is not None and model not in models.WORDS:
        return _hosted(str(model), dataset, given, price)
    description, name = models.describe(model)
    skeleton, tokenizer = models.skeleton(description)
    full = given.filled(len(dataset), tiny=models.is_tiny(description))
    rows = encode(dataset, tokenizer, full)
    made = of(
        name,
        skeleton,
        rows,
        dataset,
        full,
        validated=validation is not None,
        made=models.is_made(description),
    )
    if validation is not None:
        encode(validation, tokenizer, full, "validation")
    if trial_steps:
        made = dataclasses.replace(made, seconds=_measured(model, dataset, made, max(3, trial_steps)))
    return made if price is None else dataclasses.replace(made, price=_price(made.tokens, made.epochs, price))


def encode(dataset: "Dataset", tokenizer: Any, config: TrainingConfig, which: str = "training") -> Rows:
    """Encode all rows for a run; refuse them if too many would teach nothing."""
    if not len(dataset):
        raise EmptyInputError(f"The {which} dataset has no rows.", hint="Give at least one row.")
    only = config.answers_only(str(dataset.format))
    rows = encoded_rows(
        dataset, tokenizer, method=config.method, answers_only=only, max_length=config.max_length
    )
    share = len(rows.empty) / rows.total
    if share > MOST_USELESS:
        raise ConfigError(
            f"{percent(share)} of the {which} rows would teach nothing: no word of an answer carries loss.",
            code="mask-empty",
            hint="Give the rows assistant turns, raise max_length, or check the chat template.",
        )
    return rows


def of(
    name: str, model: Any, rows: Rows, dataset: "Dataset", config: TrainingConfig, *, validated: bool,
    made: bool = False,
) -> TrainingPlan:  # fmt: skip
    """Return the plan of a filled configuration for encoded rows, or refuse it."""
    config.require_validation(given=validated)
    window = getattr(model.config, "max_position_embeddings", None)
    if window and rows.longest > window:
        raise ConfigError(
            f"The longest row has {count(rows.longest)} tokens; the model's window is {count(window)}.",
            code="window",
            hint=f"Use max_length={window}, or drop the long rows.",
        )
    sequences = len(rows.kept)
    if config.packing:
        sequences = len(packed(rows.kept, config.max_length or 1024))
        config = config.packed(sequences)
    everything = sum(weight.numel() for weight in model.parameters())
    trainable = _adapter_size(model, config) if config.adapter else everything
    notes = (
        ["An adapter on weights that were never trained learns next to nothing"]
        if made and config.adapter
        else []
    )
    return TrainingPlan(
        name,
        config,
        len(rows.kept),
        rows.tokens,
        config.steps(sequences),
        config.passes(sequences),
        _audit(rows, dataset),
        everything,
        trainable,
        *_memory(model, everything, trainable, rows, config),
        tuple(notes),
        sequences=sequences,
    )


def _audit(rows: Rows, dataset: "Dataset") -> MaskAudit:
    ids, found = dataset.ids, (rows.empty, rows.cut, rows.unended, rows.stray)
    named = (tuple(ids[i] for i in places) for places in found)
    return MaskAudit(rows.total, rows.trained / rows.tokens, *named)


def _adapter_size(model: Any, config: TrainingConfig) -> int:
    import torch

    output = model.get_output_embeddings()
    linear = {n: m for n, m in model.named_modules() if isinstance(m, torch.nn.Linear) and m is not output}
    wanted = config.lora_target_modules or tuple({name.rpartition(".")[2] for name in linear})
    for word in wanted:
        if not any(name == word or name.endswith(f".{word}") for name in linear):
            known = sorted({name.rpartition(".")[2] for name in linear})
            raise ConfigError(
                f"The model has no layer '{word}' for an adapter.", hint=did_you_mean(word, known)
            )
    chosen = [m for name, m in linear.items() if name.endswith(tuple(wanted))]
    return (config.lora_r or 16) * sum(m.in_features + m.out_features for m in chosen)


def _memory(
    model: Any, everything: int, trainable: int, rows: Rows, config: TrainingConfig
) -> tuple[int, int]:
    """Estimate what the run needs, and say what there is; refuse what cannot fit."""
    import torch

    fixed = FLOAT * (everything + 3 * trainable)  # weights; gradients and AdamW's two means
    shape = model.config
    inner = int(getattr(shape, "intermediate_size", 4 * shape.hidden_size))
    a_token = shape.num_hidden_layers * (16 * shape.hidden_size + 4 * inner) + 4 * shape.vocab_size
    at_once = min(config.batch_size or 8, len(rows.kept)) * (2 if config.method == "dpo" else 1)
    length = config.max_length if config.packing else rows.longest
    needed = fixed + FLOAT * a_token * at_once * (length or 1024)
    total = memory.limit()
    gpu = torch.cuda.is_available()
    free = torch.cuda.mem_get_info()[0] if gpu else psutil.virtual_memory().available
    available = min(free, total)
    if fixed > total:
        raise ConfigError(
            f"Weights, gradients and optimiser need {size(fixed)}; the machine has {size(total)}.",
            code="memory",
            hint="Use a smaller model" + ("." if config.adapter else ", or method='lora'."),
        )
    return int(needed), int(available)


def _measured(model: Any, dataset: "Dataset", made: TrainingPlan, steps: int) -> tuple[float, float]:
    from modelops_jupyter.training.pipeline import TrainingPipeline

    times: list[float] = []

    def hear(kind: str, data: dict[str, Any]) -> None:
        if kind == "point" and "elapsed" in data["values"]:
            times.append(data["values"]["elapsed"])

    # The whole run's settings, so that its steps are those of the run; it is only stopped early.
    whole = dataclasses.replace(made.config, load_best_model_at_end=False, eval_metrics=(), report_to=(),
                                early_stopping_patience=None, metric_for_best_model=None)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="modelops-trial-") as folder:
        pipeline = TrainingPipeline(whole, model=model, folder=folder)
        pipeline.run(dataset, on_event=hear, should_stop=lambda: len(times) >= steps)
    paces = [after - before for before, after in pairwise(times)]
    middle, slowest = statistics.median(paces), max(paces)
    return made.steps * min(paces), made.steps * max(slowest, 1.2 * middle)


def _hosted(model: str, dataset: "Dataset", config: TrainingConfig, price: float) -> TrainingPlan:
    from modelops_jupyter.datasets.tokens import estimate

    full = config.filled(len(dataset))
    tokens, epochs = int(estimate(dataset).sum()), full.passes(len(dataset))
    return TrainingPlan(
        model, full, len(dataset), tokens, full.steps(len(dataset)), epochs, None,
        price=_price(tokens, epochs, price),
    )  # fmt: skip


def _price(tokens: int, epochs: float, a_million: float) -> float:
    return tokens * epochs * a_million / 1e6
