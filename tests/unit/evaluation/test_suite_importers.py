"""Suites of other tools: every test becomes a case, and what cannot be said here is listed."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.errors import EvaluationError, SourceNotFoundError
from modelops_jupyter.evaluation.suites import BenchmarkSuite

PROMPTFOO = """
description: Colours
providers: [openai:gpt-4]
prompts:
  - "Name a {{kind}} colour."
  - '[{"role": "system", "content": "Brief."}, {"role": "user", "content": "One {{ kind }} colour"}]'
defaultTest:
  assert:
    - type: not-contains
      value: sorry
tests:
  - description: warm
    vars: {kind: warm}
    assert:
      - {type: equals, value: red}
      - {type: icontains-any, value: "red, orange"}
      - {type: regex, value: "^r"}
      - {type: javascript, value: "output.length < 9"}
      - {type: llm-rubric, value: is warm, weight: 2}
  - vars: {kind: [cold, dark]}
    assert:
      - {type: is-json, value: {required: [colour]}}
      - {type: contains, value: "{{kind}}", metric: says}
      - {type: rouge-n, value: blue, threshold: 0.5}
  - file://more.yaml
scenarios: []
"""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path / "home"))


def test_promptfoo(tmp_path: Path) -> None:
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(PROMPTFOO)
    suite = BenchmarkSuite.from_promptfoo(path)
    assert [c.id for c in suite] == ["0", "0-p1", "1.0", "1.0-p1", "1.1", "1.1-p1"]
    warm, chat, cold = suite.cases[0], suite.cases[1], suite.cases[2]
    assert (warm.input, warm.expected, warm.tags) == ("Name a warm colour.", "red", ("warm",))
    assert [turn["content"] for turn in chat.prompt.messages] == ["Brief.", "One warm colour"]
    assert [c.kind for c in warm.checks] == ["not", "exact", "contains", "regex"]
    assert [c.score("red", warm.expected) for c in warm.checks] == [1, 1, 1, 1]
    assert [c.score("sorry, blue", warm.expected) for c in warm.checks] == [0, 0, 0, 0]
    assert cold.expected == "blue"
    assert [c.score('{"colour": "cold"}', cold.expected) for c in cold.checks] == [1, 1, 1, 0]
    lost = "\n".join(suite.not_expressed)
    for part in (
        "scenarios", "providers", 'tests[0].assert[4]: javascript "output.length < 9"', "llm-rubric",
        "metric", "tests[2]: 'file://more.yaml' stands in another file",
    ):  # fmt: skip
        assert part in lost
    assert "not-contains" not in lost
    assert "Not expressed" in repr(suite)
    result = suite.run(lambda p: "red" if "warm" in p else '{"colour": "cold blue"}')
    assert [r.scores["checks"] for r in result] == [1, 1, 1, 1, 0, 0]


def test_a_template_that_needs_a_language_is_listed_and_its_case_kept() -> None:
    config = {
        "prompts": ["{% if x %}a{% endif %} {{ x | upper }} {{ missing }}"],
        "tests": [{"vars": {"x": "1"}}],
    }
    suite = BenchmarkSuite.from_promptfoo(config)
    assert len(suite) == 1
    assert len(suite.not_expressed) == 1
    assert "{{ missing }}" in suite.not_expressed[0]
    with pytest.raises(EvaluationError, match="other files"):
        BenchmarkSuite.from_promptfoo({"prompts": ["a"], "tests": "tests.csv"})


SERVICE: dict[str, Any] = {
    "id": "eval_1",
    "name": "Tickets",
    "data_source": {
        "input_messages": {
            "template": [
                {"role": "developer", "content": "Sort the ticket."},
                {"role": "user", "content": {"type": "input_text", "text": "{{item.ticket}}"}},
            ]
        }
    },
    "testing_criteria": [
        {"type": "string_check", "name": "same", "input": "{{ sample.output_text }}", "operation": "eq",
         "reference": "{{ item.label }}"},
        {"type": "text_similarity", "name": "near", "input": "{{sample.output_text}}",
         "reference": "{{item.label}}", "evaluation_metric": "rouge_l", "pass_threshold": 0.5},
        {"type": "text_similarity", "name": "fuzzy", "input": "{{sample.output_text}}",
         "reference": "{{item.label}}", "evaluation_metric": "fuzzy_match", "pass_threshold": 0.5},
        {"type": "score_model", "name": "nice", "model": "gpt-4o"},
        {"type": "string_check", "name": "other", "input": "{{item.ticket}}", "operation": "eq",
         "reference": "x"},
    ],
}  # fmt: skip


def test_openai_evals_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "eval.json").write_text(json.dumps(SERVICE))
    rows = [
        {"item": {"id": "t1", "ticket": "My screen is broken", "label": "Hardware"}},
        {"item": {"ticket": "No mail"}},
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    suite = BenchmarkSuite.from_openai_evals(tmp_path / "eval.json", tmp_path / "rows.jsonl")
    assert (suite.name, suite.version, [c.id for c in suite]) == ("Tickets", "eval_1", ["t1", "1"])
    first, second = suite
    assert [m["content"] for m in first.prompt.messages] == ["Sort the ticket.", "My screen is broken"]
    assert (first.expected, [c.kind for c in first.checks]) == ("Hardware", ["exact", "threshold"])
    assert (second.expected, second.checks) == (None, ())  # its label is missing: nothing to compare with
    lost = "\n".join(suite.not_expressed)
    for name in ("fuzzy", "nice: score_model", "other: string_check eq"):
        assert name in lost
    with pytest.raises(EvaluationError, match="does not hold its rows"):
        BenchmarkSuite.from_openai_evals(SERVICE)
    with pytest.raises(EvaluationError, match="no testing_criteria"):
        BenchmarkSuite.from_openai_evals({"a": 1})


def test_openai_evals_samples(tmp_path: Path) -> None:
    rows = [
        {"input": [{"role": "user", "content": "2+2"}], "ideal": ["4", "four"]},
        {"input": "3+3", "ideal": "6", "note": "x"},
        {"input": "?", "choices": ["a"]},
    ]
    path = tmp_path / "sums.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    suite = BenchmarkSuite.from_openai_evals(path)
    assert [c.expected for c in suite] == [("4", "four"), "6", None]
    assert suite.cases[0].prompt == "2+2"
    assert [t for t in suite.not_expressed if "row" in t] == [
        "row 1: note is not read", "row 2: no ideal", "row 2: choices is not read",
    ]  # fmt: skip


TASK = """
task: gsm_mini
dataset_path: gsm8k
output_type: generate_until
description: "Answer with a number.\\n"
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: answer
process_docs: !function utils.process
generation_kwargs: {until: ["\\n"]}
metric_list:
  - {metric: exact_match, ignore_case: true, ignore_punctuation: true, aggregation: mean}
  - {metric: bleu}
