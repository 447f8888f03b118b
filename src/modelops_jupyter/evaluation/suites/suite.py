"""A named, versioned set of cases that models are run on."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from modelops_jupyter import _documents, _format
from modelops_jupyter._atomic import atomic_write
from modelops_jupyter._where import Where
from modelops_jupyter.errors import EmptyInputError, EvaluationError
from modelops_jupyter.evaluation.calls import Calls
from modelops_jupyter.evaluation.suites.case import BenchmarkCase
from modelops_jupyter.evaluation.suites.result import SuiteResult

DOCUMENT = "benchmark-suite"


@dataclass(frozen=True)
class BenchmarkSuite:
    """Cases under a name and a version.

    Parameters
    ----------
    name, version
        Say which numbers may stand beside each other: change the version with the cases.
    cases
        The questions; their ids differ.
    not_expressed
        What an imported suite says that this one does not, in plain sentences.

    Raises
    ------
    EmptyInputError
        Without cases.
    EvaluationError
        If two cases have one id.

    Examples
    --------
    >>> suite = BenchmarkSuite("sums", "1", [BenchmarkCase("a", "2 + 2?", "4")])
    >>> result = suite.run(lambda prompt: "4")  # doctest: +SKIP
    >>> print(result["exact"])  # doctest: +SKIP
    1.000 [0.207, 1.000] n=1
    """

    name: str
    version: str
    cases: Sequence[BenchmarkCase]
    not_expressed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "cases", tuple(self.cases))
        if not self.cases:
            raise EmptyInputError(f"The suite {self.name!r} has no cases.")
        seen: set[str] = set()
        for row, case in enumerate(self.cases):
            if case.id in seen:
                raise EvaluationError(f"The id {case.id!r} stands twice.", where=Where(row=row, field="id"))
            seen.add(case.id)

    @property
    def fingerprint(self) -> str:
        """'sha256:…' over the cases, in order."""
        body = json.dumps([c.to_dict() for c in self.cases], sort_keys=True, ensure_ascii=False)
        return f"sha256:{hashlib.sha256(body.encode('utf-8', 'surrogatepass')).hexdigest()}"

    def run(
        self,
        model: Callable[[Any], Any],
        *,
        scorers: Any = None,
        repeats: int = 1,
        concurrency: int | None = None,
        retries: int = 2,
        timeout: float | None = 60.0,
        run_id: str | None = None,
        level: float = 0.95,
    ) -> SuiteResult:
        """Ask a model every case and score its answers.

        Each answer is kept on disk as soon as it is there: the same `run_id` again makes only the
        calls that are missing or failed. Ctrl-C returns what was done.

        Parameters
        ----------
        model
            A function (sync or async) of one prompt that returns a text, or an `Endpoint`. A prompt
            is a str; its `.messages` are the turns. What it raises is that case's error, which
            counts as a wrong answer, never as a pass.
        scorers
            A scorer, metric name or function of (predictions, references) with one score per row; a
            list of them; or `{name: scorer}`. Left out, the cases' own checks, else exact match.
        repeats
            Answers per case, each from a call of its own; see `SuiteResult.pass_at`.
        concurrency
            Calls at once; by default 8 for async functions and endpoints, 1 for other functions.
        retries, timeout
            Further tries after a failure that may pass (a Retry-After is honoured, up to two
            minutes), and seconds for one try.
        run_id
            Name of the run; a new one by default, found in the result.
        """
        from modelops_jupyter.evaluation.suites.run import run

        calls = Calls(model, concurrency=concurrency, retries=retries, timeout=timeout)
        return run(self, calls, scorers, repeats, run_id, level)

    def tagged(self, tag: str) -> Self:
        """Return the cases with a tag, under the name 'suite:tag'."""
        found = [c for c in self.cases if tag in c.tags]
        return type(self)(f"{self.name}:{tag}", self.version, found, self.not_expressed)

    def to_json(self, path: str | Path) -> None:
        """Write it to one JSON file."""
        _documents.dump(path, DOCUMENT, {**vars(self), "cases": [c.to_dict() for c in self.cases]})

    @classmethod
    def from_json(cls, path: str | Path) -> Self:
        """Read what `to_json` wrote."""
        body = _documents.load(path, DOCUMENT)
        cases = [BenchmarkCase.from_dict(c, row) for row, c in enumerate(body["cases"])]
        return cls(body["name"], body["version"], cases, tuple(body["not_expressed"]))

    def to_jsonl(self, path: str | Path) -> None:
        """Write one case per line."""
        with atomic_write(path) as stream:
            for case in self.cases:
                stream.write(json.dumps(case.to_dict(), ensure_ascii=False).encode() + b"\n")

    @classmethod
    def from_jsonl(cls, path: str | Path, *, name: str | None = None, version: str = "1") -> Self:
        """Read one case per line; the name is the file's if None."""
        rows = read_jsonl(path)
        cases = [BenchmarkCase.from_dict(c, row) for row, c in enumerate(rows)]
        return cls(name or Path(path).stem, version, cases)

    @classmethod
    def from_promptfoo(cls, config: str | Path | Mapping[str, Any]) -> Self:
        """Read a promptfoo configuration (a YAML file, or its content).

        Each prompt with each test is a case; assertions become its checks. What has no
        counterpart here (scripts, model-graded assertions, filters) is listed in
        `.not_expressed`, and its case is kept.
        """
        from modelops_jupyter.evaluation.suites import promptfoo

        return cls(*promptfoo.read(config))

    @classmethod
    def from_openai_evals(cls, config: str | Path | Mapping[str, Any], data: Any = None) -> Self:
        """Read an eval of OpenAI's service, or samples of the open-source `evals` package.

        Parameters
        ----------
        config
            The eval as the API returns it (JSON file or mapping, with `testing_criteria`); or the
            path of a samples file with `input` and `ideal`.
        data
            For an eval of the service: its rows, as a JSONL path or a list of mappings.
        """
        from modelops_jupyter.evaluation.suites import openai_evals

        return cls(*openai_evals.read(config, data))

    @classmethod
    def from_lm_eval(cls, config: str | Path | Mapping[str, Any], docs: Any = None) -> Self:
        """Read a task of lm-evaluation-harness that generates text.

        Parameters
        ----------
        config
            The task (YAML file or mapping), or a `samples_*.jsonl` that `--log_samples` wrote.
        docs
            For a task: its documents, as a JSONL path or a list of mappings.
        """
        from modelops_jupyter.evaluation.suites import lm_eval

        return cls(*lm_eval.read(config, docs))

    def __len__(self) -> int:
        return len(self.cases)

    def __iter__(self) -> Iterator[BenchmarkCase]:
        return iter(self.cases)

    def __repr__(self) -> str:
        lines = [f"{self.name} {self.version}: {_format.plural(len(self), 'case')}"]
        lines += [f"Not expressed: {_format.visible(text)}" for text in self.not_expressed]
        return "\n".join(lines)


def read_jsonl(path: str | Path) -> list[dict[str, Any]]:
    """Read one JSON object per line; a line that is none is an error with its number."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(Path(path).read_text("utf-8-sig").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except ValueError as error:
            row, reason = None, str(error)
        else:
            reason = "it is not an object"
        if not isinstance(row, dict):
            raise EvaluationError(
                f"The line cannot be read: {reason}.", where=Where(file=str(path), line=number)
            )
        rows.append(row)  # pyright: ignore[reportUnknownArgumentType]  # keys of JSON objects are texts
    return rows
