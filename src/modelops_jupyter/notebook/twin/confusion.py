"""The twin of a confusion matrix that stands alone."""

from modelops_jupyter.evaluation import ConfusionMatrix
from modelops_jupyter.notebook.twin import result
from modelops_jupyter.notebook.twin.grammar import Html, root
from modelops_jupyter.wire.results import describe_matrix


def text(matrix: ConfusionMatrix) -> str:
    """Return the aligned table."""
    return str(matrix)


def html(matrix: ConfusionMatrix) -> Html:
    """Return the twin."""
    return root(result.confusion(describe_matrix(matrix)))