metadata: {version: 3.0}
"""


def test_lm_eval_task(tmp_path: Path) -> None:
    path = tmp_path / "gsm.yaml"
    path.write_text(TASK)
    suite = BenchmarkSuite.from_lm_eval(
        path, [{"question": "1+1", "answer": "Two"}, {"question": "2+1", "answer": 3}]
    )
    assert (suite.name, suite.version, len(suite)) == ("gsm_mini", "3.0", 2)
    assert suite.cases[0].input == "Answer with a number.\nQuestion: 1+1\nAnswer:"
    assert [c.expected for c in suite] == ["Two", "3"]
    assert suite.cases[0].checks[0].score("two", "Two") == 1
    lost = "\n".join(suite.not_expressed)
    for part in ("process_docs", "generation_kwargs", "ignore_punctuation", "bleu"):
        assert part in lost
    with pytest.raises(EvaluationError, match="does not hold its documents"):
        BenchmarkSuite.from_lm_eval(path)
    with pytest.raises(SourceNotFoundError):
        BenchmarkSuite.from_lm_eval(tmp_path / "none.yaml", [{}])


def test_lm_eval_says_what_its_templates_and_choices_lose() -> None:
    task = {
        "task": "t",
        "output_type": "multiple_choice",
        "doc_to_text": "{{q|trim}}",
        "doc_to_target": "{{answers[0]}}",
    }
    suite = BenchmarkSuite.from_lm_eval(task, [{"q": "a"}, {"q": "b"}])
    assert len(suite) == 2
    lost = "\n".join(suite.not_expressed)
    for part in ("multiple_choice", "doc_to_text of document 0", "doc_to_target of document 1"):
        assert part in lost


def test_lm_eval_logged_samples(tmp_path: Path) -> None:
    rows = [
        {"doc_id": 0, "arguments": [["Q: 1+1", {"until": ["\n"]}]], "target": "2", "filter": "none"},
        {"doc_id": 1, "arguments": {"gen_args_0": {"arg_0": "Q: 2+2", "arg_1": {}}}, "target": "4"},
        {"doc_id": 2, "arguments": [["Q", " a"], ["Q", " b"]], "target": 1, "filter": "strict"},
    ]
    path = tmp_path / "samples_sums_2026.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    suite = BenchmarkSuite.from_lm_eval(path)
    assert (suite.name, [c.id for c in suite]) == ("sums_2026", ["0", "1", "2"])
    assert [(c.input, c.expected) for c in suite] == [("Q: 1+1", "2"), ("Q: 2+2", "4"), ("Q", "1")]
    assert len(suite.not_expressed) == 2


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: [")
    (tmp_path / "y.yaml").write_text("- 1")
    with pytest.raises(EvaluationError, match=r"x\.yaml cannot be read"):
        BenchmarkSuite.from_promptfoo(tmp_path / "x.yaml")
    with pytest.raises(EvaluationError, match=r"y\.yaml is no promptfoo"):
        BenchmarkSuite.from_promptfoo(tmp_path / "y.yaml")
