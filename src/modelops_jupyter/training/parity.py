"""Whether an exported model is the trained one: same text, same tokens in, same tokens out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelops_jupyter.datasets.masks import Message, control_tokens, encode, prompt_ids
from modelops_jupyter.training import generate, gguf, models

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

ROWS = 16  # conversations that are compared
MOST = 64  # tokens of an answer that are compared
Loaded = tuple[Any, Any]

CONVERSATIONS: tuple[list[Message], ...] = tuple(
    [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    for asked, said in (
        ("3rd of March, 2021", "2021-03-03"),
        ("What is  two\nplus 2?", "It is 4."),
        ("Ünïcode: 你好 🙂", "ok"),
    )
)


@dataclass(frozen=True)
class Parity:
    """What was compared, and what differs; true when nothing does.

    Parameters
    ----------
    differences
        What was compared → how it differs, in the order of the checks; only what differs.
    """

    conversations: int
    checked: tuple[str, ...]
    differences: dict[str, str]

    def __bool__(self) -> bool:
        return not self.differences

    def __repr__(self) -> str:
        told = [
            f"  {'≠' if name in self.differences else '='} {name}{self._why(name)}" for name in self.checked
        ]
        return "\n".join([f"Parity on {self.conversations} conversations", *told])

    def _why(self, name: str) -> str:
        return f": {self.differences[name]}" if name in self.differences else ""


def conversations(dataset: "Dataset") -> list[list[Message]]:
    """Return the first rows as conversations that end with an answer."""
    from modelops_jupyter.evaluation.predictions import pairs_of

    prompts, references = pairs_of(dataset.head(ROWS))
    return [
        [*prompt.messages, {"role": "assistant", "content": said}]
        for prompt, said in zip(prompts, references, strict=True)
    ]


def load(folder: Path) -> Loaded:
    """Load an exported model with what transformers makes of it."""
    if (file := folder / gguf.FILE).is_file():
        return gguf.load(file)
    return models.load(models.describe(folder)[0])


def compare(ours: Loaded, theirs: Loaded, conversations: Sequence[Sequence[Message]]) -> Parity:
    """Compare two loaded models (model, tokenizer) on conversations that end with an answer."""
    asked = [list(messages[:-1]) for messages in conversations]
    looks: dict[str, Callable[[Loaded], Any]] = {
        "chat template": lambda m: gguf.template(str(m[1].chat_template)),
        "start token": lambda m: (m[1].bos_token, m[1].bos_token_id),
        "end token": lambda m: (m[1].eos_token, generate.ends(*m)),
        "padding token": lambda m: (m[1].pad_token, m[1].pad_token_id),
        "special tokens": _special,
        "ids of conversations": lambda m: [encode(m[1], messages).input_ids for messages in conversations],
        "ids of prompts": lambda m: [prompt_ids(m[1], messages) for messages in asked],
        "text of answers": lambda m: [m[1].decode(encode(m[1], c).input_ids, skip_special_tokens=True)
                                      for c in conversations],
        "greedy tokens": lambda m: _answers(m, asked),
    }  # fmt: skip
    differences = {name: why for name, look in looks.items() if (why := _difference(look, ours, theirs))}
    return Parity(len(conversations), tuple(looks), differences)


def _special(loaded: Loaded) -> str:
    model, tokenizer = loaded
    known = model.config.vocab_size  # transformers adds a token to a GGUF's that the model does not have
    return " ".join(sorted(token for token, id in control_tokens(tokenizer).items() if id < known))


def _answers(loaded: Loaded, asked: list[list[Message]]) -> list[list[int]]:
    model, tokenizer = loaded
    ends = set(generate.ends(model, tokenizer))
    found = generate.greedy_ids(model, tokenizer, asked, max_new_tokens=MOST)
    return [ids[: next((i + 1 for i, id in enumerate(ids) if id in ends), len(ids))] for ids in found]


def _difference(look: Callable[[Loaded], Any], ours: Loaded, theirs: Loaded) -> str:
    mine: Any = look(ours)
    try:
        other: Any = look(theirs)
    except Exception as error:  # a broken export may fail anywhere; that is the difference
        return f"it fails with {type(error).__name__}: {error}"[:200]
    if mine == other:
        return ""
    if isinstance(mine, list):  # one for each conversation
        at = next(i for i in range(len(other)) if mine[i] != other[i])
        return f"in conversation {at}, for one"
    return f"{mine!r} became {other!r}"[:200]
