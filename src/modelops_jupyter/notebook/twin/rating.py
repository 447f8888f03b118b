"""The twin of a rating: what was rated, blind until the end. Answers of models differ from run to run."""

from collections import Counter

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation.rating import Rating
from modelops_jupyter.notebook.twin.grammar import (
    Column,
    Html,
    code,
    data,
    join,
    mark,
    p,
    pre,
    root,
    strong,
    table,
)
from modelops_jupyter.wire import rating as wire

_MOST, _CLIP = 20, 300  # of the rated items, and characters of a text


def text(rating: Rating) -> str:
    """Return the progress, then a line for each verdict, then what is known at the end."""
    lines = [f"Rating by {fmt.visible(rating.rater)}: {rating.progress}"]
    lines += [mark(_counts(rating))] if rating.can_undo else []
    lines += [mark(" | ".join(" ".join(cell.split()) for cell in row if cell)) for row in _rows(rating)]
    lines += [mark(f"{found.title}\n{found.body}") for found in wire.findings(rating)]
    return "\n".join(lines)


def html(rating: Rating) -> Html:
    """Return the twin."""
    answers = ("left", "right") if rating.pairs else ("answer",)
    columns = [Column(title) for title in ("prompt", *answers, "verdict", "note")]
    rows, size = _rows(rating), len(rating.rated)
    more = f"{len(rows)} of {fmt.plural(size, 'verdict')}; " if size > len(rows) else ""
    told = p(more, code("rating.rows"), " has the labels, ", code("rating.reveal()"), " says whose they are.")
    ends = [pre(f"{found.title}\n{found.body}") for found in wire.findings(rating)]
    parts = [data(join([p(_counts(rating)), table(columns, rows), *ends]))] if rows else []
    return root(p(strong("Rating"), f" by {rating.rater}: {rating.progress}"), *parts, told)


def _counts(rating: Rating) -> str:
    """'7 pass, 3 fail': as they were given, of pairs by side and not by source."""
    given = Counter(question.verdict for question in rating.rated)
    return ", ".join(f"{fmt.count(given[word])} {word}" for word in rating.words)


def _rows(rating: Rating) -> list[list[str]]:
    return [
        [fmt.clip(fmt.visible(t), _CLIP) for t in (q.prompt or "", *q.answers, q.verdict, q.note)]
        for q in rating.rated[-_MOST:]
    ]
