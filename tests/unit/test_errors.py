"""Errors: one clear paragraph, picklable, of the fitting builtin."""

import copy
import pickle

import pytest

from modelops_jupyter import errors
from modelops_jupyter._extras import require
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ModelOpsError, Where

ALL = [getattr(errors, name) for name in errors.__all__ if name != "Where"]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_survives_pickle_and_copy_with_all_its_parts(kind: type[ModelOpsError]) -> None:
    error = kind("It broke.", code="x", where=Where(file="a.jsonl", line=3), hint="Mend it.")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is kind
        assert (str(twin), twin.code, twin.where, twin.hint) == (str(error), "x", error.where, "Mend it.")


def test_the_text_says_what_where_and_what_to_do() -> None:
    error = errors.RowError("Bad JSON.", where=Where(file="a.jsonl", line=3, column=7), hint="Fix it.")
    assert str(error) == "Bad JSON. (a.jsonl, line 3, column 7) Fix it."
    assert "Traceback" not in "\n".join(error._render_traceback_())


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.DatasetError, ValueError),
        (errors.SourceNotFoundError, FileNotFoundError),
        (errors.JobError, RuntimeError),
        (errors.StoreError, OSError),
        (errors.MissingExtraError, ImportError),
    ],
)
def test_each_error_is_also_the_builtin_that_callers_catch(kind: type, builtin: type) -> None:
    assert issubclass(kind, builtin)


def test_a_missing_library_names_the_extra() -> None:
    with pytest.raises(errors.MissingExtraError, match=r"modelops_jupyter\[train\]"):
        require("no_such_library_at_all", extra="train", purpose="train locally")


def test_a_typo_gets_the_nearest_name() -> None:
    assert did_you_mean("acuracy", ["accuracy", "f1"]) == "Did you mean 'accuracy'?"
    assert did_you_mean("zzz", ["accuracy", "f1"]) == "Known: accuracy, f1."
