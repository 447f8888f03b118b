"""There and back again: a row that can be written in another layout comes back equal."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.formats.rewrite import CHATS, PREFERENCES

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
EXTRA = st.dictionaries(
    st.sampled_from(["source", "score", "tags"]), st.none() | st.integers() | TEXT, max_size=2
)
CALL = st.builds(
    lambda name, arguments: {
        "id": "call_1",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    },
    TEXT,
    st.sampled_from(["{}", '{"a": 1}', "{", '{"a":1}']),
)
MESSAGE = st.builds(
    lambda role, content, more: {"role": role, "content": content, **more},
    st.sampled_from(["system", "user", "assistant", "tool", "developer"]),
    TEXT | st.none() | st.lists(st.builds(lambda t: {"type": "text", "text": t}, TEXT), max_size=2),
    st.dictionaries(st.sampled_from(["weight", "name"]), st.sampled_from([0, 1, "x"]), max_size=1)
    | st.builds(lambda call: {"tool_calls": [call]}, CALL),
)
TURN = st.builds(
    lambda q, a: [{"role": "user", "content": q}, {"role": "assistant", "content": a}], TEXT, TEXT
)
TIDY = st.lists(TURN, min_size=1, max_size=3).map(lambda turns: [m for turn in turns for m in turn])


def entries(turns: list[Any]) -> list[dict[str, str]]:
    names = {"user": "human", "assistant": "gpt"}
    return [{"from": names[turn["role"]], "value": turn["content"]} for turn in turns]


CHAT_ROWS = {
    "messages": st.builds(lambda m: {"messages": m}, st.lists(MESSAGE, min_size=1, max_size=4) | TIDY),
    "sharegpt": st.builds(lambda turns: {"conversations": entries(turns)}, TIDY),
    "alpaca": st.builds(
        lambda q, a, more: {"instruction": q, "input": "", "output": a, **more},
        TEXT,
        TEXT,
        st.fixed_dictionaries(
            {},
            optional={
                "system": TEXT.filter(bool),
                "history": st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1, max_size=2),
            },
        ),
    ),
    "prompt_completion": st.builds(lambda p, c: {"prompt": p, "completion": c}, TEXT, TEXT),
    "text": st.builds(lambda t: {"text": t}, TEXT),
}


@st.composite
def chat_rows(draw: st.DrawFn) -> tuple[str, dict[str, Any], str]:
    layout = draw(st.sampled_from(CHATS))
    return layout, draw(CHAT_ROWS[layout]) | draw(EXTRA), draw(st.sampled_from(CHATS))


@settings(deadline=None, max_examples=300)
@given(chat_rows())
def test_a_row_that_is_converted_comes_back_equal(drawn: tuple[str, dict[str, Any], str]) -> None:
    layout, row, target = drawn
    ds = Dataset([row], format=layout)
    there = ds.convert(target)
    assert len(there.dataset) + len(there.failed) == 1
    if there.failed:
        assert there.failed[0].reason
        return
    back = there.dataset.convert(layout)
    assert back.failed == ()
    assert back.dataset.to_list() == [row]
    assert list(back.dataset.ids) == list(ds.ids)


PREFERENCE_ROWS = st.builds(
    lambda p, c, r: {"prompt": p, "chosen": c, "rejected": r}, TEXT, TEXT, TEXT
) | st.builds(
    lambda p, c, r: {"prompt": p[:-1], "chosen": p[-1:] + c, "rejected": [*p[-1:], *r]},
    st.lists(TURN, min_size=2, max_size=2).map(lambda turns: [m for turn in turns for m in turn]),
    TIDY,
    TIDY,
)


@settings(deadline=None)
@given(PREFERENCE_ROWS, EXTRA)
def test_preferences_come_back_equal(row: dict[str, Any], extra: dict[str, Any]) -> None:
    ds = Dataset([row | extra])
    there = ds.convert(PREFERENCES[1]).dataset
    assert there[0].keys() >= {"input", "preferred_output", "non_preferred_output"}
    assert there.convert(PREFERENCES[0]).dataset.to_list() == [row | extra]
