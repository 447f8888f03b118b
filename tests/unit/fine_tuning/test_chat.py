"""A conversation with a model: token by token, beside its base, and kept as rows."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.training.conftest import chat as rows_of

from modelops_jupyter.errors import ConfigError, StoreError
from modelops_jupyter.evaluation import evaluate_model
from modelops_jupyter.fine_tuning import Chat, FineTunedModel, load_model
from modelops_jupyter.fine_tuning.chat import Voice
from modelops_jupyter.training import Token, TrainingPipeline

PROMPTS = ("Say 1.", "Say 11.", "Say 7.", "Hello")


def words(said: list[list[dict[str, Any]]], text: str = "one two three") -> Voice:
    """A voice that always says the same, and writes down what it was asked."""

    def stream(messages: list[dict[str, Any]], **_: Any) -> Iterator[Token]:
        said.append(messages)
        yield from (Token(f"{word} ", 0.5, (("other", 0.25),)) for word in text.split())
        yield Token("", 0.75, end=True)

    return Voice("parrot", stream)


def endless(**_: Any) -> Iterator[Token]:
    while True:
        yield Token("x", 0.5)


def written(chat: Chat, turn: int = -1) -> list[str]:
    return [answer.text for answer in chat.turns[turn].answers]


# ---- with a model that was trained ----
@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A base that learned something, and the same with an adapter that changed it."""
    pytest.importorskip("trl")
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for one another are slow where others work too
    home = tmp_path_factory.mktemp("chats")
    settings = {"max_steps": 60, "batch_size": 8, "learning_rate": 6e-3}
    base = TrainingPipeline(settings, folder=home / "base").run(rows_of(16))
    settings = {"method": "lora", "max_steps": 8, "batch_size": 8, "learning_rate": 3e-2}
    adapted = TrainingPipeline(settings, model=base, folder=home / "lora").run(rows_of(16, first=20))
    torch.set_num_threads(before)
    return {"base": base.path, "lora": adapted.path}


@pytest.mark.train
def test_a_stream_says_what_generate_says_and_how_sure_it_was(folders: dict[str, Path]) -> None:
    model = FineTunedModel(folders["base"])
    for prompt, whole in zip(PROMPTS, model.generate(PROMPTS, max_new_tokens=24), strict=True):
        tokens = list(model.stream(prompt, max_new_tokens=24, alternatives=3))
        assert "".join(token.text for token in tokens) == whole
        for token in tokens:
            shares = [share for _, share in token.alternatives]
            assert len(shares) == 3
            assert shares == sorted(shares, reverse=True)
            assert 1 > token.probability >= shares[0] > 0  # the likeliest was taken
            assert token.probability + sum(shares) < 1.001
        assert [token.end for token in tokens] == [False] * (len(tokens) - 1) + [tokens[-1].end]


@pytest.mark.train
def test_the_probabilities_are_those_of_one_forward_pass(folders: dict[str, Path]) -> None:
    import torch

    from modelops_jupyter.datasets.masks import encode

    model = FineTunedModel(folders["base"])
    tokens = [t for t in model.stream(PROMPTS[1]) if not t.end]
    answer = "".join(token.text for token in tokens)
    torch_model, tokenizer = model.load()
    turns = [{"role": "user", "content": PROMPTS[1]}, {"role": "assistant", "content": answer}]
    row = encode(tokenizer, turns)
    with torch.inference_mode():
        found = torch_model(input_ids=torch.tensor([row.input_ids])).logits[0].softmax(-1)
    places = [i for i, label in enumerate(row.labels) if label >= 0][: len(tokens)]
    again = [float(found[i - 1, row.labels[i]]) for i in places]
    assert [token.probability for token in tokens] == pytest.approx(again, rel=1e-3)


