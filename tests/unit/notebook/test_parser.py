"""A magic's line: quotes are understood, backslashes stay, mistakes are answered."""

import pytest

from modelops_jupyter.notebook.magics.parser import parse, split
from modelops_jupyter.notebook.magics.spec import Option, Spec, UsageError

SPEC = Spec(
    name="%try",
    forms=("%try A [B] [--as NAME]",),
    summary="Try.",
    words=(1, 2),
    example="%try a --as b",
    listed=(
        Option("as", "bind", value="NAME"),
        Option("strict", "stop"),
        Option("format", "how", choices=("messages", "text")),
        Option("learning_rate", "rate", value="X"),
        Option("packing", "pack", value="BOOL", optional=True),
    ),
)


def texts(line: str) -> list[str]:
    return [word.text for word in split(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('"my data/train set.jsonl" --as spaced', ["my data/train set.jsonl", "--as", "spaced"]),
        ("'my data/train set.jsonl'", ["my data/train set.jsonl"]),
        ("odd\\name.jsonl", ["odd\\name.jsonl"]),
        ("C:\\runs\\new\\train.jsonl", ["C:\\runs\\new\\train.jsonl"]),
        ('"C:\\runs\\" x', ["C:\\runs\\", "x"]),
        ("it's fine", ["it's", "fine"]),
        ('--as="two words"', ["--as=two words"]),
        ('"it\'s" \'say "hi"\'', ["it's", 'say "hi"']),
        ("  a \t b  ", ["a", "b"]),
        ("{x} $HOME %d {{y}}", ["{x}", "$HOME", "%d", "{{y}}"]),
        ('""', [""]),
        ("", []),
    ],
)
def test_words_are_what_was_typed(line: str, expected: list[str]) -> None:
    assert texts(line) == expected


def test_an_open_quote_is_named_with_its_column() -> None:
    with pytest.raises(UsageError, match="column 5"):
        split('abc "def')


@pytest.mark.parametrize("line", ["a --as=b", "a --as b", "--as b a", '--as "b" a', "--as='b' a"])
def test_options_may_stand_anywhere(line: str) -> None:
    parsed = parse(line, SPEC)
    assert [word.text for word in parsed.words] == ["a"]
    assert parsed.options == {"as": "b"}


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("a --learning-rate 2e-5", {"learning_rate": "2e-5"}),
        ("a --learning_rate -3", {"learning_rate": "-3"}),
        ("a --learning-rate=-.5", {"learning_rate": "-.5"}),
        ("a --strict", {"strict": True}),
        ("a --packing", {"packing": "true"}),
        ("--packing a", {"packing": "true"}),
        ("a --packing no", {"packing": "no"}),
        ("a --no-packing", {"packing": "false"}),
    ],
)
def test_values_and_switches(line: str, options: dict[str, object]) -> None:
    assert parse(line, SPEC).options == options


@pytest.mark.parametrize("line", ["a --as 'b'", 'a --as="b"', "a --as 'b' --format text"])
def test_the_quotes_of_a_value_are_known(line: str) -> None:
    word = parse(line, SPEC).word("as")
    assert word is not None
    assert (word.text, word.quoted) == ("b", True)
    bare = parse("a --as=b", SPEC).word("as")
    assert bare is not None
    assert not bare.quoted


def test_two_dashes_end_the_options_and_quotes_hide_them() -> None:
    assert [w.text for w in parse("-- --as", SPEC).words] == ["--as"]
    assert [w.text for w in parse('"--as"', SPEC).words] == ["--as"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a --sa b", ["no option --sa", "Did you mean '--as'"]),
        ("a -a b", ["no option -a"]),
        ("a --as b --as c", ["--as is given twice"]),
        ("a --as", ["--as needs a value", "--as NAME"]),
        ("a --as --strict", ["--as needs a value"]),
        ("a --format mesages", ["'mesages'", "Did you mean 'messages'", "{messages,text}"]),
        ("a --strict=1", ["switch"]),
        ("a --no-packing=false", ["no option --no-packing", "Did you mean '--packing'"]),
        ("", ["needs more words", "%try A [B]"]),
        ("a b c d", ["'c' 'd'", "%try A [B]"]),
    ],
)
def test_a_mistake_is_one_paragraph_that_shows_the_usage(line: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line, SPEC)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("line", ["-h", "--help", "a -h", "a b c d e -h"])
def test_help_wins_over_everything_else(line: str) -> None:
    assert parse(line, SPEC).help


def test_help_is_made_of_the_declaration() -> None:
    text = SPEC.help()
    for option in SPEC.listed:
        assert option.usage() in text
        assert option.help in text
    assert SPEC.example in text
    assert SPEC.forms[0] in text
