"""The twins of vectors and features: stores, what a search found, what an ingest left out, what was known."""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, p, root, strong, table
from modelops_jupyter.vector_store import (
    FeatureGroup,
    FeatureVector,
    HistoricalFeatures,
    IngestReport,
    Matches,
)

_ROWS = 10
_WORDS = 100  # characters of a value


def text(obj: Any) -> str:
    """Return the plain form."""
    return fmt.visible(repr(obj))


def html(obj: Any) -> Html:
    """Return the twin."""
    known = {
        "matches": _matches, "ingest_report": _report, "feature_vector": _vector,
        "historical": _historical, "feature_group": _group,
    }  # fmt: skip
    return known.get(obj.kind, _store)(obj)


def _matches(found: Matches) -> Html:
    names = list(dict.fromkeys(name for match in found for name in match.fields))
    what = "distance" if found.metric == "l2" else "score"
    columns = [Column("id"), Column(what, number=True), *map(Column, names)]
    rows = [
        (match.id, fmt.number(match.score), *(_value(match.fields.get(name)) for name in names))
        for match in found
    ]
    return root(p(strong("Matches"), f": {found.summary}"), *_table(columns, rows))


def _report(report: IngestReport) -> Html:
    rows = [(one.row, code(one.field), one.reason) for one in report.bad]
    columns = [Column("row", number=True), Column("field"), Column("reason")]
    return root(p(strong("Ingest"), f": {report.summary}"), *_table(columns, rows))


def _vector(found: FeatureVector) -> Html:
    rows = [(code(name), _value(value), found.how(name)) for name, value in found.items()]
    return root(
        p(strong("Features"), f": {found.summary}"),
        *_table([Column("feature"), Column("value"), Column("")], rows),
    )


def _historical(found: HistoricalFeatures) -> Html:
    masks = found.missing, found.defaulted
    counts = [
        (code(name), kind.__name__, *(fmt.count(int(mask[name].sum())) for mask in masks))
        for name, kind in found.types.items()
    ]
    numbers = (Column(title, number=True) for title in ("missing", "by default"))
    heads = [Column("feature"), Column("type"), *numbers]
    first = [[_value(value) for value in found[row].values()] for row in range(min(len(found), _ROWS))]
    shown = [[*row, state] for row, state in zip(first, found.states, strict=False)]
    return root(
        p(strong("Features as they were known"), f": {found.summary}"),
        *_table(heads, counts),
        *_table([*map(Column, found.columns), Column("state")], shown, total=len(found)),
    )


def _group(group: FeatureGroup) -> Html:
    rows = [
        (
            code(one.name),
            one.type.__name__,
            "" if one.default is None else _value(one.default),
            f"from {', '.join(one.inputs)}" if one.derived else "",
            one.description,
        )
        for one in group.features
    ]
    ttl = f"{fmt.duration(group.ttl.total_seconds())} alive" if group.ttl else "alive for ever"
    head = f" {group.name} by {group.entity}: true from {group.event_time}, "
    head += f"known from {group.created_time or 'ingestion'}, {ttl}"
    columns = [Column(title) for title in ("feature", "type", "default", "computed", "description")]
    return root(p(strong("Feature group"), head), *_table(columns, rows))


def _store(store: Any) -> Html:
    vectors = store.kind == "vector_store"
    counts = store.namespaces if vectors else store.groups
    head = f" {store.path.name}, {store.metric}, {store.engine}" if vectors else f" {store.path.name}"
    columns = [
        Column("namespace" if vectors else "group"),
        Column("vectors" if vectors else "rows", number=True),
    ]
    rows = [(name, fmt.count(count)) for name, count in counts.items()]
    title = "Vector store" if vectors else "Feature store"
    return root(p(strong(title), head, "" if rows else ": empty"), *_table(columns, rows))


def _table(columns: list[Column], rows: list[Any], total: int | None = None) -> list[Html]:
    if not rows:
        return []
    count = total or len(rows)
    more = [p(f"{_ROWS} of {fmt.count(count)} rows.")] if count > _ROWS else []
    return [table(columns, rows[:_ROWS]), *more]


def _value(value: Any) -> str:
    return "" if value is None else str(fmt.cell(value, _WORDS)["text"])
