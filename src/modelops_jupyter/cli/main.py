"""The entry point of `modelops`: `doctor`, `jobs [ACTION JOB]`, `validate FILE`,
`registry [ACTION MODEL]`; `--json` everywhere.

Exit codes: 0 fine, 1 a problem or an error, 2 wrong usage, 130 interrupted.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from modelops_jupyter._version import __version__
from modelops_jupyter.cli import registry
from modelops_jupyter.cli.registry import Outcome
from modelops_jupyter.errors import ConfigError, ModelOpsError

if TYPE_CHECKING:
    from modelops_jupyter.fine_tuning import FineTuningJob, JobStatus


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], Outcome] = options.run
    try:
        code, text, value = run(options)
    except ModelOpsError as error:
        hint = {
            "code": error.code,
            "message": error.message,
            "where": str(error.where or ""),
            "hint": error.hint,
        }
        _say(options, f"error: {error}", {"error": hint}, sys.stderr)
        return 1
    except KeyboardInterrupt as error:
        print(str(error) or "interrupted", file=sys.stderr)
        return 130
    _say(options, text, value, sys.stdout)
    return code


def _say(options: argparse.Namespace, text: str, value: Any, stream: Any) -> None:
    said = json.dumps(value, ensure_ascii=False, indent=2) if options.json else text
    code = stream.encoding or "utf-8"  # what a terminal cannot show is escaped
    try:
        print(said.encode(code, "backslashreplace").decode(code), file=stream, flush=True)
    except BrokenPipeError:  # who reads, such as `head`, has enough; the exit has nothing left to write
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="modelops", description="Curate, fine-tune, evaluate.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print JSON")
    for name, run, words in (
        ("doctor", _doctor, "check the environment"),
        ("env", _doctor, "the same as doctor"),
        ("jobs", _jobs, "list the jobs of this home; show, watch, stop, resume or delete one"),
        ("validate", _validate, "check the rows of a dataset file"),
        ("registry", registry.run, "list the models of this home; show, promote, export or delete a version"),
    ):
        command = commands.add_parser(
            name, parents=[shared], help=words, description=words.capitalize() + "."
        )
        command.set_defaults(run=run)
        if name == "jobs":
            command.add_argument("action", nargs="?", default="list", choices=("list", *_ACTIONS))
            command.add_argument("job", nargs="?", help="id or name of a job")
        if name == "registry":
            registry.arguments(command)
        if name == "validate":
            command.add_argument("file", help="JSONL, JSON, CSV, TSV, Parquet or Arrow")
            command.add_argument("--format", default="auto", help="row format; recognised when left out")
    return parser


def _doctor(_options: argparse.Namespace) -> Outcome:
    from modelops_jupyter.cli.doctor import doctor

    report = doctor()
    return 0 if report.ok else 1, str(report), report.to_dict()


def _jobs(options: argparse.Namespace) -> Outcome:
    from modelops_jupyter.fine_tuning import FineTuningJob, JobStore

    if options.action != "list":
        if options.job is None:
            raise ConfigError(f"jobs {options.action} needs the id or the name of a job.")
        return _ACTIONS[options.action](FineTuningJob.attach(options.job))
    jobs = JobStore().list()
    lines = [f"{j['id']:<28} {j['label']:<10} {j['progress']['percent_text']:>6}  {j['name']}" for j in jobs]
    return 0, "\n".join(lines) or "no jobs", {"jobs": jobs}


def _show(job: "FineTuningJob") -> Outcome:
    from modelops_jupyter.fine_tuning import console

    told = job.snapshot()
    events = [f"  {event['at_text']}  {event['text']}" for event in told["events"]]
    warnings = [f"  warning: {text}" for text in told["warnings"]]
    return 0, "\n".join((console.line(told), *warnings, *events)), told


def _watch(job: "FineTuningJob") -> Outcome:
    status = job.wait(progress=True)
    return 0 if status == "completed" else 1, *_told(job, status)


def _delete(job: "FineTuningJob") -> Outcome:
    from modelops_jupyter.fine_tuning import delete_job

    delete_job(job.id)
    return 0, f"{job.id}: deleted", {"id": job.id, "status": "deleted"}


def _told(job: "FineTuningJob", status: "JobStatus") -> tuple[str, Any]:
    why = f", {job.reason}" if job.reason else ""
    return f"{job.id}: {status}{why}", {"id": job.id, "status": str(status)}


_ACTIONS: dict[str, Callable[["FineTuningJob"], Outcome]] = {
    "show": _show,
    "watch": _watch,
    "stop": lambda job: (0, *_told(job, job.cancel())),
    "resume": lambda job: (0, *_told(job, job.resume())),
    "delete": _delete,
}


def _validate(options: argparse.Namespace) -> Outcome:
    from modelops_jupyter._format import plural
    from modelops_jupyter.datasets import Dataset

    report = Dataset.from_file(options.file, format=options.format).validate()
    lines = [
        f"{options.file}:{p.line}:{p.column}: {p.severity}: {p.message} [{p.code}]" for p in report.problems
    ]
    lines.append(plural(len(report.problems), "problem"))
    value = {"ok": report.ok, "problems": [p.to_json() for p in report.problems]}
    return 0 if report.ok else 1, "\n".join(lines), value


if __name__ == "__main__":
    sys.exit(main())
