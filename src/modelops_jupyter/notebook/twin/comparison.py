"""The twin of a comparison: the later result, and how it differs from the earlier one."""

from modelops_jupyter.evaluation import Comparison
from modelops_jupyter.notebook.twin import result
from modelops_jupyter.notebook.twin.grammar import Html
from modelops_jupyter.wire.results import Shown


def text(comparison: Comparison) -> str:
    """Return the plain form."""
    return result.text_of(Shown(comparison.after, comparison))


def html(comparison: Comparison) -> Html:
    """Return the twin."""
    return result.html_of(Shown(comparison.after, comparison))
