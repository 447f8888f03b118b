"""Every error a user can meet, in one tree.

::

    ModelOpsError
    ├── DatasetError (ValueError)
    │   └── RowError
    ├── SourceNotFoundError (FileNotFoundError)
    ├── ConfigError (ValueError)
    ├── EvaluationError (ValueError)
    │   ├── EmptyInputError
    │   └── LengthMismatchError
    ├── JobError (RuntimeError)
    ├── StoreError (OSError)
    ├── RegistryError
    └── MissingExtraError (ImportError)

Bad input raises one of these. Any other exception that leaves the library is a bug in
the library and is shown in full.
"""

import textwrap
from typing import Any, ClassVar

from modelops_jupyter._where import Where

__all__ = [
    "ConfigError",
    "DatasetError",
    "EmptyInputError",
    "EvaluationError",
    "JobError",
    "LengthMismatchError",
    "MissingExtraError",
    "ModelOpsError",
    "RegistryError",
    "RowError",
    "SourceNotFoundError",
    "StoreError",
    "Where",
]


class ModelOpsError(Exception):
    """Base of all errors: what happened, where, and what to do about it.

    Parameters
    ----------
    message
        What is wrong, as one plain sentence.
    code
        A stable kebab-case word for programs; the same word travels on the wire.
    where
        The place in the user's material.
    hint
        What to do, as one plain sentence.

    Examples
    --------
    >>> print(ModelOpsError("The file is empty.", hint="Add a row."))
    The file is empty. Add a row.
    """

    default_code: ClassVar[str] = "error"

    def __init__(
        self, message: str, *, code: str | None = None, where: Where | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where and str(self.where) else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.message}{place}{hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception.__reduce__ would call the class without the keywords.
        return (_rebuild, (type(self), self.message, self.code, self.where, self.hint))

    def _render_traceback_(self) -> list[str]:
        """One paragraph instead of a traceback; IPython calls this by name."""
        head = f"{type(self).__name__}: "
        return (
            textwrap.wrap(head + str(self), width=100, break_long_words=False, break_on_hyphens=False)
            if "\n" not in str(self)
            else (head + str(self)).splitlines()
        )


def _rebuild(
    kind: type[ModelOpsError], message: str, code: str, where: Where | None, hint: str | None
) -> ModelOpsError:
    return kind(message, code=code, where=where, hint=hint)


class DatasetError(ModelOpsError, ValueError):
    """A dataset, its file or an argument about it cannot be used."""

    default_code = "dataset"


class RowError(DatasetError):
    """One row cannot be read; the others can."""

    default_code = "row"


class SourceNotFoundError(ModelOpsError, FileNotFoundError):
    """A file, folder or name that was given does not exist."""

    default_code = "not-found"


class ConfigError(ModelOpsError, ValueError):
    """A setting is unknown, of the wrong type or out of range."""

    default_code = "config"


class EvaluationError(ModelOpsError, ValueError):
    """Labels, scores or predictions that no honest number can be computed from."""

    default_code = "evaluation"


class EmptyInputError(EvaluationError):
    """There is nothing to evaluate."""

    default_code = "empty-input"


class LengthMismatchError(EvaluationError):
    """Two sequences that must be aligned have different lengths."""

    default_code = "length-mismatch"


class JobError(ModelOpsError, RuntimeError):
    """A job cannot do what was asked of it in its present state."""

    default_code = "job"


class StoreError(ModelOpsError, OSError):
    """A store on disk is foreign, newer, locked or cannot be written."""

    default_code = "store"


class RegistryError(ModelOpsError):
    """A model, version or alias cannot be registered, found or moved."""

    default_code = "registry"


class MissingExtraError(ModelOpsError, ImportError):
    """An optional library is needed for this call; the message names the extra."""

    default_code = "missing-extra"
