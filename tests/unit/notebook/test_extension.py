"""Loading adds exactly the magics and one completer; unloading takes exactly these away."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modelops_jupyter.errors import ConfigError, JobError, ModelOpsError, SourceNotFoundError, StoreError
from modelops_jupyter.fine_tuning.references import registry
from modelops_jupyter.notebook.extension import load_ipython_extension, unload_ipython_extension
from modelops_jupyter.notebook.magics.command import Command
from modelops_jupyter.notebook.magics.commands import COMMANDS
from modelops_jupyter.notebook.magics.spec import UsageError

from .shell import Shell

ROWS = "\n".join(json.dumps({"prompt": f"{i}+{i}", "completion": str(2 * i)}) for i in range(40))


def state(shell: Shell) -> tuple[dict[str, object], dict[str, object], list[object], int]:
    magics = shell.ip.magics_manager.magics
    matchers = shell.ip.Completer.custom_matchers
    return dict(magics["line"]), dict(magics["cell"]), list(matchers), len(shell.ip.events.callbacks)


def test_loading_twice_changes_nothing_and_unloading_leaves_no_trace(shell: Shell) -> None:
    loaded = state(shell)
    load_ipython_extension(shell.ip)
    assert state(shell) == loaded
    unload_ipython_extension(shell.ip)
    without = state(shell)
    assert set(loaded[0]) - set(without[0]) == {"dataset", "evaluate", "finetune", "modelops"}
    assert set(loaded[1]) - set(without[1]) == {"dataset", "evaluate"}
    assert len(loaded[2]) - len(without[2]) == 1
    unload_ipython_extension(shell.ip)
    assert state(shell) == without
    load_ipython_extension(shell.ip)
    assert {k: len(v) if hasattr(v, "__len__") else v for k, v in enumerate(state(shell))} == {
        k: len(v) if hasattr(v, "__len__") else v for k, v in enumerate(loaded)
    }


def test_a_magic_that_was_there_before_comes_back(shell: Shell) -> None:
    unload_ipython_extension(shell.ip)

    def mine(line: str) -> str:
        return "mine"

    shell.ip.register_magic_function(mine, "line", "dataset")
    load_ipython_extension(shell.ip)
    unload_ipython_extension(shell.ip)
    assert shell.ip.magics_manager.magics["line"]["dataset"] is mine


def test_a_magic_that_somebody_registered_since_stays(shell: Shell) -> None:
    def later(line: str) -> str:
        return "later"

    shell.ip.register_magic_function(later, "line", "dataset")
    unload_ipython_extension(shell.ip)
    assert shell.ip.magics_manager.magics["line"]["dataset"] is later


def test_importing_the_package_imports_no_ipython() -> None:
    code = "import modelops_jupyter, sys; print('IPython' in sys.modules or 'ipywidgets' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.spec.name)
def test_every_magic_explains_itself(shell: Shell, command: object) -> None:
    spec = command.spec  # type: ignore[attr-defined]
    body = "\nx" if spec.name.startswith("%%") else ""
    shown = shell.run(f"{spec.name} -h{body}")
    assert spec.summary in shown
    kind = "cell" if body else "line"
    assert shown.strip() in shell.ip.magics_manager.magics[kind][spec.name.lstrip("%")].__doc__


def test_finetune_starts_a_job_and_shows_it(shell: Shell) -> None:
    shell.run(f"%%dataset sums\n{ROWS}\n")
    shown = shell.run("%finetune sums --model tiny --provider simulated --epochs 2 --seed 3 --as job --wait")
    assert "sums-tiny" in shown
    assert "simulated" in shown
    assert shell["job"].status == "completed"
    spec = shell["job"].store.get(shell["job"].id).spec
    assert spec["config"]["epochs"] == 2.0
    assert spec["config"]["seed"] == 3
    assert "sums-tiny  completed, simulated" in shell.run("%modelops jobs")


def test_a_job_that_failed_stops_a_notebook_that_waits(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelops_jupyter.fine_tuning import JobStore
    from modelops_jupyter.fine_tuning.providers.simulated import Simulated

    def fail(_self: object, store: JobStore, row: object) -> None:
        store.fail(row.id, row.attempt, "error", "It broke.")  # type: ignore[attr-defined]

    monkeypatch.setattr(Simulated, "start", fail)
    shell.run(f"%%dataset sums\n{ROWS}\n")
    with pytest.raises(JobError, match="failed"):
        shell.run("%finetune sums --model tiny --provider simulated --wait --as job")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%finetune sums", ["--model tiny"]),
        ("%finetune sums --model tiny --provider simulatd", ["Did you mean 'simulated'"]),
        ("%finetune sums --model tiny --epoch 3", ["no option --epoch", "Did you mean '--epochs'"]),
        ("%finetune sums --model tiny --epochs many", ["epochs", "many"]),
        ("%finetune sums --model tiny --method dpoo", ["--method"]),
        ("%finetune sms --model tiny", ["Did you mean 'sums'"]),
        ("%finetune sums --model sums", ["'sums' is a Dataset", "a model"]),
        ("%modelops doctr", ["Did you mean 'doctor'"]),
        ("%modelops", ["needs more words"]),
        ("%modelops registry dates", ["no model"]),
        ("%modelops doctor dates", ["takes no name"]),
    ],
)
def test_a_mistake_is_one_paragraph(shell: Shell, line: str, words: list[str]) -> None:
    shell.run(f"%%dataset sums\n{ROWS}\n")
    with pytest.raises(ModelOpsError) as caught:
        shell.run(line)
    for word in words:
        assert word in str(caught.value)


def test_quotes_choose_the_file_for_an_option_too(shell: Shell) -> None:
    shell.run(f"%%dataset sums\n{ROWS}\n")
    Path("val").write_text(ROWS)
    shell.run("val = sums.head(5)")
    line = "%finetune sums --model tiny --provider simulated --epochs 1 --as job --validation"
    with pytest.raises(UsageError, match="both a variable and a file"):
        shell.run(f"{line} val")
    for quoted in (' "val"', "='val'"):
        shell.run(f"{line}{quoted}")
        assert shell["job"].store.get(shell["job"].id).spec["validation_rows"] == 40


def test_settings_of_the_training_are_the_options(shell: Shell) -> None:
    from dataclasses import fields

    from modelops_jupyter.training import TrainingConfig

    shown = shell.run("%finetune -h")
    for field in fields(TrainingConfig):
        assert "--" + field.name.replace("_", "-") in shown
    assert "see TrainingConfig" not in shown


def test_the_environment_is_shown_without_secrets(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    shown = shell.run("%modelops doctor")
    assert "OPENAI_API_KEY" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%dataset sums --", ["--as", "--strict"]),
        ("%dataset su", ["sums"]),
        ("%dataset sums --strict --s", []),
        ("%%dataset x --format me", ["messages"]),
        ("%%dataset x --format=te", ["text"]),
        ("%evaluate good ag", ["against"]),
        ("%evaluate good against tr", ["true"]),
        ("%evaluate add on su", ["sums"]),
        ("%evaluate add on sums --compare ", ["result"]),
        ("%finetune su", ["sums"]),
        ("%finetune sums --model t", ["tiny"]),
        ("%finetune sums --model tiny --provider si", ["simulated"]),
        ("%finetune sums --lr", ["--lr-scheduler-type"]),
        ("%finetune sums --method l", ["lora"]),
        ("%modelops do", ["doctor"]),
        ('%%dataset x\n{"prompt": "a", "comp', ["completion"]),
        ('%%dataset x\n{"mess', ["messages"]),
        ("%dataset my", ['"my data.jsonl"']),
        ('%dataset "my', ['"my data.jsonl']),
        ('%dataset "my da', ['"my data.jsonl']),
        ('%dataset "my folder/', ['"my folder/in it.jsonl']),
        ('%dataset "my folder/in ', ['"my folder/in it.jsonl']),
        ("%dataset my", ['"my folder/']),
        ('%evaluate "my model" on su', ["sums"]),
        ('%finetune sums --validation="my folder/', ['"my folder/in it.jsonl']),
        ("\n%dataset su", ["sums"]),
    ],
)
def test_completion_knows_what_may_stand_there(shell: Shell, cell: str, expected: list[str]) -> None:
    Path("my data.jsonl").write_text("{}\n")
    Path("my folder").mkdir()
    Path("my folder/in it.jsonl").write_text("{}\n")
    shell.run(f"%%dataset sums\n{ROWS}\n")
    shell.run("true = [0, 1]; good = [0, 1]; number = 3\ndef add(p): return p")
    shell.run("%evaluate good against true --as result")
    found = shell.complete(cell)
    assert found, "inside our magics there is always an answer"
    assert set(expected) <= set(found)
    if expected:
        fragment = expected[0][:2]
        assert all(word.startswith(fragment) or word in expected for word in found)


# What a value of a free kind is called: a new name, a number, any text.
FREE = {"NAME", "TEXT", "N", "X"}
FREE_FLAGS = {"--report-to", "--lora-target-modules"}


def can_be_completed(shell: Shell) -> None:
    """Fill a shell with one variable of every kind and a file."""
    shell.run(f"%%dataset sums\n{ROWS}\n")
    shell.run("true = [0, 1]; good = [0, 1]\ndef add(p): return p")
    shell.run("%evaluate good against true --as result")
    Path("weights.bin").write_bytes(b"x")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.spec.name)
def test_every_flag_and_its_values_are_completed_and_explained(shell: Shell, command: Command) -> None:
    can_be_completed(shell)
    spec = command.spec
    head = f"{spec.name} add on sums" if spec.name == "%evaluate" else f"{spec.name} sums"
    body = '\n{"prediction": "a", "reference": "a", "half": "b"}' if command.cell else ""
    for option in spec.options:
        flag = option.flag
        assert flag in shell.complete(f"{head} {flag[:4]}")
        assert flag not in shell.complete(f"{head} {flag} x {flag[:3]}")
        assert flag in spec.help()
        assert len(option.help) > 10
        for text in (f"{head} {flag} ", f"{head} {flag}="):
            found = set(shell.complete(text, body)) - {""}
            if option.choices or option.optional:
                assert found == set(option.choices or ("true", "false"))
            elif option.value and option.value not in FREE and flag not in FREE_FLAGS:
                assert found, f"say in the declaration what completes {flag}"
        with pytest.raises(UsageError, match=f"no option {flag}z.*Did you mean '{flag}'"):
            shell.run(f"{head} {flag}z 1{body}")
        if option.choices:
            with pytest.raises(UsageError, match=r"Did you mean|Known"):
                shell.run(f"{head} {flag} {option.choices[0][:-1]}x{body}")


@pytest.mark.parametrize(
    ("cell", "body", "expected"),
    [
        ("%evaluate add on sums --by ", "", ["completion", "prompt", "true"]),
        ("%evaluate good against true --by ", "", ["good", "true"]),
        ("%%evaluate --by ha", '\n{"prediction": 1, "half": 2}\n{"hall": 1}', ["half", "hall"]),
        ("%evaluate good against true --gate f1:m", "", ["f1:max_drop=", "f1:min_value="]),
        ("%finetune sums --model tiny --eval-metrics accuracy,rec", "", ["recall"]),
        ("%finetune sums --model tiny --packing t", "", ["true"]),
        ('%%dataset x\n{"Half-life": 1}\n{"Ha', "", ["Half-life"]),
        ('%%dataset x\n{"a": 1, "b": "', "", ["assistant", "a", "b"]),
    ],
)
def test_columns_metrics_and_keys_that_were_typed_are_known(
    shell: Shell, cell: str, body: str, expected: list[str]
) -> None:
    can_be_completed(shell)
    assert set(expected) <= set(shell.complete(cell, body))


def test_models_of_the_registry_are_known(shell: Shell) -> None:
    pytest.importorskip("modelops_jupyter.registry")
    Path("weights.bin").write_bytes(b"x")
    registry().register("dates", Path("weights.bin"))
    assert shell.complete("%modelops registry ") == ["dates"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.spec.name)
def test_a_question_mark_shows_what_help_prints(shell: Shell, command: Command) -> None:
    spec, sign = command.spec, command.spec.name
    explained = shell.ip.inspector.info(
        shell.ip.magics_manager.magics["cell" if command.cell else "line"][command.name]
    )
    body = "\nx" if command.cell else ""
    assert shell.run(f"{sign} -h{body}").strip() in explained["docstring"]
    assert "--help" in shell.complete(f"{sign} -")
    assert all(form in explained["docstring"] for form in spec.forms)


@pytest.mark.parametrize("cell", ["sums.", "%timeit x", "print('%dataset ')", "%dataset2 x", "%dataset", ""])
def test_completion_stays_out_of_everything_else(shell: Shell, cell: str) -> None:
    assert shell.complete(cell) == []


def test_a_variable_that_raises_when_it_is_looked_at_stands_in_nobodys_way(shell: Shell) -> None:
    can_be_completed(shell)
    shell.run("class Odd:\n    def __getattr__(self, name): raise RuntimeError(name)\nodd = Odd()")
    shell.run("import weakref\ndef gone(): pass\ndead = weakref.proxy(gone)\ndel gone")
    assert {"sums"} <= set(shell.complete("%dataset s"))
    assert {"add"} <= set(shell.complete("%evaluate a"))
    with pytest.raises(SourceNotFoundError, match="Did you mean 'good'"):
        shell.run("%evaluate goood against true")
    with pytest.raises(UsageError, match="'odd' is an Odd"):
        shell.run("%evaluate odd on sums")


@pytest.mark.parametrize("line", ["%modelops registry", "%finetune sums --model tiny --provider simulated"])
def test_a_home_that_cannot_be_made_is_one_paragraph(
    shell: Shell, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run(f"%%dataset sums\n{ROWS}\n")
    Path("file").write_text("")
    monkeypatch.setenv("MODELOPS_HOME", "file/home")
    with pytest.raises(StoreError, match=r"cannot be made: .*Set MODELOPS_HOME"):
        shell.run(line)


def test_a_line_with_a_file_that_is_gone_is_completed_all_the_same(shell: Shell) -> None:
    Path("a.jsonl").write_text(ROWS)
    shell.run("%dataset a.jsonl --as gone")
    Path("a.jsonl").write_text("other")
    assert shell.complete("%finetune gone --mod") == ["--model"]


def test_a_completer_that_fails_is_silent(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelops_jupyter.notebook.magics import completer

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(completer, "complete", broken)
    assert shell.complete("%dataset s") == []


def test_unknown_words_of_the_whole_line_never_reach_python(shell: Shell) -> None:
    with pytest.raises((UsageError, ConfigError)):
        shell.run("%finetune __import__('os').getcwd() --model tiny --x")
