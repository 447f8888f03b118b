"""The grammar of a twin: builders that escape everything and allow a short list of markup.

What is built here survives JupyterLab's sanitiser and GitHub unchanged: no script, style
sheet, id, link, colour or inline SVG. Text that is not made by a builder is escaped, so a
hostile value is always text.
"""

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelops_jupyter._format import visible

ATTRIBUTES: dict[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        # `div` is the root only; `strong` is the one emphasis, as in the title of every twin
        "div": "class style",
        "p": "",
        "strong": "",
        "table": "style",
        "thead": "",
        "tbody": "",
        "tr": "",
        "th": "scope align",
        "td": "align",
        "dl": "",
        "dt": "",
        "dd": "",
        "details": "",
        "summary": "",
        "pre": "style",
        "code": "",
        "img": "alt src",
        "time": "",
        "data": "value",
    }.items()
}
ROOT_CLASS = "mo-twin"
_ROOT_STYLE = "overflow-x:auto"
_TABLE_STYLE = "border-collapse:collapse"
_PRE_STYLE = "white-space:pre-wrap"


class Html(str):
    """Markup made by the builders of this module; any other string is escaped."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a table's column; numbers stand right."""

    title: str
    number: bool = False


def text(value: object) -> Html:
    """Return a value as text: control and bidi characters made visible, markup escaped."""
    return value if isinstance(value, Html) else Html(html.escape(visible(str(value)), quote=False))


def join(parts: Iterable[object], separator: str = "") -> Html:
    """Join parts, each escaped unless a builder made it."""
    return Html(text(separator).join(text(part) for part in parts))


def element(tag: str, *children: object, **attributes: str) -> Html:
    """Build one element of the grammar.

    Raises
    ------
    KeyError
        If the tag or an attribute is not in the grammar: a mistake in a twin, never in data.
    """
    allowed = ATTRIBUTES[tag]
    written = ""
    for name, value in attributes.items():
        if name not in allowed:
            raise KeyError(f"<{tag} {name}>")
        quoted = text(value).replace('"', "&quot;")
        written += f' {name}="{quoted}"'
    if tag == "img":
        return Html(f"<img{written} />")
    return Html(f"<{tag}{written}>{join(children)}</{tag}>")


def root(*children: object) -> Html:
    """Wrap a whole twin; the only element with a class."""
    return element("div", *children, **{"class": ROOT_CLASS, "style": _ROOT_STYLE})


def p(*children: object) -> Html:
    """Build a paragraph; the title of a table is the paragraph before it."""
    return element("p", *children)


def strong(*children: object) -> Html:
    """Emphasise a name."""
    return element("strong", *children)


def code(*children: object) -> Html:
    """Show something that can be typed."""
    return element("code", *children)


def pre(*children: object) -> Html:
    """Show text with its line breaks."""
    inner = join(children)
    # A browser drops a line break right after the tag.
    return element("pre", Html("\n" + inner) if inner.startswith("\n") else inner, style=_PRE_STYLE)


def details(summary: object, *children: object) -> Html:
    """Fold children away under a summary line."""
    return element("details", element("summary", summary), *children)


def dl(pairs: Iterable[tuple[object, object]]) -> Html:
    """Build a list of names and values."""
    items = join(join((element("dt", name), element("dd", value))) for name, value in pairs)
    return element("dl", items) if items else items


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Html:
    """Build a table; the first cell of each row is its head."""
    head = element("tr", *(_cell("th", c, c.title, scope="col") for c in columns))
    body = [
        element(
            "tr",
            *(
                _cell("td" if index else "th", column, value, **({} if index else {"scope": "row"}))
                for index, (column, value) in enumerate(zip(columns, row, strict=True))
            ),
        )
        for row in rows
    ]
    return element("table", element("thead", head), element("tbody", *body), style=_TABLE_STYLE)


def _cell(tag: str, column: Column, value: object, **attributes: str) -> Html:
    return element(tag, value, **attributes, **({"align": "right"} if column.number else {}))


def image(alt: str, svg: str) -> Html:
    """Embed a picture; its numbers also stand in a table beside it."""
    encoded = base64.b64encode(svg.encode()).decode()
    return element("img", alt=alt, src=f"data:image/svg+xml;base64,{encoded}")


def data(*children: object) -> Html:
    """Mark what differs from run to run; comparisons of notebooks mask it.

    Raises
    ------
    ValueError
        If a part is already marked: a mask ends at the first closing tag.
    """
    inner = join(children)
    if "<data" in inner:
        raise ValueError("volatile parts do not nest")
    return element("data", inner)


def moment(value: object) -> Html:
    """Mark a time of day; masked like `data`."""
    return element("time", value)


def mark(value: str) -> str:
    """Mark volatile plain text as ‹…›; the brackets cannot occur inside."""
    return f"‹{visible(value).replace('‹', '<').replace('›', '>')}›"
