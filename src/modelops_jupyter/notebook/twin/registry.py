"""The twins of the registry: its list, a version, a lineage, a card. What was trained or timed is masked."""

import time
from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.notebook.twin.grammar import (
    Column,
    Html,
    code,
    data,
    details,
    dl,
    join,
    mark,
    p,
    pre,
    root,
    strong,
    table,
)
from modelops_jupyter.registry.lineage import notices, short

_SHOWN = 20  # models of the list, files of a version


def text(obj: Any) -> str:
    """Return the plain form."""
    match obj.kind:
        case "registry":
            models = obj.list_models()
            lines = ["  ".join(filter(None, _model(model))) for model in models[:_SHOWN]]
            return mark("\n".join([fmt.plural(len(models), "model"), *lines]))
        case "model_version":
            lines = [f"{name}: {value}" for name, value in (*_facts(obj), *obj.numbers())]
            return "\n".join(
                [str(obj), *filter(None, [obj.description and fmt.visible(obj.description)])]
            ) + ("\n" + mark("\n".join([*lines, *notices(obj)])))
        case "lineage":
            head, *lines = str(obj).splitlines()
            return f"{head}\n{mark(chr(10).join(lines))}"
        case _:
            return f"Card of {obj.version}\n{mark(str(obj))}"


def html(obj: Any) -> Html:
    """Return the twin."""
    return {"registry": _list, "model_version": _version, "lineage": _lineage, "card": _card}[obj.kind](obj)


def _list(registry: Any) -> Html:
    models = registry.list_models()
    if not models:
        return root(data(p("No models yet. ", code('model.register("name")'), " keeps one.")))
    numbers = (Column(title, number=True) for title in ("versions", "latest"))
    columns = [Column("model"), *numbers, Column("aliases")]
    rows = (
        (model.name, fmt.count(len(model.versions)), str(model.latest), _aliases(model))
        for model in models[:_SHOWN]
    )
    shown = f"{min(len(models), _SHOWN)} of {fmt.plural(len(models), 'model')}."
    return root(data(p(strong("Models")), table(columns, rows), p(shown)))


def _model(model: Any) -> tuple[str, ...]:
    return model.name, fmt.plural(len(model.versions), "version"), _aliases(model)


def _aliases(model: Any) -> str:
    return ", ".join(f"{alias} {number}" for alias, number in model.aliases.items())


def _version(version: Any) -> Html:
    numbers = [p("Numbers"), table((Column("metric"), Column("value")), version.numbers())]
    sizes = (
        (path, fmt.size(content.size), code(content.sha256[:12]))
        for path, content in list(version.files.items())[:_SHOWN]
    )
    files = table((Column("file"), Column("size", number=True), Column("SHA-256")), sizes)
    return root(
        p(strong(str(version))),
        p(version.description) if version.description else "",
        data(
            dl(_facts(version)),
            *(numbers if version.metrics else ()),
            details(fmt.plural(len(version.files), "file"), files),
            *map(p, notices(version)),
        ),
    )


def _facts(version: Any) -> list[tuple[str, str]]:
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(version.at))
    rows, job = version.dataset, version.job
    learned = " ".join(filter(None, [rows.get("name"), short(rows.get("fingerprint") or "")]))
    found = (
        ("aliases", ", ".join(version.aliases)),
        ("tags", ", ".join(f"{key}={value}" for key, value in version.tags.items())),
        ("registered", f"{at} by {version.user}" if version.user else at),
        ("size", fmt.size(version.size)),
        ("learned from", learned),
        ("job", job.get("name") or job.get("id") or ""),
        ("began with", job.get("base_model") or ""),
    )
    return [(name, fmt.visible(value)) for name, value in found if value]


def _lineage(lineage: Any) -> Html:
    columns = [Column(title) for title in ("what", "which", "came of")]
    return root(
        p(strong("Lineage"), f" of {lineage.title}"),
        data(table(columns, lineage.lines()), *map(p, lineage.notices)),
    )


def _card(card: Any) -> Html:
    parts: list[Html] = []
    for section in card.sections:
        parts += [p(strong(section.title)), p(section.text) if section.text else Html("")]
        if section.table:
            head, *rows = section.table
            parts.append(table([Column(title) for title in head], rows))
    return root(
        p(strong(f"Card of {card.version}")), data(join(parts), details("As Markdown", pre(str(card))))
    )
