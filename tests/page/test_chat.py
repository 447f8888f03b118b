"""The chat in a browser, answered by Python that runs for real, with voices that say what a test wants."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from modelops_jupyter.errors import StoreError
from modelops_jupyter.fine_tuning import Chat
from modelops_jupyter.fine_tuning.chat import Voice
from modelops_jupyter.training import Token
from modelops_jupyter.wire import chat as chats
from modelops_jupyter.wire.chat import snapshot
from modelops_jupyter.wire.context import Context

from .view import View

HOSTILE = '<img src=x onerror="window.__pwned=1">\u202e</script>'
SURE, UNSURE, LOST = 0.97, 0.62, 0.11


def voice(name: str, *words: tuple[str, float]) -> Voice:
    """One who says these words, each so surely."""

    def stream(*_: Any, **__: Any) -> Iterator[Token]:
        yield from (Token(w, p, ((" other", 0.2), ("\n", 0.1))) for w, p in words)
        yield Token("", 0.8, (("more", 0.1),), end=True)

    return Voice(name, stream)


def endless(*_: Any, **__: Any) -> Iterator[Token]:
    return (Token(f"{i} ", SURE) for i in itertools.count())


TUNED = voice("dates-tiny", ("2021", SURE), ("-03", UNSURE), ("-03", LOST))
BASE = voice("tiny", *[(word, UNSURE) for word in ("I ", "am ", "not ", "sure.")])


def shown(
    view: View, *voices: Voice, state: str = "empty", said: tuple[str, ...] = (), **options: Any
) -> Chat:
    settings = {key: options.pop(key) for key in ("system", "compare") if key in options}
    chat = Chat(voices or (TUNED, BASE), **settings)
    for prompt in said:
        chat.say(prompt)
    spec = {"chat": "t1", "initial": snapshot(chat)}
    context = Context(resolve_chat=lambda _: chat)
    view.show("chat", spec, live=context, state="ready" if said else state, **options)
    return chat


def ask(view: View, text: str) -> None:
    view.root.get_by_label("Prompt").fill(text)
    view.press("Enter")


def answers(view: View, ended: int = 1) -> Any:
    found = view.root.locator(".ct-answer[data-end]:not([data-end=''])")
    expect(found).to_have_count(ended)
    return found


# ---- saying something ----
def test_an_answer_comes_and_python_has_it(view: View):
    chat = shown(view)
    ask(view, "When?")
    answer = answers(view)
    expect(answer.locator(".ct-say")).to_have_text("2021-03-03∎")
    expect(answer).to_contain_text("4 tokens")
    expect(view.root.locator(".ct-said")).to_have_text("When?")
    expect(view.root.get_by_role("status")).to_have_text("dates-tiny: 2021-03-03.")
    expect(view.root.get_by_label("Prompt")).to_be_focused()
    expect(view.root.get_by_label("Prompt")).to_have_value("")
    assert [[m["content"] for m in row["messages"]] for row in chat.rows] == [["When?", "2021-03-03"]]
    expect(view.root.locator(".mo-head")).to_contain_text("1 conversation in .rows")


def test_pieces_are_added_to_what_is_there(view: View, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chats, "PIECE", 0.0)
    shown(view, Voice("endless", endless))
    ask(view, "Count.")
    say = view.root.locator(".ct-say")
    expect(say).to_contain_text("3 ")
    say.locator(".t").first.evaluate("e => e.setAttribute('data-same', '')")
    expect(say).to_contain_text("9 ")
    expect(say.locator("[data-same]")).to_have_text("0 ")
    view.press("Escape")
    answer = answers(view)
    expect(answer).to_contain_text("stopped")
    expect(view.root.get_by_role("button", name="Send")).to_be_visible()
    words = (say.inner_text()).split()
    assert words == [str(i) for i in range(len(words))]


def test_the_one_button_stops_and_keeps_the_focus(view: View, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chats, "PIECE", 0.0)
    chat = shown(view, Voice("endless", endless))
    view.root.get_by_label("Prompt").fill("Count.")
    view.press("Tab", "Enter")
    stop = view.root.get_by_role("button", name="Stop")
    expect(stop).to_be_focused()
    expect(view.root.locator(".ct-say")).to_contain_text("1 ")
    view.press("Enter")
    answers(view)
    expect(view.root.get_by_role("button", name="Send")).to_be_focused()
    assert chat.turns[0].answer.end == "stopped"


def test_the_base_answers_beside_it_when_asked(view: View):
    chat = shown(view)
    toggle = view.root.get_by_role("button", name="Ask tiny too")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    ask(view, "When?")
    both = answers(view, 2)
    expect(both.nth(0).locator(".who b")).to_have_text("dates-tiny")
    expect(both.nth(1).locator(".ct-say")).to_have_text("I am not sure.∎")
    assert chat.compare
    toggle.click()
    ask(view, "And now?")
    answers(view, 3)


def test_what_is_set_is_sent_and_a_wrong_number_is_not(view: View):
    chat = shown(view)
    view.root.get_by_label("System message").fill("Be brief.")
    view.root.get_by_label("temperature").fill("0.7")
    tokens = view.root.get_by_label("max tokens")
    tokens.fill("0")
    ask(view, "When?")
    expect(tokens).to_be_focused()
    assert view.asked("chat.say") == []
    tokens.fill("12")
    ask(view, "When?")
    answers(view)
    assert (chat.system, chat.temperature, chat.max_new_tokens) == ("Be brief.", 0.7, 12)
    expect(view.root.get_by_label("System message")).to_have_value("Be brief.")


def test_an_empty_prompt_asks_nothing_and_shift_enter_is_a_line(view: View):
    shown(view)
    ask(view, "  ")
    prompt = view.root.get_by_label("Prompt")
    prompt.fill("a")
    view.press("Shift+Enter", "b")
    expect(prompt).to_have_value("a\nb")
    assert view.asked("chat.say") == []


# ---- tokens ----
@pytest.mark.parametrize("view", [{}, {"forced_colors": "active"}], indirect=True, ids=["", "forced"])
def test_doubt_is_told_by_the_line_and_not_by_colour(view: View):
    shown(view, said=("When?",))
    marks = view.root.locator(".ct-say .t")
    names = ["textDecorationLine", "textDecorationStyle", "textDecorationThickness"]
    lines = marks.evaluate_all("(all, names) => all.map(e => names.map(n => getComputedStyle(e)[n]))", names)
    assert len(set(map(tuple, lines[:3]))) == 3
    assert lines[0][0] == "none"
    assert lines[1][:2] == ["underline", "dotted"]
    assert lines[2][:2] == ["underline", "solid"]
    assert float(lines[2][2].removesuffix("px")) > 3
    legend = view.root.locator(".mo-foot .t")
    expect(legend).to_have_text(["under 90 %", "under 50 %", "under 20 %"])


def test_a_token_tells_its_probability_and_what_else_was_likely(view: View):
    shown(view, said=("When?",))
    detail = view.root.locator(".ct-detail")
    expect(detail).to_have_text("")
    view.root.locator(".ct-say .t").nth(1).hover()
    expect(detail).to_have_text("-03 62 %, else ␣other 20 %, ⏎ 10 %")
    view.root.get_by_label("Answer of dates-tiny").focus()
    view.press("ArrowRight")
    expect(detail).to_contain_text("-03 11 %")
    expect(view.root.get_by_role("status")).to_contain_text("-03 11 %")
    view.press("ArrowRight", "ArrowRight")
    expect(detail).to_contain_text("end of the answer 80 %")
    view.press("Home")
    expect(detail).to_contain_text("2021 97 %")
    expect(view.root.locator(".ct-say .on")).to_have_count(1)


# ---- the conversation ----
def test_clear_begins_anew_and_the_rows_stay(view: View):
    chat = shown(view, said=("a", "b"))
    view.root.get_by_role("button", name="Clear").click()
    view.wait("empty")
    expect(view.root.locator(".ct-turn")).to_have_count(0)
    expect(view.root.get_by_label("Prompt")).to_be_focused()
    assert len(chat.rows) == 1
    ask(view, "c")
    answers(view)
    assert len(chat.rows) == 2


def test_the_row_is_copied_as_one_line_of_json(view: View):
    shown(view, said=("a",))
    view.page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")
    view.root.get_by_role("button", name="Copy row").click()
    expect(view.root.get_by_role("status")).to_have_text("The conversation was copied as a row.")
    assert view.page.evaluate("JSON.parse(copied).messages.map(m => m.role)") == ["user", "assistant"]


def test_a_conversation_that_python_goes_on_with_is_there_when_it_is_shown_again(view: View):
    chat = shown(view, said=("a",))
    chat.say("b")
    chat.begin("c")
    view.page.evaluate("s => harness.carrier.log.length = 0", None)
    spec = {"chat": "t1", "initial": snapshot(Chat([TUNED]))}
    view.page.evaluate(
        "scene => harness.show(scene)", {"kind": "chat", "spec": spec, "live": True, "theme": "light"}
    )
    answers(view, 3)
    assert chat.turns[2].answer.end == "ended"


def test_a_conversation_that_python_began_anew_replaces_what_was_shown(view: View):
    chat = shown(view, said=("a",))
    chat.clear()
    chat.say("b")
    ask(view, "c")
    expect(view.root.locator(".ct-said")).to_have_text(["b", "c"])
    answers(view, 2)


def test_hostile_text_is_text(view: View):
    shown(view, voice(HOSTILE, (HOSTILE, LOST)), said=(HOSTILE,), system=HOSTILE)
    expect(view.root.locator("img, script")).to_have_count(0)
    expect(view.root.get_by_role("heading", level=2)).to_contain_text("<img src=x")
    view.root.locator(".ct-say .t").first.click()
    expect(view.root.locator(".ct-detail")).to_contain_text("<img src=x")
    assert view.page.evaluate("'__pwned' in window") is False


# ---- trouble ----
def test_what_failed_was_not_said_and_the_words_come_back(view: View):
    def gone(*_: Any, **__: Any) -> Iterator[Token]:
        raise StoreError("The weights are gone.", hint="Train again.")

    chat = shown(view, Voice("gone", gone))
    ask(view, "When?")
    expect(view.root.get_by_role("alert")).to_contain_text("The weights are gone.")
    expect(view.root.get_by_label("Prompt")).to_have_value("When?")
    expect(view.root.locator(".ct-turn")).to_have_count(0)
    view.wait("empty")
    assert view.violations() == []
    chat.voices = (TUNED,)
    view.press("Enter")
    answers(view)
    expect(view.root.get_by_role("alert")).to_have_count(0)


def test_without_a_kernel_what_was_said_stays_and_nothing_is_sent(view: View):
    shown(view, said=("a",))
    closed = {
        "error": {"code": "closed", "message": "The kernel behind this output is gone.", "hint": "Run."}
    }
    for op in ("chat", "chat.say", "chat.next"):
        view.harness("answer", op, closed)
    ask(view, "b")
    view.wait("stale")
    expect(view.root.locator(".ct-turn")).to_have_count(1)
    expect(view.root.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "true")
    expect(view.root.get_by_label("Prompt")).to_have_value("b")


def test_a_busy_kernel_is_said(view: View):
    shown(view)
    view.harness("answer", "chat.say", "never")
    ask(view, "b")
    expect(view.root.locator(".ct-note")).to_contain_text("Waiting for the kernel")


# ---- keys ----
def test_keys_of_the_host_do_not_fire_inside_and_escape_leaves(view: View):
    shown(view, said=("a",))
    view.page.evaluate("window.heard = []; document.addEventListener('keydown', e => heard.push(e.key))")
    view.root.get_by_label("Answer of").focus()
    view.press("d", "d", "/")
    expect(view.root.get_by_label("Prompt")).to_be_focused()
    view.press("Shift+Enter")
    view.root.get_by_label("Answer of").focus()
    view.press("?")
    expect(view.root.get_by_role("dialog", name="Keys")).to_be_visible()
    assert view.violations() == []
    view.press("Escape", "Escape")
    assert view.page.evaluate("heard.filter(k => k !== 'Escape')") == []
    assert view.root.evaluate("r => r.contains(document.activeElement)") is False