@pytest.mark.train
def test_a_draw_follows_its_seed_and_leaves_the_global_state_alone(folders: dict[str, Path]) -> None:
    import torch

    model = FineTunedModel(folders["base"])
    state = torch.get_rng_state()

    def draw(seed: int) -> str:
        drawn = model.stream("Hello", temperature=2.0, seed=seed, max_new_tokens=12)
        return "".join(token.text for token in drawn)

    assert draw(1) == draw(1)
    assert len({draw(seed) for seed in range(5)}) > 1
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.train
def test_with_an_adapter_off_the_base_answers_and_no_second_model_is_loaded(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelops_jupyter.training import models

    tuned, base = FineTunedModel(folders["lora"]), FineTunedModel(folders["base"])
    loaded: list[Any] = []
    real = models.load
    monkeypatch.setattr(models, "load", lambda described: loaded.append(described) or real(described))
    chat = tuned.chat(max_new_tokens=16)
    assert chat.compare
    for prompt in PROMPTS[:2]:
        chat.clear()
        chat.say(prompt)
        assert written(chat) == [model.generate([prompt], max_new_tokens=16)[0] for model in (tuned, base)]
    assert len({tuple(written(chat))}) == 1
    assert written(chat)[0] != written(chat)[1]
    assert [str(described["path"]) for described in loaded[:1]] == [str(folders["base"])]
    assert len(loaded) == 3  # the chat loaded one; `generate` above the two others


@pytest.mark.train
def test_a_model_without_an_adapter_asks_its_base_only_when_told(folders: dict[str, Path]) -> None:
    chat = FineTunedModel(folders["base"]).chat(max_new_tokens=8)
    assert [voice.name for voice in chat.voices] == ["model", "tiny"]
    assert len(chat.say(PROMPTS[0]).answers) == 1
    chat.compare = True
    untrained = load_model("tiny").generate(["Say 2."], max_new_tokens=8)
    assert len(chat.say("Say 2.").answers) == 2
    assert written(chat)[0] != untrained[0]


@pytest.mark.train
def test_a_model_out_of_its_folder_is_measured_beside_the_base_that_the_folder_names(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    moved = load_model(shutil.copytree(folders["lora"], tmp_path / "moved"))
    asked = rows_of(3, first=20)
    result = evaluate_model(moved, asked)
    own = evaluate_model(FineTunedModel(folders["base"]), asked, baselines=None)
    assert float(result.baselines["base model"]["exact_match"]) == float(own["exact_match"])
    note = moved.path / "training.json"
    note.write_text(note.read_text().replace(str(folders["base"]), str(tmp_path / "gone")))
    alone = evaluate_model(load_model(moved.path), asked)
    assert "base model" not in alone.baselines
    (notice,) = alone.notices
    assert notice == f"No base model: There is no folder '{tmp_path / 'gone'}' any more."


@pytest.mark.train
def test_bytes_of_a_character_wait_for_the_rest() -> None:
    from modelops_jupyter.training import tiny_chat_model
    from modelops_jupyter.training.stream import _Texts

    tokenizer = tiny_chat_model().load()[1]
    text = "a 日本 🙂é"
    ids = tokenizer(text)["input_ids"]
    texts = _Texts(tokenizer)
    pieces = [texts.add(token, over=i == len(ids) - 1) for i, token in enumerate(ids)]
    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)
    assert "" in pieces


@pytest.mark.train
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": -1}, "temperature"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_call(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_model("tiny").stream("Hello", **options)
    with pytest.raises(ConfigError, match=says):
        load_model("tiny").chat(**options)


@pytest.mark.train
def test_a_conversation_that_does_not_fit_the_model_says_so() -> None:
    with pytest.raises(ConfigError, match="at most 1024"):
        load_model("tiny").stream("x y " * 1000)


# ---- the conversation ----
def test_every_turn_knows_what_was_said_before() -> None:
    asked: list[list[dict[str, Any]]] = []
    chat = Chat([words(asked)], system="Be brief.")
    chat.say("a")
    turn = chat.say("b")
    assert turn.answer.text == "one two three "
    assert turn.answer.end == "ended"
    assert [m["content"] for m in asked[1]] == ["Be brief.", "a", "one two three ", "b"]


def test_the_base_is_asked_the_same_conversation() -> None:
    own, base = [], []
    chat = Chat([words(own, "mine"), words(base, "theirs")], compare=True)
    chat.say("a")
    chat.say("b")
    assert own == base
    assert written(chat) == ["mine ", "theirs "]


def test_what_was_said_is_a_dataset_of_conversations() -> None:
    chat = Chat([words([])], system="Be brief.")
    assert len(chat.rows) == 0
    chat.say("a")
    chat.clear()
    chat.system = ""
    chat.say("b")
    chat.say("c")
    assert [[m["role"] for m in row["messages"]] for row in chat.rows] == [
        ["system", "user", "assistant"],
        ["user", "assistant", "user", "assistant"],
    ]
    assert chat.rows.validate().ok
    assert chat.turns[0].prompt == "b"


def test_a_stopped_answer_stays_and_one_without_words_is_no_row() -> None:
    chat = Chat([Voice("endless", lambda *_, **__: endless())])
    chat.begin("a")
    assert chat.advance(0.0)
    chat.stop()
    assert (chat.turns[0].answer.end, chat.turns[0].answer.text) == ("stopped", "x")
    assert not chat.advance(1.0)
    chat.begin("b")
    chat.stop()
    assert [m["content"] for m in chat.messages] == ["a", "x"]


def test_pieces_of_two_answers_come_in_turns() -> None:
    chat = Chat([Voice(name, lambda *_, **__: endless()) for name in "ab"], compare=True)
    chat.begin("a")
    while len(chat.turns[0].answer.tokens) < 3:
        assert chat.advance(0.0)
    assert [len(answer.tokens) for answer in chat.turns[0].answers] == [3, 3]


def test_an_answer_that_runs_out_of_tokens_is_called_cut() -> None:
    chat = Chat([Voice("short", lambda *_, **__: iter([Token("x", 0.5)]))])
    assert chat.say("a").answer.end == "cut"


def test_a_model_that_cannot_be_loaded_is_an_error_and_nothing_was_said() -> None:
    def gone(*_: Any, **__: Any) -> Iterator[Token]:
        raise StoreError("The model cannot be loaded.")

    chat = Chat([Voice("gone", gone)])
    with pytest.raises(StoreError):
        chat.say("a")
    assert chat.turns == []
    assert not chat.running


def test_while_a_model_loads_nobody_waits_for_long() -> None:
    gate = threading.Event()

    def late(*_: Any, **__: Any) -> Iterator[Token]:
        gate.wait(30)
        return iter([Token("x", 0.5, end=True)])

    chat = Chat([Voice("late", late)])
    chat.begin("a")
    assert chat.loading
    assert chat.advance(0.0)
    gate.set()
    while chat.advance(0.1):
        pass
    assert written(chat) == ["x"]
    assert not chat.running


def test_what_makes_no_sense_is_refused() -> None:
    chat = Chat([words([])])
    with pytest.raises(ConfigError, match="empty"):
        chat.say("  \n")
    with pytest.raises(ConfigError, match="no base"):
        Chat([words([])], compare=True)
