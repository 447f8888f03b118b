"""What kind of answer a model gives; decides which metrics fit and how inputs are read."""

from enum import Enum, StrEnum
from typing import Final, Literal

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError

Kind = Literal["labels", "numbers", "texts", "label sets"]
Label = str | int | float | bool


class Auto(Enum):
    """The type of `AUTO`, so that no label can be mistaken for it."""

    AUTO = "auto"

    def __repr__(self) -> str:
        return "AUTO"


AUTO: Final = Auto.AUTO


class TaskType(StrEnum):
    """The task a model is evaluated on."""

    BINARY_CLASSIFICATION = "binary_classification"
    MULTICLASS_CLASSIFICATION = "multiclass_classification"
    MULTILABEL_CLASSIFICATION = "multilabel_classification"
    REGRESSION = "regression"
    GENERATION = "generation"

    @property
    def takes(self) -> Kind:
        """How truth and prediction are read: as labels, numbers, texts or sets of labels."""
        if self is TaskType.REGRESSION:
            return "numbers"
        if self is TaskType.MULTILABEL_CLASSIFICATION:
            return "label sets"
        return "texts" if self is TaskType.GENERATION else "labels"


_NAMES = {
    name: task for task in TaskType for name in (task.value, task.value.removesuffix("_classification"))
}


def task_of(task: str | TaskType) -> TaskType:
    """Return the task a user names: a `TaskType`, its value, or the short word such as "binary"."""
    if task in _NAMES:
        return _NAMES[task]
    raise ConfigError(f"There is no task {task!r}.", hint=did_you_mean(str(task), _NAMES))
