"""Which task labels belong to, when nobody says."""

from typing import Any

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.inputs import as_numbers

TASKS = ("binary", "multiclass", "regression", "generation")
_MOST_CLASSES = 30


def task(true: Any) -> str:
    """Return the task that the true values look like.

    Text with few different values is classes, else free text; 0 and 1 is binary; numbers
    with few different whole values are classes, others are measured.
    """
    values = list(true.tolist() if hasattr(true, "tolist") else true)
    if values and all(isinstance(value, str) for value in values):
        different = len(set(values))
        return (
            "multiclass"
            if different <= _MOST_CLASSES and 2 * different <= max(len(values), 4)
            else "generation"
        )
    if values and all(isinstance(value, bool) for value in values):
        return "binary"
    try:
        numbers = as_numbers(values).tolist()
    except EvaluationError:
        return "multiclass"  # reading them as labels gives the error that names the row
    if not all(float(number).is_integer() for number in numbers):
        return "regression"
    if set(numbers) <= {0, 1}:
        return "binary"
    return "multiclass" if len(set(numbers)) <= _MOST_CLASSES else "regression"
