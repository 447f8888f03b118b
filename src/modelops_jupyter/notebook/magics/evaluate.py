"""`%evaluate PRED against TRUE`, `%evaluate MODEL on DATASET` and `%%evaluate`."""

from collections.abc import Callable
from functools import partial
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.evaluation import (
    Comparison,
    EvaluationResult,
    GateResult,
    columns,
    create_evaluator,
    evaluate_model,
)
from modelops_jupyter.evaluation.columns import Column
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.magics import gates, guess, typed
from modelops_jupyter.notebook.magics.command import Call, Command
from modelops_jupyter.notebook.magics.kinds import DATASET, LABELS, MODEL, RESULT
from modelops_jupyter.notebook.magics.names import look_up, variable
from modelops_jupyter.notebook.magics.parser import Word
from modelops_jupyter.notebook.magics.spec import Option, Spec, UsageError

_LINKS = ("against", "on")
_TASK = Option("task", "what kind of answers; guessed when left out", choices=guess.TASKS)
_BY = Option("by", "a field or a variable to measure every part alone", "COLUMN", completes="column|labels")
_FIELD = Option("by", "a field of the rows to measure apart", "FIELD", completes="column")
_SCORES = Option("scores", "how sure the model is, a variable", "SCORES", completes="labels")
_SHARED = (
    Option("compare", "an earlier result on the same rows", value="BEFORE", completes="result"),
    Option("gate", "what must hold, such as f1:max_drop=.01 or min_value=.9", value="GATE", completes="gate"),
    Option("as", "bind the result to this name", value="NAME"),
)


def _line(call: Call) -> None:
    left, right = _sides(call)
    link = call.word(1).text
    if link == "against":
        predicted, true = look_up(left, call.names, LABELS), look_up(right, call.names, LABELS)
        _finish(call, partial(_labels, call, predicted, true), _column(call, None))
    else:
        for option in ("task", "scores"):
            if option in call.parsed.options:
                raise UsageError(f"--{option} goes with PRED against TRUE.", hint="Leave it out.")
        model, dataset = look_up(left, call.names, MODEL), look_up(right, call.names, DATASET)
        asked = partial(evaluate_model, model, dataset, title=f"{_name(model, left)} on {right.text}")
        _finish(call, asked, _column(call, dataset))


def _column(call: Call, dataset: Dataset | None) -> Column | None:
    """Return the values of the variable that --by names, else the field; before a model is asked."""
    word = call.parsed.word("by")
    if word is None:
        return None
    text = word.text
    found, value = variable(text, call.names)
    fits = found and LABELS.fits(value) and not word.quoted
    if dataset is None or (fits and not any(text.partition(".")[0] in row for row in dataset)):
        return {text: look_up(word, call.names, LABELS)}
    if fits:
        hint = f'Write "{text}" in quotes for the field, or rename the variable.'
        raise UsageError(f"{text!r} is both a variable and a field.", hint=hint)
    columns.field(dataset, text)
    return text


def _name(model: Any, word: Word) -> str:
    """Return what a model calls itself (a job its own name), else how it was written."""
    name = getattr(model, "name", None)
    return name if isinstance(name, str) and name else word.text


def _sides(call: Call) -> tuple[Word, Word]:
    words = call.parsed.words
    if len(words) == 3 and words[1].text in _LINKS:
        return words[0], words[2]
    if len(words) == 2 and not {word.text for word in words} & set(_LINKS):
        a, b = (word.text for word in words)
        raise UsageError(
            f"%evaluate {a} {b} can be read in two ways.",
            hint=f"Write `%evaluate {a} against {b}` for predictions and truth, "
            f"or `%evaluate {a} on {b}` for a model and a dataset.",
        )
    near = did_you_mean(words[1].text, _LINKS) if len(words) == 3 else ""
    hint = f"{near} Usage: {' or '.join(LINE.spec.forms)}.".strip()
    raise UsageError("%evaluate did not understand this line.", hint=hint)


def _labels(call: Call, predicted: Any, true: Any) -> EvaluationResult:
    task = call.parsed.text("task") or guess.task(true)
    return create_evaluator(task).evaluate(true, predicted, scores=call.named("scores", LABELS))


def _cell(call: Call) -> None:
    by = call.parsed.text("by")
    table = typed.read(call.body, call.first_line, by)
    task = call.parsed.text("task") or guess.task(table.references)
    measure = partial(create_evaluator(task).evaluate, table.references, table.predictions)
    found = partial(measure, scores=table.scores, ids=table.ids)
    _finish(call, found, None if by is None else {by: table.groups})


def _finish(call: Call, measure: Callable[[], EvaluationResult], column: Column | None) -> None:
    """Read the whole line, then measure; what was measured is bound and shown whatever follows."""
    before: EvaluationResult | None = call.named("compare", RESULT)
    text = call.parsed.text("gate")
    gate = None if text is None else gates.read(text, before)
    result = measure()
    call.bind(result)
    try:
        judged = None if gate is None else gates.judge(gate, result, before)
        shown = result if before is None else result.compare(before)
    except ModelOpsError:
        display.show(result)
        raise
    display.show(shown if judged is None or not display.can_show_widgets() else _judged(shown, judged))
    if column is not None:
        display.show(result.by(column))
    if judged is not None:
        gates.enforce(judged)


def _judged(shown: EvaluationResult | Comparison, judged: GateResult) -> Any:
    """Return a view that says what the gate found above the values."""
    from modelops_jupyter.notebook.widgets import MetricsExplorer

    return MetricsExplorer(shown, gate=judged)


LINE = Command(
    Spec(
        name="%evaluate",
        forms=("%evaluate PRED against TRUE", "%evaluate MODEL on DATASET"),
        summary="Measure predictions, or ask a model every row of a dataset; every number has its interval.",
        words=(2, 3),
        example="%evaluate job on test --compare before --gate exact_match:min_value=.9",
        listed=(_TASK, _SCORES, _BY, *_SHARED),
        completes=("labels|model", "", "labels|dataset"),
        choices=((), _LINKS),
    ),
    _line,
)
CELL = Command(
    Spec(
        name="%%evaluate",
        forms=("%%evaluate [--task T] [--by FIELD] [--compare BEFORE] [--gate G] [--as NAME]",),
        summary="Measure typed rows: a JSON object a line with prediction, reference, maybe id, score.",
        words=(0, 0),
        example='%%evaluate --as result\n{"prediction": "4", "reference": "4"}',
        listed=(_TASK, _FIELD, *_SHARED),
    ),
    _cell,
)
