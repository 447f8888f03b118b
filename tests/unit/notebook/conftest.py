"""One of every object that has a twin, friendly and hostile."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset, DatasetSanitizer, EvaluationResult
from modelops_jupyter.evaluation import ConfusionMatrix, Gate, compare_suite, create_evaluator, evaluate_model
from modelops_jupyter.evaluation.forgetting import Retained
from modelops_jupyter.evaluation.judges import RubricJudge
from modelops_jupyter.evaluation.rating import Rating
from modelops_jupyter.evaluation.suites import BenchmarkCase, BenchmarkSuite
from modelops_jupyter.evaluators import Evaluator
from modelops_jupyter.fine_tuning import Chat
from modelops_jupyter.fine_tuning.chat import Voice
from modelops_jupyter.training import Token

HOSTILE = "</pre></data><img src=x onerror=alert(1)>\u202e<script>x</script>‹›\x00\x1b[31m\"'&amp;{{7*7}}"
FIXTURES = Path(__file__).parents[2] / "wire" / "fixtures"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MODELOPS_HOME", str(folder))
    return folder


class Stored:
    """A job as its snapshot describes it."""

    kind = "job"

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self._snapshot = snapshot

    def snapshot(self) -> dict[str, Any]:
        return self._snapshot


def chat(*turns: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in turns], **more}


def friendly() -> Dataset:
    rows = [chat(("user", f"What is {i} + {i}?"), ("assistant", str(2 * i))) for i in range(30)]
    lines = [json.dumps(row) for row in [*rows, rows[0]]]
    return Dataset.from_text("\n".join([*lines, '{"messages": [', ""]), name="sums")


def hostile() -> Dataset:
    rows = [
        chat(("user", HOSTILE), ("assistant", HOSTILE), **{HOSTILE: HOSTILE}),
        chat((HOSTILE, HOSTILE)),
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [{HOSTILE: HOSTILE}]}]},
        {"messages": HOSTILE},
    ]
    lines = [json.dumps(row) for row in rows]
    return Dataset.from_text("\n".join([*lines, HOSTILE.replace("\n", " "), "\ud800", ""]), name=HOSTILE)


def labels(name: str = "a") -> EvaluationResult:
    true = [name, "b", "c"] * 20
    return create_evaluator("multiclass").evaluate(true, [name, "b", "b"] * 20)


def asked(answer: Callable[[str], str], title: str = "sums") -> EvaluationResult:
    ds = friendly().valid
    return evaluate_model(lambda prompts: [answer(p) for p in prompts], ds, title=title)


def raises(predictions: Any, references: Any) -> float:
    raise RuntimeError(HOSTILE)


def weak() -> EvaluationResult:
    """A result that is bad at every other row."""
    return create_evaluator("binary").evaluate([0, 1, 1, 1] * 50, [0, 1, 0, 1] * 50)


def beaten() -> EvaluationResult:
    """A result with baselines and retained tasks, all with hostile names."""
    right = asked(lambda p: str(2 * int(p.split()[2])))
    right.baselines = {HOSTILE: asked(lambda p: HOSTILE), "majority answer": asked(lambda p: "4")}
    right.retained = (
        Retained(HOSTILE, "1.0 [0.9, 1.1]", "1.2 [1.1, 1.3]", 60, 0.2, 0.1, 0.3, 0.01, "worse"),
    )
    return right


def judged() -> dict[str, Any]:
    """Gates, thresholds, judges and suites."""
    verdicts = {"output": HOSTILE, "label": "fail"}, {"output": "please", "label": "pass"}
    words = {True: '{"verdict": "pass"}', False: '{"verdict": "fail"}'}
    judge = RubricJudge(lambda prompt: words["please" in prompt], "Kind.", model="m", cache=False)
    suite = BenchmarkSuite(HOSTILE, "1", [BenchmarkCase(HOSTILE, HOSTILE, "a"), BenchmarkCase("b", "2", "b")])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELOPS_HOME", folder)
        run = suite.run(lambda prompt: "b", run_id="twin", repeats=2)
    gate, by_hand = Gate(HOSTILE, min_value=0.9), EvaluationResult({HOSTILE: 0.5}, "binary", 10)
    truth = [0, 1] * 30
    scored = create_evaluator("binary").evaluate(truth, truth, scores=[0.1 + 0.7 * t for t in truth])
    return {
        "gate": Gate("accuracy", min_value=0.5).check(labels()),
        "gate hostile": gate.check(by_hand),
        "gate asked": Gate("exact_match", max_drop=0.1).check(*[asked(lambda p: p)] * 2),
        "false alarms": Gate("accuracy", min_value=0.5).aa(labels(), rounds=20),
        "threshold": scored.threshold(cost_fp=1, cost_fn=2),
        "calibration": judge.calibrate(list(verdicts) * 20),
        "suite hostile": run,
    }


def talked(*answers: str, **settings: Any) -> Chat:
    """A chat in which two models gave answers of one token each."""

    def voice(answer: str) -> Voice:
        return Voice(answer, lambda *_, **__: iter([Token(answer, 0.62, ((HOSTILE, 0.3),), end=True)]))

    chat = Chat([voice(answer) for answer in answers], compare=len(answers) > 1, **settings)
    chat.say("3 March 2021")
    return chat


def rated(items: Any, *verdicts: str, note: str = "", **options: Any) -> Rating:
    """A rating with these verdicts, each with the note."""
    rating = Rating(items, journal=Path(tempfile.mkdtemp()) / "ratings.jsonl", **options)
    for verdict in verdicts:
        rating.rate(verdict, note)
    return rating


def ratings() -> dict[str, Any]:
    """Ratings at the start, on the way and at the end, and what comes of them."""
    pair = Dataset([{"prompt": HOSTILE, "chosen": HOSTILE, "rejected": "b"}] * 2)
    ann, bob = (rated(pair, "left", "right", note=HOSTILE, pairs=True, rater=HOSTILE + w) for w in "ab")
    return {
        "rating": rated(friendly().valid, "pass", "fail", "skip", rater="ann"),
        "rating begun": rated(friendly().valid),
        "rating hostile": ann,
        "agreement hostile": ann.agreement(bob),
        "revealed hostile": rated({HOSTILE: pair}, "pass", "fail").reveal(),
    }


def everything() -> dict[str, Any]:
    right, wrong = asked(lambda p: str(2 * int(p.split()[2]))), asked(lambda p: HOSTILE, HOSTILE)
    made = {
        "dataset": friendly(),
        "dataset empty": Dataset(),
        "dataset hostile": hostile(),
        "report": friendly().validate(),
        "report fine": Dataset([{"prompt": "a", "completion": "b"}]).validate(),
        "report hostile": hostile().validate(),
        "sanitized": DatasetSanitizer().run(friendly()),
        "sanitized hostile": DatasetSanitizer().run(hostile()),
        "diff": friendly().diff(friendly().patch({0: {"prompt": "other"}}).shuffle()),
        "diff none": friendly().diff(friendly()),
        "diff hostile": Dataset([{"text": "a"}]).diff(
            Dataset([{"text": "a"}]).patch({0: {HOSTILE: HOSTILE}})
        ),
        "conversion": friendly().convert("prompt_completion"),
        "conversion refused": hostile().convert("alpaca"),
        "leakage": friendly().leakage(friendly()),
        "leakage hostile": hostile().leakage(hostile()),
        "leakage none": friendly().leakage(Dataset()),
        "split": friendly().valid.split(test=0.2),
        "split notice": Dataset([{"text": "x"}, {"text": "y"}]).split(test=0.5, stratify="text"),
        "result labels": labels(),
        "result hostile": labels(HOSTILE),
        "result asked": right,
        "result by hand": EvaluationResult(
            {"accuracy": float("nan"), HOSTILE: 0.5}, "binary", 10, title=HOSTILE
        ),
        "result error": Evaluator({HOSTILE: raises}).evaluate(["a"], ["b"]),
        "result regression": create_evaluator("regression").evaluate([1.5, 2.5, 3.5], [1.0, 2.0, 4.0]),
        "comparison": right.compare(wrong),
        "result baselines": beaten(),
        "slices": labels().by(
            ["a", "b"] * (labels().sample_count // 2) + ["c"] * (labels().sample_count % 2)
        ),
        "slices hostile": wrong.by([HOSTILE] * wrong.sample_count),
        "worst slices": weak().worst_slices({HOSTILE: [HOSTILE, "b"] * 100}),
        "worst slices none": labels().worst_slices(),
        "comparison suite": compare_suite({HOSTILE: right, "b": right}, wrong),
        "confusion": ConfusionMatrix([HOSTILE, "b"], ["b", "b"]),
        "chat": talked("2021-03-03", "no idea", temperature=0.5),
        "chat hostile": talked(HOSTILE, system=HOSTILE),
        "chat empty": Chat([Voice("tiny", lambda *_, **__: iter(()))]),
    }
    made |= judged() | ratings()
    for path in sorted(FIXTURES.glob("job_*.json")):
        snapshot = json.loads(path.read_text())
        if "jobs" not in snapshot:
            made[path.stem] = Stored(snapshot)
    return made


@pytest.fixture
def shell(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A shell with our magics, in an empty folder."""
    from .shell import fresh

    monkeypatch.chdir(tmp_path)
    with fresh() as made:
        yield made
