"""The twin of a training plan: what would be done, what it would cost, and what to look at."""

from modelops_jupyter.notebook.twin.grammar import Html, data, join, mark, p, root, strong
from modelops_jupyter.training import TrainingPlan


def text(plan: TrainingPlan) -> str:
    """Return the lines; memory and time differ from machine to machine."""
    lines, here = plan.lines()
    return "\n".join([*lines, mark("\n".join(here))])


def html(plan: TrainingPlan) -> Html:
    """Return the twin."""
    (head, *lines), here = plan.lines()
    return root(p(strong(head)), *map(p, lines), data(join(map(p, here))))
