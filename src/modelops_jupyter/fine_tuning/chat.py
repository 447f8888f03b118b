"""`Chat`: talk to a model, see how sure it was of each token, keep what was said as rows."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from modelops_jupyter._display import Rich
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training.stream import Token

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

__all__ = ["Chat"]

Message = dict[str, Any]
Writing = list[tuple["Answer", Iterator[Token]]]


@dataclass(frozen=True)
class Voice:
    """One who answers: a name, and what begins the tokens of an answer (and may load a model first)."""

    name: str
    stream: Callable[..., Iterator[Token]]


@dataclass
class Answer:
    """What one model said; `end` is "" while it is written, then "ended", "cut" or "stopped"."""

    name: str
    tokens: list[Token] = field(default_factory=list[Token])
    end: str = ""

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(token.text for token in self.tokens)


@dataclass
class Turn:
    """A prompt and its answers: the model's own first, then that of its base if it was asked too."""

    prompt: str
    answers: list[Answer]

    @property
    def answer(self) -> Answer:
        """The answer of the model itself."""
        return self.answers[0]


class Chat(Rich):
    """A conversation with a model, as `FineTunedModel.chat` begins it; in a notebook one can type into it.

    Attributes
    ----------
    turns
        Prompts and answers of the present conversation. The base is asked the same conversation,
        with the answers of the model itself, so that only the weights differ.
    system, temperature, max_new_tokens, compare
        Settings of the next turn; `compare` asks the base too.

    Examples
    --------
    >>> chat = load_model("tiny").chat()  # doctest: +SKIP
    >>> chat.say("3 March 2021").answer.text  # doctest: +SKIP
    '2021-03-03'
    >>> chat.rows.to_jsonl("said.jsonl")  # doctest: +SKIP
    """

    kind: ClassVar[str] = "chat"

    def __init__(
        self,
        voices: Sequence[Voice],
        *,
        system: str = "",
        temperature: float = 0.0,
        max_new_tokens: int = 256,
        compare: bool = False,
    ) -> None:
        self.voices = tuple(voices)
        self.turns: list[Turn] = []
        self._earlier: list[Message] = []
        self._begun: Future[Writing] | None = None
        self._lock = threading.RLock()  # a cell and a view may both go on with an answer
        self.configure(system=system, temperature=temperature, max_new_tokens=max_new_tokens, compare=compare)

    def configure(self, *, system: str, temperature: float, max_new_tokens: int, compare: bool) -> None:
        """Set what holds from the next turn on."""
        if not 0 <= temperature < float("inf") or max_new_tokens < 1:
            raise ConfigError("temperature must be a number from 0 on, max_new_tokens at least 1.")
        if compare and len(self.voices) < 2:
            raise ConfigError("There is no base model to compare with: the model's folder names none.")
        self.system, self.temperature = system, temperature
        self.max_new_tokens, self.compare = max_new_tokens, compare

    def say(self, prompt: str) -> Turn:
        """Say something, wait for the answers, and return both."""
        self.begin(prompt)
        try:
            while self.advance(0.1):  # a view of it waits no longer than that
                pass
        finally:
            self.stop()  # after Ctrl-C
        return self.turns[-1]

    def begin(self, prompt: str) -> None:
        """Say something without waiting; `advance` then writes the answers piece by piece."""
        if not prompt.strip():
            raise ConfigError("The prompt is empty.")
        with self._lock:
            self.stop()
            messages = [*self.messages, {"role": "user", "content": prompt}]
            voices = self.voices[: 1 + self.compare]
            self.turns.append(Turn(prompt, [Answer(voice.name) for voice in voices]))
            options = {"max_new_tokens": self.max_new_tokens, "temperature": self.temperature}
            answers = self.turns[-1].answers

            def start() -> Writing:
                return [(a, v.stream(messages, **options)) for a, v in zip(answers, voices, strict=True)]

            # The first turn may load a model: whoever shares this thread is not held up by that.
            loader = ThreadPoolExecutor(1, thread_name_prefix="modelops-chat")
            self._begun = loader.submit(start)
            loader.shutdown(wait=False)

    @property
    def running(self) -> bool:
        """Whether an answer is being written."""
        return self._begun is not None

    @property
    def loading(self) -> bool:
        """Whether a model is being loaded for it."""
        return self._begun is not None and not self._begun.done()

    def advance(self, seconds: float) -> bool:
        """Write for about so long, a token at least; tell whether there is more to come."""
        with self._lock:
            until = time.monotonic() + seconds
            if self._begun is None:
                return False
            if not wait([self._begun], seconds).done:
                return True
            try:
                writing = self._begun.result()
                while open := [pair for pair in writing if not pair[0].end]:
                    for answer, tokens in open:
                        _write(answer, tokens)
                    if time.monotonic() >= until:
                        break
            except Exception:
                self._begun = None
                self.turns.pop()  # what failed was not said
                raise
            if all(answer.end for answer, _ in writing):
                self._begun = None
            return self.running

    def stop(self) -> None:
        """End the answers that are being written; what was written of them stays."""
        with self._lock:
            for answer in self.turns[-1].answers if self._begun else ():
                answer.end = answer.end or "stopped"
            self._begun = None

    def clear(self) -> None:
        """Begin a new conversation; what was said before stays in `rows`."""
        with self._lock:
            self.stop()
            self._earlier += self._said()
            self.turns.clear()

    @property
    def messages(self) -> list[Message]:
        """The present conversation; turns without an answer are left out."""
        said: list[Message] = [{"role": "system", "content": self.system}] if self.system.strip() else []
        for turn in self.turns:
            if turn.answer.text:
                said.append({"role": "user", "content": turn.prompt})
                said.append({"role": "assistant", "content": turn.answer.text})
        return said

    @property
    def rows(self) -> "Dataset":
        """All conversations of this chat, one a row, to be looked at, edited and trained on."""
        from modelops_jupyter.datasets import Dataset

        return Dataset([*self._earlier, *self._said()], name="chat")

    def __repr__(self) -> str:
        from modelops_jupyter._format import plural, visible

        return f"<Chat with {visible(self.voices[0].name)}, {plural(len(self.turns), 'turn')}>"

    def _said(self) -> list[Message]:
        messages = self.messages
        return [{"messages": messages}] if any(m["role"] == "user" for m in messages) else []


def _write(answer: Answer, tokens: Iterator[Token]) -> None:
    token = next(tokens, None)
    if token is None:
        answer.end = "cut"
        return
    answer.tokens.append(token)
    if token.end:
        answer.end = "ended"
