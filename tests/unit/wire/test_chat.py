"""A chat over the wire: an answer comes in pieces, and whoever else asks is answered between them."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.fine_tuning import Chat
from modelops_jupyter.fine_tuning.chat import Voice
from modelops_jupyter.training import Token
from modelops_jupyter.wire import chat as chats
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import Dispatcher, answer

SETTINGS = {"system": "", "temperature": 0, "max_new_tokens": 64, "compare": False}


class Asked:
    """A chat, and what a page asks of it."""

    def __init__(self, *texts: str) -> None:
        self.chat = Chat([Voice(f"v{i}", self._voice(text)) for i, text in enumerate(texts)])
        self.context = Context(resolve_chat=lambda _: self.chat)

    @staticmethod
    def _voice(text: str) -> Any:
        def stream(*_: Any, **__: Any) -> Iterator[Token]:
            yield from (Token(letter, 0.6, ((" ", 0.004), ("\n", 0.3))) for letter in text)
            yield Token("", 0.999, end=True)

        return stream

    def raw(self, op: str, **args: Any) -> Any:
        return answer({"v": 1, "id": "1", "op": op, "args": {"chat": "t1", **args}}, self.context)

    def __call__(self, op: str, **args: Any) -> Any:
        reply = self.raw(op, **args)
        assert reply["ok"], reply
        return json.loads(json.dumps(reply["result"]))


def test_an_answer_comes_in_pieces_and_each_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "PIECE", 0.0)
    ask = Asked("hello", "hi")
    said = ask("chat.say", prompt="a", **SETTINGS | {"compare": True})
    assert said["running"]
    told, pieces = ["", ""], 0
    known = [0, 0]
    while True:
        piece = ask("chat.next", known=known)
        for i, got in enumerate(piece["answers"]):
            told[i] += "".join(t["text"] for t in got["tokens"])
            known[i] += len(got["tokens"])
        pieces += 1
        if not piece["running"]:
            break
    assert told == ["hello", "hi"]
    assert known == [6, 3]
    assert pieces >= 5
    again = ask("chat.next", known=[4, 9])["answers"]
    assert [len(a["tokens"]) for a in again] == [2, 0]
    assert [a["end"] for a in again] == ["ended"] * 2


def test_others_are_answered_between_two_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "PIECE", 0.0)
    ask = Asked("x" * 50)
    ask("chat.say", prompt="a", **SETTINGS)
    order: list[str] = []
    over = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        page = Dispatcher(executor, ask.context)

        def write_on(reply: dict[str, Any]) -> None:
            order.append("piece")
            if reply["result"]["running"]:
                page.submit(
                    {"v": 1, "id": "n", "op": "chat.next", "args": {"chat": "t", "known": []}}, write_on
                )
            else:
                over.set()

        both_asked = threading.Event()
        executor.submit(both_asked.wait, 30)
        write_on({"result": {"running": True}})
        page.submit({"v": 1, "id": "j", "op": "chat", "args": {"chat": "t"}}, lambda _: order.append("other"))
        both_asked.set()
        assert over.wait(30)
    assert order.index("other") == 2 < 5 < len(order)  # behind the piece that was asked for before it


def test_a_token_says_how_sure_the_model_was_without_false_certainty() -> None:
    ask = Asked("o")
    ask("chat.say", prompt="a", **SETTINGS)
    first, end = ask("chat.next", known=[])["answers"][0]["tokens"]
    assert (first["percent"], first["doubt"]) == ("60 %", 1)
    assert first["others"] == [["␣", "<1 %"], ["⏎", "30 %"]]
    assert (end["text"], end["shown"], end["percent"], end["doubt"]) == ("", "end of the answer", ">99 %", 0)


def test_stop_clear_and_the_row_to_copy() -> None:
    ask = Asked("hello")
    ask("chat.say", prompt="a", **SETTINGS | {"system": "Be brief."})
    ask("chat.next", known=[])
    row = json.loads(ask("chat.row")["text"])
    assert [m["role"] for m in row["messages"]] == ["system", "user", "assistant"]
    ask("chat.say", prompt="b", **SETTINGS)
    stopped = ask("chat.stop")
    assert stopped["turns"][-1]["answers"][0]["end_text"] == "stopped"
    assert not stopped["running"]
    cleared = ask("chat.clear")
    assert (cleared["turns"], cleared["rows_text"]) == ([], "1 conversation")
    assert isinstance(ask.chat.rows, Dataset)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"prompt": " "}, "config"),
        ({"compare": True}, "config"),
        ({"temperature": -1}, "bad-arguments"),
        ({"temperature": "hot"}, "bad-arguments"),
        ({"max_new_tokens": 10**9}, "bad-arguments"),
        ({"prompt": "x" * 20_001}, "bad-arguments"),
    ],
)
def test_what_cannot_be_said_is_an_error_answer_and_changes_nothing(
    change: dict[str, Any], code: str
) -> None:
    ask = Asked("hello")
    reply = ask.raw("chat.say", **{"prompt": "a"} | SETTINGS | change)
    assert reply["error"]["code"] == code
    assert ask.chat.turns == []


def test_an_error_while_answering_takes_the_turn_back() -> None:
    ask = Asked("hello")

    def broken(*_: Any, **__: Any) -> Iterator[Token]:
        from modelops_jupyter.errors import StoreError

        raise StoreError("The weights are gone.")

    ask.chat.voices = (Voice("broken", broken),)
    ask("chat.say", prompt="a", **SETTINGS)
    reply = ask.raw("chat.next", known=[])
    assert reply["error"]["message"] == "The weights are gone."
    assert ask("chat")["turns"] == []
