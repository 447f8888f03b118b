"""The twin of a row's tokens: the rendered text, and what of it is learned."""

from itertools import groupby

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import TokenPreview
from modelops_jupyter.notebook.twin.grammar import Html, element, p, pre, root, strong

_FORGED = "⚠"


def text(shown: TokenPreview) -> str:
    """Return the text with marks around what is learned."""
    return str(shown)


def html(shown: TokenPreview) -> Html:
    """Return the twin; strong tokens carry loss."""
    forged = any(token.forged for token in shown.tokens)
    note = f" A control token after {_FORGED} is spelled by the row's own text." if forged else ""
    head = (
        f": {fmt.plural(len(shown.tokens), 'token')}, {fmt.count(shown.trained)} trained on (strong).{note}"
    )
    parts: list[object] = []
    for learned, group in groupby(shown.tokens, key=lambda token: token.loss):
        words = "".join(_FORGED * token.forged + token.text for token in group)
        parts.append(element("strong", words) if learned else words)
    return root(p(strong(f"Row {shown.row}"), head), pre(*parts))
