"""The twin's grammar: a short list of markup, and everything else is text."""

import base64
import re
from html.parser import HTMLParser

import pytest

from modelops_jupyter.notebook.twin import grammar, svg
from modelops_jupyter.notebook.twin.grammar import Column, Html

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    '"><svg/onload=alert(1)>',
    "</data></div><style>*{}</style>",
    "&lt;b&gt; &amp; <b>",
    "a\u202egnp.exe",
    "\x00\x1b[31m",
    "'\"`",
    "‹x›",
    "\n<!-- -->",
    "\ud800",
]


def markup(text: str) -> list[tuple[str, set[str]]]:
    """Read the elements and attributes that a browser would see."""
    found: list[tuple[str, set[str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name for name, _ in attrs}))

    Reader().feed(text)
    return found


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_stays_text_everywhere(value: str) -> None:
    made = grammar.root(
        grammar.p(value, grammar.strong(value), grammar.code(value)),
        grammar.pre(value),
        grammar.dl([(value, value)]),
        grammar.table([Column(value)], [[value]]),
        grammar.details(value, value),
        grammar.image(value, f"<svg>{value.encode('utf-8', 'replace').decode()}</svg>"),
    )
    for tag, attributes in markup(made):
        assert attributes <= grammar.ATTRIBUTES[tag]
    assert "\u202e" not in made
    assert "\x00" not in made
    made.encode()  # no lone surrogate is left


def test_only_what_a_builder_made_is_markup() -> None:
    assert grammar.p("<b>") == "<p>&lt;b&gt;</p>"
    assert grammar.p(grammar.code("<b>")) == "<p><code>&lt;b&gt;</code></p>"
    assert isinstance(grammar.p("x"), Html)


@pytest.mark.parametrize(
    ("tag", "attribute"), [("script", ""), ("a", ""), ("p", "id"), ("td", "style"), ("img", "onerror")]
)
def test_an_element_or_attribute_outside_the_grammar_cannot_be_built(tag: str, attribute: str) -> None:
    with pytest.raises(KeyError):
        grammar.element(tag, **({attribute: "x"} if attribute else {}))


def test_volatile_parts_do_not_nest_so_that_a_mask_ends_where_it_should() -> None:
    with pytest.raises(ValueError, match="nest"):
        grammar.data(grammar.p(grammar.data("x")))
    assert re.sub(r"<data>[\s\S]*?</data>", "", grammar.data("</data>x")) == ""
    assert re.fullmatch(r"‹[^›]*›", grammar.mark("a ‹b› c"))


def test_a_text_that_begins_with_a_line_break_keeps_it() -> None:
    assert "\n\nx" in grammar.pre("\nx")
    assert grammar.pre("x").endswith(">x</pre>")


def decoded(img: str) -> str:
    found = re.search(r"base64,([^\"]+)", img)
    assert found
    return base64.b64decode(found[1]).decode()


def test_a_chart_carries_its_sentence_and_its_points() -> None:
    line = [svg.Point(0, 2.0, 1.9, 2.1), svg.Point(50, 1.0), svg.Point(100, 0.5, 0.4, 0.6)]
    drawn = svg.line_chart([("loss", line)], x_title="step", x_end=100, caption="loss <0.5>")
    img = grammar.image("Loss from 2 to 0.5", drawn)
    assert 'alt="Loss from 2 to 0.5"' in img
    assert "loss &lt;0.5&gt;" in decoded(img)
    assert decoded(img).count("h.01") == 3


@pytest.mark.parametrize(
    "values", [[1.0], [1.0, 1.0], [0.0, 0.0], [-1.0, 1.0], [1e-9, 1e9], [float("nan"), 1.0]]
)
def test_a_chart_of_any_values_is_well_formed(values: list[float]) -> None:
    from xml.etree import ElementTree

    line = [svg.Point(i, value) for i, value in enumerate(values)]
    drawn = svg.line_chart([("x", line)], x_title="step", x_end=len(values), caption="<x>")
    ElementTree.fromstring(drawn)
    bars = svg.interval_bars([("<b>", point) for point in line], axis=(-1, 1), zero=0)
    ElementTree.fromstring(bars)
    assert "nan" not in drawn + bars


def test_a_chart_without_a_number_is_no_chart() -> None:
    assert svg.line_chart([("x", [svg.Point(0, float("nan"))])], x_title="", x_end=1, caption="") == ""
