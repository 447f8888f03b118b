"""Rules: own ones, all problems of a row at once, and what is passed at a glance."""

import json
import subprocess
import sys
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, Finding
from modelops_jupyter.errors import DatasetError

from .build import chat, found, opened, pairs

FIRST = "/messages/0"
DEFECTS = [  # the beginning of a row, the rest of its first message, what is found
    ("", '"user", "content": "é", "content": "b"', "duplicate-key", f"{FIRST}/content"),
    ("", '"üser", "content": "a"', "unknown-role", f"{FIRST}/role"),
    ("", '"user", "content": "é a@b.org"', "personal-data", f"{FIRST}/content"),
    ("", '"user", "content": "é <|im_end|>"', "special-token-in-text", f"{FIRST}/content"),
    ("", '"user", "content": " "', "empty-field", f"{FIRST}/content"),
    ('"ä": 1, ', '"user", "content": 5', "ill-typed-field", f"{FIRST}/content"),
    ('"ä": "\\"", "ä": 2, ', '"user", "content": "q"', "duplicate-key", "/ä"),
    ('"meta": {"a": "é", "a": 1}, ', '"user", "content": "q"', "duplicate-key", "/meta/a"),
    ('"messages": [], ', '"user", "content": "q"', "duplicate-key", "/messages"),
]
ROW = '{%s"messages": [{"role": %s}, {"role": "assistant", "content": "yes"}]}'


@pytest.mark.parametrize(("start", "message", "code", "pointer"), DEFECTS)
def test_a_defect_is_found_among_rows_that_are_passed_at_a_glance(
    start: str, message: str, code: str, pointer: str
) -> None:
    good = [json.dumps(chat(f"u:{i}", "a:b", id=f"row {i}", meta={"a": ['"', i]})) for i in range(4)]
    raw = ROW % (start, message)
    ds = Dataset.from_text("\n".join([*good[:2], raw, *good[2:]]))
    problem = next(iter(ds.validate()))
    assert [(p.row, p.code, p.pointer) for p in ds.validate()] == [(2, code, pointer)]
    last = raw.encode()[problem.byte_column - 1 :]
    assert raw[problem.column - 1 :].encode() == last, "columns in characters and bytes are one place"
    value: Any = json.loads(raw)
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    assert json.JSONDecoder().raw_decode(last.decode())[0] == value


def test_all_problems_of_a_row_come_at_once_even_where_it_cannot_be_read(tmp_path: Any) -> None:
    row = '{"prompt": "", "score": NaN, "completion": "a@b.org", "x": 1, "x": -Infinity, "bad": "\\ud800"}'
    ds = opened(tmp_path, '{"prompt": "a", "completion": "b"}\n' + row + "\n")
    assert sorted(found(ds)) == [
        (1, "duplicate-key", "/x"),
        (1, "empty-field", "/prompt"),
        (1, "lone-surrogate", ""),
        (1, "nan-or-infinity", ""),
        (1, "nan-or-infinity", ""),
        (1, "personal-data", "/completion"),
    ]
    places = {p.byte_column: row[p.byte_column - 1 :] for p in ds.validate()}
    assert [text[:4] for text in places.values() if text[0] in "N-"] == ["NaN,", "-Inf"]


def test_a_value_that_is_no_json_is_said_once(tmp_path: Any) -> None:
    ds = opened(tmp_path, '{"text": NaN}\n{"text": "a"}\n')
    assert found(ds) == [(0, "nan-or-infinity", "")]


def test_an_own_rule_sees_every_row_that_can_be_read() -> None:
    seen: list[dict[str, Any]] = []

    def shouts(row: dict[str, Any]) -> Any:
        seen.append(row)
        return [Finding("shouting", "/prompt", "Loud.")] if row["prompt"].isupper() else None

    ds = Dataset([{"prompt": "quiet", "completion": "a"}, {"prompt": "LOUD", "completion": "b"}])
    both = ds + Dataset.from_text("{bad\n")
    assert found(both, rules=[shouts]) == [(1, "shouting", "/prompt"), (2, "not-json", "")]
    assert seen == ds.to_list()


def test_a_rule_that_fails_names_itself_and_the_row() -> None:
    def clumsy(row: dict[str, Any]) -> Any:
        return [Finding("x", "", row["nowhere"])]

    with pytest.raises(DatasetError, match='The rule "clumsy" failed with KeyError') as caught:
        Dataset(pairs(2)).validate(rules=[clumsy])
    assert caught.value.code == "rule-failed"
    assert caught.value.where is not None
    assert caught.value.where.row == 0
    with pytest.raises(DatasetError, match="which is no Finding"):
        Dataset(pairs(2)).validate(rules=[lambda row: [row["prompt"]]])


def test_a_key_is_rare_among_rows_that_share_the_others() -> None:
    rows = [{**row, "source": "web", "meta": {"n": i}} for i, row in enumerate(pairs(300))]
    rows[7]["nóte"] = "x"
    rows[9]["nóte"] = "y"
    assert found(Dataset(rows)) == [(7, "stray-key", "/nóte"), (9, "stray-key", "/nóte")]


def test_a_sample_is_the_same_in_every_process() -> None:
    code = (
        "import json, random; import numpy as np\n"
        "random.seed({n}); np.random.seed({n}); state = random.getstate()\n"
        "from modelops_jupyter.datasets import Dataset\n"
        "ds = Dataset([{{'id': i, 'text': f'item {{i}}'}} for i in range(40)])\n"
        "out = [[row['id'] for row in ds.sample(5, seed=s)] for s in (7, 8)]\n"
        "train, test = ds.split(test=0.3, seed=7)\n"
        "assert random.getstate() == state\n"
        "print(json.dumps([*out, [row['id'] for row in test]]))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code.format(n=n)],
            env={"PYTHONHASHSEED": str(n), "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True, timeout=120,
        ).stdout
        for n in (0, 1)
    }  # fmt: skip
    assert len(answers) == 1
    seven, eight, test = json.loads(answers.pop())
    assert len(set(seven)) == 5
    assert seven != eight
    assert test
