"""The twin of an evaluation: values with intervals, confusion, the rows that are wrong.

Numbers of a model that was asked differ from machine to machine; they stand in one
``<data>`` and one ‹…›. Numbers of given labels do not, and stand plain.
"""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import EvaluationResult
from modelops_jupyter.evaluation.table import Table
from modelops_jupyter.notebook.twin import result_parts, svg
from modelops_jupyter.notebook.twin.grammar import (
    Column,
    Html,
    code,
    data,
    details,
    image,
    join,
    mark,
    p,
    root,
    strong,
    table,
)
from modelops_jupyter.wire import results
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.examples import ExamplesArgs, examples
from modelops_jupyter.wire.shown import Shown

_EXAMPLES = 5
_CLASSES = 12  # a larger matrix is told, not drawn
Description = dict[str, Any]


def text(result: EvaluationResult | Shown) -> str:
    """Return the plain form."""
    return text_of(result if isinstance(result, Shown) else Shown(result))


def html(result: EvaluationResult | Shown) -> Html:
    """Return the twin."""
    return html_of(result if isinstance(result, Shown) else Shown(result))


def text_of(shown: Shown) -> str:
    """Return the plain form of a result, and of its comparison."""
    found = results.describe(shown)
    lines = [str(Table(*part, left=(0, len(part[0]) - 1))) for part in (_against(found),) if part]
    lines += [f"{found['gate']['word']} {found['gate']['text']}"] if found["gate"] else []
    lines += [str(Table(*_text_table(found)))]
    lines += [str(Table(*part, left=(0, len(part[0]) - 1))) for part in (_retained(found),) if part]
    if found["comparison"]:
        verdict = found["comparison"]["verdict"]
        lines += [f"{verdict['word']} {verdict['text']}", found["comparison"]["detectable_text"]]
    if found["wrong"]:
        lines.append(found["wrong"]["text"])
    body = "\n".join(line for line in lines if line)
    return f"{_title(found)}\n{mark(body) if volatile(shown.result) else body}"


def html_of(shown: Shown) -> Html:
    """Return the twin of a result, and of its comparison."""
    found = results.describe(shown)
    parts = [p(strong(found["gate"]["word"]), f" {found['gate']['text']}")] if found["gate"] else []
    parts += [_finding(part) for part in (_against(found),) if part]
    parts += [_values(found), _picture(found), _footer(found)]
    parts += [_finding(part) for part in (_retained(found),) if part]
    parts += [_verdict(found)] if found["comparison"] else []
    parts += [confusion(found)] if found["confusion"] else []
    parts += [_wrong(shown.result, found)] if found["wrong"] and found["wrong"]["total"] else []
    parts.append(result_parts.parts(shown, found))
    body = join(parts)
    before = f", compared with {fmt.visible(shown.comparison.before.title)}" if shown.comparison else ""
    head = p(strong(found["title"]), _about(found), before)
    return root(head, data(body) if volatile(shown.result) else body)


def volatile(result: EvaluationResult) -> bool:
    """Whether the numbers come from asking a model."""
    return result.dataset is not None or "dataset" in result.metadata


def _against(found: Description) -> tuple[list[str], list[list[str]]] | None:
    """Return head and rows of the paired differences to what the model must beat."""
    if "baselines" not in found:
        return None
    simple = found["baselines"]
    keys = ("label", "before_text", "text", "interval_text", "p_text", "verdict")
    head = [f"{simple['metric']} against", "its value", "difference", f"{found['level_text']} interval", "p"]
    return [*head, "finding"], [[row[key] for key in keys] for row in simple["rows"]]


def _retained(found: Description) -> tuple[list[str], list[list[str]]] | None:
    """Return head and rows of what should not have got worse."""
    if "retained" not in found:
        return None
    keys = ("before_text", "after_text", "text", "interval_text", "p_text", "verdict")
    head = ["retained", "rows", "before", "after", "difference", f"{found['level_text']} interval", "p"]
    rows = [[row["label"], fmt.count(row["n"]), *(row[key] for key in keys)] for row in found["retained"]]
    return [*head, "finding"], rows


def _finding(part: tuple[list[str], list[list[str]]]) -> Html:
    """Build a table whose first and last columns are words."""
    head, rows = part
    columns = [Column(title, number=0 < i < len(head) - 1) for i, title in enumerate(head)]
    return table(columns, rows)


def _title(found: Description) -> str:
    return found["title"] + _about(found)


def _about(found: Description) -> str:
    classes = (
        f", {fmt.plural(len(found['confusion']['classes']), 'class', 'classes')}"
        if found["confusion"]
        else ""
    )
    return f": {fmt.plural(found['n'], 'row')}{classes}"


