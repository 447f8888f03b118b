"""`%evaluate` and `%%evaluate`: two readings, one result, and gates that stop or warn."""

import json
import warnings
from pathlib import Path

import pytest

from modelops_jupyter.errors import DatasetError, EvaluationError, ModelOpsError, SourceNotFoundError
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.magics.gates import GateWarning
from modelops_jupyter.notebook.magics.guess import task
from modelops_jupyter.notebook.magics.spec import UsageError
from modelops_jupyter.notebook.widgets import MetricsExplorer

from .shell import Shell

SETUP = """
true = [0, 1, 1, 0] * 25
good = list(true)
poor = [0] * 100
scores = [0.1, 0.9, 0.8, 0.2] * 25
def add(prompts):
    return [str(sum(map(int, p.split("+")))) for p in prompts]
async def slow(prompts):
    return ["x" for p in prompts]
"""
ROWS = "\n".join(json.dumps({"prompt": f"{i}+{i}", "completion": str(2 * i)}) for i in range(40))


@pytest.fixture
def ready(shell: Shell) -> Shell:
    shell.run(SETUP)
    shell.run(f"%%dataset sums\n{ROWS}\n")
    return shell


def test_predictions_against_truth(ready: Shell) -> None:
    shown = ready.run("%evaluate good against true --as result")
    assert "Accuracy" in shown
    assert "1.000" in shown
    assert ready["result"]["accuracy"] == 1.0
    assert ready["result"].task_type == "binary_classification"


def test_scores_bring_the_area_under_the_curve(ready: Shell) -> None:
    ready.run("%evaluate good against true --scores scores --as result")
    assert ready["result"]["auc_roc"] == 1.0


def test_the_task_can_be_named(ready: Shell) -> None:
    ready.run("%evaluate good against true --task regression --as result")
    assert ready["result"]["mse"] == 0.0


def test_a_model_on_a_dataset_sync_and_async(ready: Shell) -> None:
    ready.run("%evaluate add on sums --as after")
    ready.run("%evaluate slow on sums --as before")
    assert ready["after"]["exact_match"] == 1.0
    assert ready["before"]["exact_match"] == 0.0
    shown = ready.run("%evaluate add on sums --compare before")
    assert "Better." in shown
    assert "+1.000" in shown


def test_two_bare_names_are_an_error_that_prints_both_readings(ready: Shell) -> None:
    with pytest.raises(UsageError) as caught:
        ready.run("%evaluate add sums")
    assert "%evaluate add against sums" in str(caught.value)
    assert "%evaluate add on sums" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%evaluate add onto sums", ["Did you mean 'on'", "Usage"]),
        ("%evaluate good agianst true", ["Did you mean 'against'"]),
        ("%evaluate add on", ["did not understand"]),
        ("%evaluate add", ["needs more words"]),
        ("%evaluate smollm on sums", ["no model 'smollm'", "Did you mean 'smollm2'"]),
        ("%evaluate add on summs", ["no variable 'summs'", "Did you mean 'sums'"]),
        ("%evaluate add on true", ["'true' is a list", "a dataset"]),
        ("%evaluate goood against true", ["no variable 'goood'", "Did you mean 'good'"]),
        ("%evaluate add on sums --compare good", ["'good' is a list", "a result"]),
        ("%evaluate add on sums --task binary", ["--task goes with PRED against TRUE"]),
        ("%evaluate good against true --task binry", ["Did you mean 'binary'"]),
        ("%evaluate good against true --gate f2:min_value=.1", ["no metric 'f2'", "f1"]),
        ("%evaluate good against true --gate f1:max_dorp=.1", ["Did you mean 'max_drop'"]),
        ("%evaluate good against true --gate f1:min_value=x", ["'x' is not a number"]),
        ("%evaluate good against true --gate", ["--gate needs a value"]),
        ("%evaluate good against true --gate min_value=.9,min_value=.1", ["two limits min_value"]),
        ("%evaluate good against true --gate max_drop=.1", ["--compare BEFORE"]),
        ("%evaluate true on sums", ["Variables that fit: add, slow."]),
        ("%evaluate good against true --as 1x", ["not a Python name"]),
    ],
)
def test_a_mistake_on_the_line_is_one_paragraph(ready: Shell, line: str, words: list[str]) -> None:
    with pytest.raises(ModelOpsError) as caught:
        ready.run(line)
    for word in words:
        assert word in str(caught.value)


