"""`compare_variants`: what a smaller or faster version costs in quality, and what it gives."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from modelops_jupyter import _format as fmt
from modelops_jupyter.errors import ConfigError, EmptyInputError
from modelops_jupyter.evaluation import ComparisonRow, EvaluationResult, Gate, GateResult, evaluate_model
from modelops_jupyter.evaluation.table import Finding, Table
from modelops_jupyter.optimization import measure
from modelops_jupyter.optimization.measure import Timing

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation.metrics import Metrics

ORIGINAL = "original"
_SAID = {"pass": "is safe here", "fail": "is not safe here", "inconclusive": "is not shown to be safe here"}


@dataclass(frozen=True)
class Variant:
    """One version of a model: its costs, and its quality beside the original's.

    Parameters
    ----------
    size, memory
        Bytes of the weights; the most bytes that a process holds which loads it and answers eight rows.
        NaN where they cannot be known.
    timing
        Seconds and speeds.
    result
        Its evaluation.
    change
        The metric's paired difference, variant minus original; None for the original.
    same
        The share of rows with the original's answer, to the letter.
    verdict
        What the gate says, None without one.
    """

    name: str
    size: float
    memory: float
    timing: Timing
    result: EvaluationResult
    change: ComparisonRow | None = None
    same: float = 1.0
    verdict: GateResult | None = None

    @property
    def outcome(self) -> str:
        """What the gate said: "pass", "fail", "inconclusive", or '' without one."""
        return "" if self.verdict is None else self.verdict.outcome

    @property
    def safe(self) -> bool:
        """Whether the gate passed it."""
        return self.outcome == "pass"


class Variants(Finding, Sequence[Variant]):
    """The original first, then its variants."""

    kind: ClassVar[str] = "variants"
    asked = True

    def __init__(self, rows: Sequence[Variant], metric: str, gate: Gate | None, data: str) -> None:
        self.rows, self.metric, self.gate, self._data = tuple(rows), metric, gate, data

    def __getitem__(self, key: Any) -> Any:
        rows: Any = {row.name: row for row in self.rows} if isinstance(key, str) else self.rows
        return rows[key]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def label(self) -> str:
        """The metric as people read it."""
        return self.rows[0].result[self.metric].label

    @property
    def title(self) -> str:
        """What was compared, and on what."""
        n = fmt.plural(self.rows[0].result.sample_count, "row")
        return fmt.visible(f"Variants on {self._data}: {n}" if self._data else f"Variants on {n}")

    @property
    def summary(self) -> str:
        """One sentence for each variant, with the numbers that decided."""
        return " ".join(map(self._sentence, self.rows[1:]))

    def _sentence(self, row: Variant) -> str:
        if row.change is None:
            return f"{fmt.visible(row.name)} cannot be compared in {self.label}."
        said = _SAID[row.outcome] if row.outcome else f"against the original, {row.change.verdict}"
        gains = [f"{fmt.number(row.timing.alone_speed, 1)} times as fast at batch 1"]
        if not math.isnan(part := row.size / self.rows[0].size):
            gains.insert(0, f"{fmt.percent(part)} of the size")
        return (
            f"{fmt.visible(row.name)} {said}: {self.label} {row.change.change} on "
            f"{fmt.plural(row.change.n, 'row')}{self._allowed}; {', '.join(gains)}."
        )

    @property
    def _allowed(self) -> str:
        gate = self.gate
        named = {"a drop of {} is allowed": gate and gate.max_drop, "{} is needed": gate and gate.min_value}
        return "".join(f", {text.format(fmt.number(v))}" for text, v in named.items() if v is not None)

    @property
    def limit(self) -> float | None:
        """The difference that the gate allows, None where it looks at none."""
        if self.gate is None or self.gate.max_drop is None:
            return None
        return self.gate.max_drop * (1 if self.rows[0].result[self.metric].greater_is_better is False else -1)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the numbers do not say."""
        first = self.rows[0].result[self.metric]
        told = ["Times, speeds and memory are this machine's, now; speeds were measured in turns."]
        if self.limit is not None and first.greater_is_better is not False and first + self.limit <= 0:
            told.insert(0, f"The original itself reaches {fmt.number(first)}: it has nothing to lose.")
        return tuple(told)

    def table(self) -> Table:
        """Return costs and quality, each with what it is beside the original."""
        head = ["variant", "size", "batch 1", "batch 8", "tokens/s", "peak memory", self.label, "difference"]
        judged = self.gate is not None
        head += ["same answers", *(["gate"] if judged else [])]
        return Table(head, [self._cells(row, judged) for row in self.rows], left=(0, len(head) - judged))

    def _cells(self, row: Variant, judged: bool) -> list[str]:
        first, time, tokens = self.rows[0], row.timing, row.timing.tokens_per_second
        cells = [
            row.name,
            _bytes(row.size) if row is first else f"{_bytes(row.size)} ({_times(row.size / first.size)})",
            *(
                f"{1000 * seconds:.3g} ms" + ("" if row is first else f" ({_times(speed)} speed)")
                for seconds, speed in ((time.alone, time.alone_speed), (time.batch, time.batch_speed))
            ),
            "—" if math.isnan(tokens) else fmt.count(round(tokens)),
            _bytes(row.memory),
            row.result[self.metric].brief,
            "" if row.change is None else row.change.change,
            "" if row is first else fmt.percent(row.same, 1),
        ]
        return [*cells, *([row.outcome] if judged else [])]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN is null."""
        rows = [
            {
                "name": row.name,
                "size": _known(row.size),
                "memory": _known(row.memory),
                "timing": {name: _known(value) for name, value in asdict(row.timing).items()},
                "value": _known(float(row.result[self.metric])),
                "change": row.change and {k: _known(v) for k, v in asdict(row.change).items()},
                "same": row.same,
                "verdict": None if row.verdict is None else row.verdict.to_dict(),
            }
            for row in self.rows
        ]
        gate = self.gate and self.gate.to_dict()
        return {"kind": self.kind, "schema": 1, "metric": self.metric, "gate": gate, "rows": rows}


def compare_variants(
    model: Any,
    variants: Mapping[str, Any] | Sequence[Any],
    dataset: "Dataset",
    *,
    metrics: "Metrics | None" = None,
    gate: Gate | None = None,
) -> Variants:
    """Compare versions of a model with it: size, speed, memory, and what they lose on these rows.

    Parameters
    ----------
    model
        The original: anything with `predict(Dataset)`.
    variants
        The others, by name or, if they have names of their own, as a list.
    dataset
        The rows that quality is measured on; the first eight are those that times are measured on.
    metrics
        As `evaluate_model` takes them; exact match by default. The gate's metric is told, else the first.
    gate
        What a variant must not lose (`Gate("exact_match", max_drop=0.02)`): it is safe only if the whole
        interval of the paired difference is within it.

    Raises
    ------
    ConfigError
        If there is no variant, or two have one name.
    EvaluationError
        If a model cannot be asked, or the gate names a metric that was not measured.

    Examples
    --------
    >>> print(compare_variants(model, {"INT8": small}, test, gate=gate).summary)  # doctest: +SKIP
    INT8 is safe here: Exact match −0.002 [−0.009, +0.004] on 900 rows, a drop of 0.020 is allowed; …
    """
    if gate is not None and not isinstance(gate, Gate):  # pyright: ignore[reportUnnecessaryIsInstance] -- users
        raise ConfigError(f"{gate!r} is no gate.", hint='Write Gate("exact_match", max_drop=0.02).')
    models = _named(model, variants)
    if not len(dataset):
        raise EmptyInputError("The dataset is empty: there is nothing to compare on.")
    results: dict[str, EvaluationResult] = {}
    for name, one in models.items():
        try:
            results[name] = evaluate_model(one, dataset, metrics=metrics, baselines=None, title=name)
        except Exception as error:
            error.add_note(f"It was the model {name!r}.")
            raise
    first = results[ORIGINAL]
    metric = gate.metric if gate else next(iter(first.metrics))
    sample = dataset[: measure.BATCH]
    timings = measure.times(models, sample)
    rows = [
        Variant(
            name,
            measure.size(one),
            measure.memory(one, sample),
            timings[name],
            results[name],
            *((None, 1.0, None) if name == ORIGINAL else _beside(results[name], first, metric, gate)),
        )
        for name, one in models.items()
    ]
    return Variants(rows, metric, gate, dataset.name or "")


def _named(model: Any, variants: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    if isinstance(variants, Mapping):
        pairs = [(str(name), one) for name, one in variants.items()]
    else:
        listed: Any = variants if isinstance(variants, Sequence) else [variants]  # pyright: ignore[reportUnnecessaryIsInstance] -- users
        pairs = [(str(getattr(one, "name", "") or f"variant {i}"), one) for i, one in enumerate(listed, 1)]
    named = {ORIGINAL: model, **dict(pairs)}
    if not pairs or len(named) <= len(pairs):
        text = "There is no variant to compare." if not pairs else "Two models have one name."
        hint = 'Give each its own: compare_variants(model, {"INT8": quantize(exported)}, dataset).'
        raise ConfigError(text, hint=hint)
    return named


def _beside(
    result: EvaluationResult, first: EvaluationResult, metric: str, gate: Gate | None
) -> tuple[ComparisonRow | None, float, GateResult | None]:
    """Return the paired difference, the share of same answers, and the gate's verdict."""
    change = next((row for row in result.compare(first).rows if row.name == metric), None)
    said = [r.need_rows("compare").outputs or () for r in (result, first)]
    same = sum(a == b for a, b in zip(*said, strict=True)) / len(said[0])
    return change, same, gate and gate.check(result, before=first)


def _bytes(value: float) -> str:
    return "—" if math.isnan(value) else fmt.size(round(value))


def _times(ratio: float) -> str:
    return "—" if math.isnan(ratio) else f"×{ratio:.2f}"


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
