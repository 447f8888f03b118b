"""`evaluate_model`: ask a model every row of a dataset, and measure the answers."""

import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from modelops_jupyter import _aio
from modelops_jupyter.errors import EmptyInputError, EvaluationError
from modelops_jupyter.evaluation import forgetting
from modelops_jupyter.evaluation.baselines import answers as answers_of
from modelops_jupyter.evaluation.evaluator import ModelEvaluator
from modelops_jupyter.evaluation.metrics import DEFAULTS, Metric, Metrics, metrics_of
from modelops_jupyter.evaluation.predictions import Predictions, pairs_of
from modelops_jupyter.evaluation.result import EvaluationResult
from modelops_jupyter.evaluation.tasks import AUTO, Auto, TaskType

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

OTHER = "(other answer)"  # what is none of the labels
_MOST_LABELS = 50


def evaluate_model(
    model: Any,
    dataset: "Dataset",
    *,
    metrics: Metrics | None = None,
    baselines: str | Sequence[str] | None = "auto",
    retain: Any = None,
    title: str | None = None,
    level: float = 0.95,
    positive_class: str | Auto = AUTO,
) -> EvaluationResult:
    """Let a model answer every row and compare its answers with the references.

    Parameters
    ----------
    model
        Anything with `predict(Dataset)`, or a function (sync or async) that takes the list of
        prompts and returns the list of answers. A prompt is a str; its `.messages` are the turns.
    dataset
        The rows; the reference is the last assistant turn, the completion, or the chosen answer.
    metrics
        Names, objects or functions; exact match by default. With classification metrics the
        references are the labels, and an answer that is none of them is wrong.
    baselines
        What the model must beat, measured on the same rows: "base model" (the one it was made
        from), "majority answer" and "nearest training prompt" (the answer of the training row
        with the likest words). "auto" takes those that can be had; None asks nobody else.
    retain
        What must not get worse than it was before training. True: the loss on sixty neutral
        sentences; a dataset or a benchmark suite, or a list of them: these too.
    positive_class
        For two labels, which one precision, recall and F1 are about; else they are averaged.

    Raises
    ------
    EvaluationError
        If the model cannot be asked; the message says how to get one that can.
    """
    chosen = metrics_of(DEFAULTS[TaskType.GENERATION] if metrics is None else metrics)
    answers = predict(model, dataset)
    result = evaluate_predictions(answers, chosen, level=level, positive_class=positive_class)
    named = " on ".join(filter(None, [_name(model), dataset.name])) if title is None else title
    result.title, result.dataset = named or result.title, dataset
    result.metadata["dataset"] = dataset.fingerprint
    simple, result.remarks = answers_of(model, answers, dataset, baselines)
    for name, said in simple.items():
        found = evaluate_predictions(said, chosen, level=level, positive_class=positive_class)
        found.title = name
        result.baselines[name] = found
    result.retained = forgetting.measure(model, retain, level)
    return result


def predict(model: Any, dataset: "Dataset") -> Predictions:
    """Return the model's answers to every row."""
    if isinstance(model, str):
        raise EvaluationError(
            f"{model!r} is the name of a model, not a model.",
            hint=f"Load it first: modelops_jupyter.fine_tuning.load_model({model!r}).",
        )
    if not len(dataset):
        raise EmptyInputError(
            "The dataset is empty: there is nothing to evaluate.", hint="Pass a row or more."
        )
    if hasattr(model, "predict"):
        answers = model.predict(dataset)
        return answers if isinstance(answers, Predictions) else Predictions(answers, dataset=dataset)
    if not callable(model):
        raise EvaluationError(
            f"A {type(model).__name__} cannot answer prompts.",
            hint="Pass something with predict(dataset), or a function from prompts to texts.",
        )
    prompts, references = pairs_of(dataset)
    found: Any = model(prompts)
    if inspect.isawaitable(found):
        found = _aio.run(found)
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise EvaluationError(
            f"The model function returned a {type(found).__name__}; one text per prompt is needed.",
            hint="It takes the list of all prompts: lambda prompts: [answer(p) for p in prompts].",
        )
    return Predictions(cast("Sequence[str]", found), dataset.ids, prompts, references, dataset)


def evaluate_predictions(
    answers: Predictions, metrics: Sequence[Metric], *, level: float = 0.95, positive_class: str | Auto = AUTO
) -> EvaluationResult:
    """Measure answers against their references."""
    if answers.references is None:
        raise EvaluationError("These predictions have no references.", hint="Pass references= or dataset=.")
    on_labels = [m for m in metrics if m.takes not in (None, "texts")]
    texts = ModelEvaluator(TaskType.GENERATION, [m for m in metrics if m not in on_labels], level=level)
    result = texts.evaluate(answers.references, answers.texts, ids=answers.ids)
    if on_labels:
        on_text, result = result, _classified(answers, on_labels, level, positive_class)
        result.metrics = {m.name: (result.metrics | on_text.metrics)[m.name] for m in metrics}
        result.used |= on_text.used
    rows = result.need_rows("show")
    result.rows = replace(rows, prompts=answers.prompts, outputs=answers.texts)
    return result


def _classified(
    answers: Predictions, metrics: Sequence[Metric], level: float, positive_class: str | Auto
) -> EvaluationResult:
    truth = [r.strip() for r in answers.references or ()]
    labels = sorted(set(truth))
    if len(labels) > _MOST_LABELS:
        raise EvaluationError(
            f"{metrics[0].name!r} needs few labels, and the references are {len(labels)} different texts.",
            hint="Use exact_match for free text.",
        )
    said = [text.strip() if text.strip() in labels else OTHER for text in answers.texts]
    binary = len(labels) == 2 and not isinstance(positive_class, Auto)
    task = TaskType.BINARY_CLASSIFICATION if binary else TaskType.MULTICLASS_CLASSIFICATION
    evaluator = ModelEvaluator(task, metrics, labels=labels, positive_class=positive_class, level=level)
    result = evaluator.evaluate(truth, said, ids=answers.ids)
    result.metadata["other_answers"] = said.count(OTHER)
    return result


def _name(model: Any) -> str:
    """Return the model's name for a title: its own, its function's, or nothing."""
    names = (getattr(model, attribute, None) for attribute in ("name", "__name__"))
    return next((n for n in names if isinstance(n, str) and n != "<lambda>"), "")
