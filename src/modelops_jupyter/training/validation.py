"""What is measured on the validation rows while a model is trained."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from modelops_jupyter._format import clip
from modelops_jupyter.training import generate
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import Rows
from modelops_jupyter.training.measure import held_out, ratio
from modelops_jupyter.training.tables import likelihoods

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

SAMPLES = 3  # answers that are shown as they come
Emit = Callable[[str, dict[str, Any]], None]
Values = dict[str, float]


class Validation:
    """Measures the loss on validation rows and, if metrics are asked for, the answers to them.

    Parameters
    ----------
    model
        As it is before the first step: what DPO compares with.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        rows: Rows,
        dataset: "Dataset | None",
        config: TrainingConfig,
        emit: Emit,
    ) -> None:
        self._tokenizer, self._rows, self._dataset = tokenizer, rows, dataset
        self._config, self._emit = config, emit
        self._pad = int(tokenizer.pad_token_id or 0)
        self._pieces = [pair.split() for pair in rows.pairs] if config.method == "dpo" else []
        self._before = likelihoods(model, self._pieces, config, self._pad) if self._pieces else None

    def __bool__(self) -> bool:
        return bool(self._rows.kept)

    def values(self, model: Any, step: int) -> Values:
        """Return each measure with its bounds, under `name`, `name_low` and `name_high`; report samples."""
        values = self._preference_loss(model) if self._before else self._loss(model)
        if self._config.eval_metrics and self._dataset is not None:
            values |= self._answers(model, self._dataset, step)
        return values

    def _loss(self, model: Any) -> Values:
        size = 4 * (self._config.batch_size or 8)
        loss = held_out(model, self._rows.kept, pad=self._pad, batch_size=size)
        return _banded("validation_loss", loss.value, loss.low, loss.high)

    def _preference_loss(self, model: Any) -> Values:
        """DPO's own loss, each pair once, and how often the better answer gained on the worse."""
        now = likelihoods(model, self._pieces, self._config, self._pad)
        assert self._before is not None
        (better, worse), (better_before, worse_before) = now, self._before
        margin = self._config.beta * ((better - better_before) - (worse - worse_before))
        loss = ratio(np.logaddexp(0.0, -margin), np.ones(len(margin)))
        values = _banded("validation_loss", loss.value, loss.low, loss.high)
        return values | {"validation_reward_accuracy": float((margin > 0).mean())}

    def _answers(self, model: Any, dataset: "Dataset", step: int) -> Values:
        from modelops_jupyter.evaluation.metrics import metric_of
        from modelops_jupyter.evaluation.models import evaluate_predictions

        training = model.training
        model.eval()
        answers = generate.predict(model, self._tokenizer, dataset)
        model.train(training)
        result = evaluate_predictions(answers, [metric_of(name) for name in self._config.eval_metrics])
        shown = list(zip(answers.prompts or (), answers, answers.references or (), strict=True))[:SAMPLES]
        told = "; ".join(f'"{clip(p, 40)}" → "{clip(a, 40)}"' for p, a, _ in shown)
        rows = [{"prompt": str(p), "answer": a, "reference": r} for p, a, r in shown]
        self._emit("sample", {"step": step, "text": f"Step {step}: {told}", "rows": rows})
        values: Values = {}
        for name, value in result.metrics.items():
            values |= _banded(name, float(value), value.low, value.high)
        return values


def more_is_better(measure: str) -> bool:
    """Tell in which direction a measure is better; the loss is better when it is less."""
    if measure == "loss":
        return False
    from modelops_jupyter.evaluation.metrics import metric_of

    return bool(metric_of(measure).greater_is_better)


def _banded(name: str, value: float, low: float, high: float) -> Values:
    return {name: value, f"{name}_low": low, f"{name}_high": high}