def _name(metric: Description) -> str:
    return metric["label"] + (" (lower is better)" if metric["lower_is_better"] else "")


def _note(metric: Description) -> str:
    if metric["error"]:
        return f"error: {metric['error']}"
    return f"undefined: {metric['undefined']}" if metric["undefined"] else ""


def _text_table(found: Description) -> tuple[list[str], list[list[str]]]:
    compared = any(m["baseline"] for m in found["metrics"])
    head = ["metric", "value", f"{found['level_text']} interval", *(["before"] if compared else []), ""]
    rows = [
        [
            _name(m),
            m["text"],
            m["interval_text"] or "none",
            *([m["baseline"]["text"] if m["baseline"] else ""] if compared else []),
            _note(m),
        ]
        for m in found["metrics"]
    ]
    return head, rows


def _values(found: Description) -> Html:
    head, rows = _text_table(found)
    noted = any(row[-1] for row in rows)
    columns = [Column(head[0]), *(Column(title, number=True) for title in head[1:-1])]
    columns += [Column("note")] if noted else []
    return table(columns, rows if noted else (row[:-1] for row in rows))


def _picture(found: Description) -> Html:
    """Draw the metrics of the first one's unit on its axis."""
    drawn = [m for m in found["metrics"] if m["value"] is not None]
    drawn = [m for m in drawn if m["axis"] == drawn[0]["axis"]][:8]
    if not drawn:
        return Html("")
    bars = [(m["label"], svg.Point(0, m["value"], m["low"], m["high"])) for m in drawn]
    said = "; ".join(
        f"{m['label']} {m['text']}" + (f", {m['interval_text']}" if m["interval_text"] else "") for m in drawn
    )
    return p(image(f"Values with their intervals: {said}", svg.interval_bars(bars, axis=drawn[0]["axis"])))


def _footer(found: Description) -> Html:
    scored = f"{fmt.count(found['n'])} of {fmt.plural(found['n'] + found['skipped'], 'row')} scored."
    return p(f"{scored} {found['footer']}".strip() + ".")


def _verdict(found: Description) -> Html:
    comparison = found["comparison"]
    columns = (
        Column(comparison["title"]),
        Column("rows", number=True),
        Column("difference", number=True),
        Column(f"{found['level_text']} interval", number=True),
        Column("p", number=True),
        Column("finding"),
    )
    rows = (
        (r["label"], fmt.count(r["n"]), r["text"], r["interval_text"], r["p_text"], r["verdict"])
        for r in comparison["rows"]
    )
    verdict = comparison["verdict"]
    return join(
        (
            p(strong(verdict["word"]), f" {verdict['text']}"),
            table(columns, rows),
            p(comparison["detectable_text"]) if comparison["detectable_text"] else "",
        )
    )


def confusion(found: Description) -> Html:
    """Return the matrix with its totals, the diagonal strong."""
    matrix = found["confusion"]
    classes = matrix["classes"]
    if len(classes) > _CLASSES:
        return p(f"{len(classes)} classes; ", code("result.confusion"), " has the matrix.")
    columns = [
        Column("true \\ predicted"),
        *(Column(c, number=True) for c in classes),
        Column("all", number=True),
    ]
    body: list[list[object]] = [
        [
            name,
            *(strong(_count(n)) if i == j else _count(n) for j, n in enumerate(row)),
            _count(matrix["row_totals"][i]),
        ]
        for i, (name, row) in enumerate(zip(classes, matrix["matrix"], strict=True))
    ]
    totals = matrix["column_totals"]
    body.append(["all", *map(_count, totals), _count(sum(totals))])
    pairs = [
        f"{classes[c['true']]} as {classes[c['predicted']]} {_count(c['count'])}"
        for c in found["most_confused"]
    ]
    confused = p(f"Most confused: {', '.join(pairs)}.") if pairs else ""
    return join((table(columns, body), confused))


def _count(number: float) -> str:
    return fmt.count(int(number)) if float(number).is_integer() else fmt.number(number)


def _wrong(result: EvaluationResult, found: Description) -> Html:
    args = ExamplesArgs(result="", stop=_EXAMPLES, correct=False)
    page = examples(Shown(result), args, Context())
    prompted = any(r["prompt"]["text"] for r in page["rows"])
    keys = [*(["prompt"] if prompted else []), "reference", "prediction"]
    columns = (Column("row", number=True), *map(Column, keys))
    body = ((r["position"], *(fmt.clip(r[key]["text"], 120) for key in keys)) for r in page["rows"])
    more = p(
        f"{len(page['rows'])} of {fmt.count(page['total'])}. ",
        code("result.examples(correct=False)"),
        " has all.",
    )
    return details(found["wrong"]["text"], table(columns, body), more)