def test_every_part_of_the_rows_by_a_variable_or_a_field(ready: Shell) -> None:
    shown = ready.run("topics = ['a', 'b'] * 50\n%evaluate poor against true --by topics")
    assert "by topics" in shown
    assert "all rows" in shown
    rows = "\n".join(
        json.dumps({"prompt": f"{i}+1", "completion": "x", "kind": "ab"[i % 2]}) for i in range(20)
    )
    ready.run(f"%%dataset parts\n{rows}\n")
    assert "by kind" in ready.run("%evaluate slow on parts --by kind")
    assert "by letters" in ready.run("letters = list('xy') * 10\n%evaluate slow on parts --by letters")
    for line, words in (
        ("%evaluate good against true --by topisc", "Did you mean 'topics'"),
        ("%evaluate slow on parts --by knid", "Did you mean 'kind'"),
        ("kind = topics\n%evaluate slow on parts --by kind", "both a variable and a field"),
    ):
        with pytest.raises(ModelOpsError, match=words):
            ready.run(line)
    assert "by kind" in ready.run("%evaluate slow on parts --by 'kind'")


def test_the_model_is_not_asked_when_the_column_is_wrong(ready: Shell) -> None:
    ready.run("asked = []\ndef noisy(prompts):\n    asked.append(1)\n    return [''] * len(prompts)")
    with pytest.raises(EvaluationError, match="No row has the field"):
        ready.run("%evaluate noisy on sums --by nothing")
    assert ready["asked"] == []


@pytest.mark.parametrize(
    "rest", ["--compare befor", "--compare true", "--gate max_drp=1", "--gate max_drop=.1"]
)
def test_the_model_is_not_asked_when_the_rest_of_the_line_is_wrong(ready: Shell, rest: str) -> None:
    ready.run("asked = []\ndef noisy(prompts):\n    asked.append(1)\n    return [''] * len(prompts)")
    with pytest.raises(ModelOpsError):
        ready.run(f"%evaluate noisy on sums {rest}")
    assert ready["asked"] == []


