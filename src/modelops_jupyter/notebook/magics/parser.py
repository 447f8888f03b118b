r"""The one parser of a magic's line.

Quotes group words and are removed, backslashes are ordinary characters (``C:\runs\new``
stays), nothing is expanded. The body of a cell never comes here.
"""

from dataclasses import dataclass

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.notebook.magics.spec import Option, Spec, UsageError

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})


class Quoted(str):
    """The value of an option that stood in quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line: its text without quotes, and where it stood."""

    text: str
    start: int
    quoted: bool = False
    value_quoted: bool = False  # what follows its `=`


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line taken apart: the words in order, and the options that were given."""

    words: tuple[Word, ...]
    options: dict[str, str | bool]
    help: bool = False

    def text(self, name: str) -> str | None:
        """Return the value of an option as typed, None when it was not given."""
        value = self.options.get(name)
        return value if isinstance(value, str) else None

    def word(self, name: str) -> Word | None:
        """Return the value of an option as a word, None when it was not given."""
        text = self.text(name)
        return None if text is None else Word(text, 0, isinstance(text, Quoted))


def split(line: str) -> list[Word]:
    r"""Split a line into words.

    A quote opens at the start of a word or right after ``=`` and closes at the same quote;
    anywhere else it is a character like any other.

    Examples
    --------
    >>> [w.text for w in split('"my data/a b.jsonl" C:\\runs\\new it\'s')]
    ['my data/a b.jsonl', 'C:\\runs\\new', "it's"]
    """
    words: list[Word] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        word, at = _word(line, at)
        words.append(word)
    return words


def _word(line: str, start: int) -> tuple[Word, int]:
    text, at, quoted, value_quoted = "", start, False, False
    while at < len(line) and not line[at].isspace():
        opens = line[at] in "\"'" and (at == start or line[at - 1] == "=")
        if not opens:
            text += line[at]
            at += 1
            continue
        end = line.find(line[at], at + 1)
        if end < 0:
            raise UsageError(
                f"The quote at column {at + 1} of the line is never closed.",
                hint=f"Add a {line[at]} at its end.",
            )
        quoted, value_quoted = quoted or at == start, at > start
        text += line[at + 1 : end]
        at = end + 1
    return Word(text, start, quoted, value_quoted), at


def parse(line: str, spec: Spec) -> Parsed:
    """Take a line apart by its declaration.

    Raises
    ------
    UsageError
        For an unknown or repeated option, a missing value, a value that is not one of the
        choices, or a wrong number of words; the message shows the usage.
    """
    known = {option.name: option for option in spec.options}
    words: list[Word] = []
    options: dict[str, str | bool] = {}
    rest = split(line)
    only_words = False
    while rest:
        word = rest.pop(0)
        if word.quoted or only_words or not _is_option(word.text):
            words.append(word)
        elif word.text == "--":
            only_words = True
        elif word.text in ("-h", "--help"):
            return Parsed((), {}, help=True)
        else:
            _take(word, rest, known, options, spec)
    _count(words, spec)
    return Parsed(tuple(words), options)


def _is_option(text: str) -> bool:
    return text.startswith("--") or (text.startswith("-") and text[1:2].isalpha())


def _take(
    word: Word, rest: list[Word], known: dict[str, Option], options: dict[str, str | bool], spec: Spec
) -> None:
    head, equals, value = word.text.partition("=")
    quoted = word.value_quoted
    name = head.lstrip("-").replace("-", "_")
    if head.startswith("--no-") and not equals and (option := known.get(name[3:])) and option.optional:
        name, equals, value = option.name, "=", "false"
    if name not in known or not head.startswith("--"):
        raise UsageError(
            f"{spec.name} has no option {head}.", hint=did_you_mean(head, [o.flag for o in known.values()])
        )
    option = known[name]
    if name in options:
        raise UsageError(f"{option.flag} is given twice.", hint="Keep one of them.")
    if not option.value and not option.choices:
        if equals:
            raise UsageError(
                f"{option.flag} is a switch and takes no value.", hint=f"Write {option.flag} alone."
            )
        options[name] = True
        return
    follows = bool(rest) and (rest[0].quoted or not _is_option(rest[0].text))
    if not equals and option.optional and not (follows and rest[0].text.casefold() in TRUE | FALSE):
        value = "true"
    elif not equals:
        if not follows:
            raise UsageError(f"{option.flag} needs a value.", hint=f"Usage: {option.usage()}.")
        taken = rest.pop(0)
        value, quoted = taken.text, taken.quoted
    if option.choices and value not in option.choices:
        raise UsageError(
            f"{option.flag} cannot be {value!r}.",
            hint=f"{did_you_mean(value, option.choices)} Usage: {option.usage()}.",
        )
    options[name] = Quoted(value) if quoted else value


def _count(words: list[Word], spec: Spec) -> None:
    fewest, most = spec.words
    extra = " ".join(repr(word.text) for word in words[most:])
    if extra or len(words) < fewest:
        problem = f"does not know what to do with {extra}" if extra else "needs more words"
        hint = f"Usage: {' or '.join(spec.forms)}. {spec.name}? explains."
        raise UsageError(f"{spec.name} {problem}.", hint=hint)
