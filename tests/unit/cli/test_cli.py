"""`modelops`: the same words as Python, exit codes for scripts."""

import io
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from modelops_jupyter import Dataset, FineTuningJob, doctor
from modelops_jupyter.cli.main import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_validate_names_file_line_and_column(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.jsonl").write_text('{"text": "a"}\n\n{"text": }\n')
    assert main(["validate", "d.jsonl"]) == 1
    assert "d.jsonl:3:10: error: " in capsys.readouterr().out


def test_validate_of_a_clean_file_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.jsonl").write_text('{"text": "a"}\n')
    assert main(["validate", "d.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "problems": []}


def test_an_error_goes_to_stderr_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "missing.jsonl"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "missing.jsonl" in err
    assert main(["validate", "missing.jsonl", "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "not-found"


@pytest.mark.parametrize("line", [[], ["nothing"], ["validate"], ["jobs", "--nope"]])
def test_wrong_usage_is_two(line: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(line)
    assert caught.value.code == 2


def test_jobs_of_an_empty_home(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs"]) == 0
    assert "no jobs" in capsys.readouterr().out
    assert main(["jobs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"jobs": []}


def test_a_job_is_shown_watched_stopped_resumed_and_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    rows = Dataset.from_records([{"prompt": str(n), "completion": "a"} for n in range(8)])
    job = FineTuningJob("tiny", rows, provider="simulated", name="lesson", config={"max_steps": 30})
    job.run()
    assert main(["jobs", "watch", "lesson"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{job.id}: completed\n"
    assert "100 %" in err
    assert main(["jobs", "show", job.id]) == 0
    out = capsys.readouterr().out
    assert "lesson" in out.splitlines()[0]
    assert "Completed" in out
    assert main(["jobs", "show", job.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == job.id
    assert main(["jobs", "stop", job.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": job.id, "status": "completed"}  # it had ended
    assert main(["jobs", "resume", job.id]) == 1
    assert "error:" in capsys.readouterr().err
    assert main(["jobs", "delete", job.id]) == 0
    assert main(["jobs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2]) == {"jobs": []}


def test_an_action_without_a_job_says_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "stop"]) == 1
    assert "needs the id or the name" in capsys.readouterr().err


def test_a_reader_that_has_enough_is_no_error() -> None:
    Path("d.jsonl").write_text('{"text": x}\n' * 5000)
    command = [sys.executable, "-m", "modelops_jupyter.cli.main", "validate", "d.jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert b"d.jsonl:1:" in run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait() == 1


def test_an_interrupted_watch_says_that_the_job_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    rows = Dataset.from_records([{"prompt": str(n), "completion": "a"} for n in range(8)])
    job = FineTuningJob("tiny", rows, provider="simulated", name="lesson", config={"max_steps": 3})
    job.run()
    monkeypatch.setattr(FineTuningJob, "_wait", interrupt)
    assert main(["jobs", "watch", "lesson"]) == 130
    assert "the job 'lesson' goes on" in capsys.readouterr().err


def test_any_other_interrupt_is_a_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    Path("rows.jsonl").write_text("{}\n")
    monkeypatch.setattr(Dataset, "validate", interrupt)
    assert main(["validate", "rows.jsonl"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_what_a_stream_cannot_hold_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("é.jsonl").write_text("{\n")
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert main(["validate", "é.jsonl"]) == 1
    assert written.getvalue().startswith(rb"\xe9.jsonl:1:")


def test_a_home_that_cannot_be_made_is_an_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").write_text("")
    monkeypatch.setenv("MODELOPS_HOME", "file/home")
    assert main(["jobs"]) == 1
    assert "error: The home folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["doctor", "env"])
def test_doctor_says_the_same_as_python(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([name, "--json"])
    report = doctor()
    assert json.loads(capsys.readouterr().out) == report.to_dict()
    assert code == (0 if report else 1)


def test_a_home_that_cannot_be_used_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").write_text("")
    monkeypatch.setenv("MODELOPS_HOME", str(Path("file/home").absolute()))
    report = doctor()
    assert not report
    check = next(c for c in report.checks if c.name == "home")
    assert check.state == "warn"
    assert "MODELOPS_HOME" in check.hint
    assert ".." not in str(report)


def test_a_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    from modelops_jupyter.cli import doctor as module

    real = module.metadata.distributions
    monkeypatch.setattr(
        module.metadata, "distributions", lambda name: () if name == "google-re2" else real(name=name)
    )
    check = next(c for c in doctor().checks if c.name == "text")
    assert (check.state, check.found) == ("missing", "without google-re2")
    assert 'pip install "modelops_jupyter[text]"' in check.hint


def test_doctor_knows_every_extra() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    extras = set(project["optional-dependencies"]) - {"all"}
    assert extras <= {check.name for check in doctor().checks}


def test_values_of_variables_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf-very-secret")
    assert "HF_TOKEN" in str(doctor())
    assert "secret" not in str(doctor().to_dict())