@pytest.mark.parametrize("rest", ["--gate f9:min_value=.5", "--compare classes"])
def test_what_was_measured_is_kept_whatever_is_wrong_then(
    ready: Shell, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[object] = []
    ready.run("%evaluate good against true --as classes")
    monkeypatch.setattr(display, "show", shown.append)
    with pytest.raises(ModelOpsError):
        ready.run(f"%evaluate add on sums --as kept {rest}")
    assert shown == [ready["kept"]]


def test_quotes_around_a_variable_do_not_hide_it(ready: Shell) -> None:
    ready.run("%evaluate 'good' against true --scores=\"scores\" --as result")
    assert ready["result"]["auc_roc"] == 1.0


def test_a_gate_passes_fails_or_stays_open(ready: Shell) -> None:
    assert "Gate: pass" in ready.run("%evaluate good against true --gate accuracy:min_value=.9")
    with pytest.raises(EvaluationError, match="Gate: fail"):
        ready.run("%evaluate poor against true --gate accuracy:min_value=.9 --as kept")
    assert ready["kept"]["accuracy"] == 0.5  # the numbers are there to look at
    with pytest.warns(GateWarning, match="inconclusive"):
        ready.run("%evaluate poor against true --gate min_value=.5")


def test_a_live_view_says_what_the_gate_found(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(display, "can_show_widgets", lambda: True)
    monkeypatch.setattr(display, "show", shown.append)
    ready.run("%evaluate good against true --gate min_value=.9")
    assert isinstance(shown[0], MetricsExplorer)
    assert "Gate: pass." in shown[0]._repr_mimebundle_()[0]["text/html"]


def test_a_gate_without_a_name_means_the_first_metric(ready: Shell) -> None:
    assert "Accuracy" in ready.run("%evaluate good against true --gate min_value=.9")


def test_a_gate_on_a_drop_compares(ready: Shell) -> None:
    ready.run("%evaluate good against true --as before")
    with pytest.raises(EvaluationError, match="Gate: fail"):
        ready.run("%evaluate poor against true --compare before --gate accuracy:max_drop=.01")


def test_typed_rows_are_measured(shell: Shell) -> None:
    rows = [{"id": i, "prediction": "a", "reference": "a" if i else "b"} for i in range(4)]
    shell.run("%%evaluate --as result --task generation\n" + "\n".join(map(json.dumps, rows)))
    assert shell["result"]["exact_match"] == 0.75
    assert shell["result"].ids == ("0", "1", "2", "3")


def test_typed_rows_are_measured_apart_by_a_field_of_theirs(shell: Shell) -> None:
    rows = [{"prediction": "a", "reference": "ab"[i % 2], "topic": "xy"[i % 2]} for i in range(8)]
    shown = shell.run("%%evaluate --by topic --task generation\n" + "\n".join(map(json.dumps, rows)))
    assert "x is better, Exact match 1.000 [0.510, 1.000]" in shown
    with pytest.raises(DatasetError, match="has no 'topic'"):
        shell.run('%%evaluate --by topic\n{"prediction": "a", "reference": "a"}')


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"prediction": 1, "reference": 1}\n{"prediction": 1}', ["line 3", "'reference'"]),
        ('{"prediction": 1, "reference": 1, "scor": 1}', ["line 2", "Did you mean 'score'"]),
        ('{"prediction": 1, "reference": 1, "id": 1}\n{"prediction": 1, "reference": 1}', ["line 3", "'id'"]),
        ('{"prediction": 1, "reference": 1}\n{', ["line 3", "Mend the row."]),
        ('{"prediction": 1, "prediction": 2, "reference": 1}', ["line 2", '"prediction"', "twice"]),
        ("", ["no rows"]),
    ],
)
def test_a_mistake_in_the_body_is_named_with_its_line(shell: Shell, body: str, words: list[str]) -> None:
    with pytest.raises((DatasetError, EvaluationError)) as caught:
        shell.run(f"%%evaluate\n{body}\n")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 1], "binary"),
        ([True, False], "binary"),
        ([0, 1, 2], "multiclass"),
        (["a", "b", "a", "b"], "multiclass"),
        ([f"answer {i}" for i in range(50)], "generation"),
        ([0.5, 1.5], "regression"),
        (list(range(100)), "regression"),
        ([1, None], "multiclass"),
    ],
)
def test_the_task_is_guessed_from_the_truth(values: list[object], expected: str) -> None:
    assert task(values) == expected


def test_a_running_job_where_a_finished_one_is_needed(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelops_jupyter import FineTuningJob
    from modelops_jupyter.fine_tuning.providers.simulated import Simulated

    monkeypatch.setattr(Simulated, "start", lambda *_: None)  # it waits for a worker for ever
    ready.run("%finetune sums --model tiny --provider simulated --as job")
    assert isinstance(ready["job"], FineTuningJob)
    with pytest.raises(ModelOpsError) as caught:
        ready.run("%evaluate job on sums")
    assert "queued" in str(caught.value)
    assert "wait" in str(caught.value)


def test_a_name_that_is_variable_and_model_is_an_error(ready: Shell) -> None:
    ready.run("tiny = add")
    with pytest.raises(UsageError, match="both a variable and a model"):
        ready.run("%evaluate tiny on sums")


def test_nothing_behind_a_model_name_is_a_clear_error(ready: Shell) -> None:
    with pytest.raises((SourceNotFoundError, ModelOpsError)) as caught:
        ready.run("%evaluate nowhere on sums")
    assert "nowhere" in str(caught.value)


def test_no_warning_is_given_without_a_reason(ready: Shell) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ready.run("%evaluate good against true")
    assert Path.cwd().exists()
