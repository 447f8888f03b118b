"""Where a version comes from, as a graph: steps and rows, base and job, evaluation, version."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from modelops_jupyter import _format
from modelops_jupyter._display import Rich

if TYPE_CHECKING:
    from modelops_jupyter.registry.version import ModelVersion

NodeKind = Literal["step", "dataset", "model", "job", "evaluation", "version"]
EdgeKind = Literal["then", "learned_from", "started_from", "made", "measured_on", "measured"]


@dataclass(frozen=True, slots=True)
class Node:
    """One thing, with what is known of it."""

    id: str
    kind: NodeKind
    label: str
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Edge:
    """One relation, from what was there first to what came of it."""

    source: str
    target: str
    kind: EdgeKind


@dataclass(frozen=True, repr=False)
class Lineage(Rich):
    """The graph of one version; `notices` say what is missing or deserves a second look."""

    kind: ClassVar[str] = "lineage"

    title: str
    nodes: tuple[Node, ...]  # in an order in which every edge leads forward
    edges: tuple[Edge, ...]
    notices: tuple[str, ...]

    def __getitem__(self, node: str) -> Node:
        return {found.id: found for found in self.nodes}[node]

    def before(self, node: str) -> tuple[Node, ...]:
        """Return what a node came of, directly."""
        return tuple(self[edge.source] for edge in self.edges if edge.target == node)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        return {"nodes": [asdict(n) for n in self.nodes], "edges": [asdict(e) for e in self.edges]}

    def lines(self) -> list[tuple[str, str, str]]:
        """Return (kind, label, what it came of) of every node."""
        return [(n.kind, n.label, ", ".join(b.label for b in self.before(n.id))) for n in self.nodes]

    def __str__(self) -> str:
        shown = (f"  {kind:<10}  {label}" + (f"  ← {of}" if of else "") for kind, label, of in self.lines())
        return "\n".join([self.title, *shown, *self.notices])

    def __repr__(self) -> str:
        return str(self)


def of(version: "ModelVersion") -> Lineage:
    """Draw the graph of what was recorded with a version."""
    graph = _Graph()
    data, job, evaluation = version.dataset, version.job, version.measured
    learned = _rows(graph, data)
    made = None
    if job:
        base = job.get("base_model")
        start = graph.add("model", f"model:{base}", base) if base else None
        label = job.get("name") or job.get("id") or "training"
        made = graph.add("job", f"job:{job.get('id', '')}", label, job)
        graph.join(start, made, "started_from")
        graph.join(learned, made, "learned_from")
    measured = None
    if evaluation or version.metrics:
        label = f"{evaluation.get('title') or 'numbers'}: {', '.join(version.metrics)}"
        rows = evaluation.get("dataset")
        known = rows is not None and rows == data.get("fingerprint")
        on = learned if known else graph.add("dataset", f"rows:{rows}", short(rows)) if rows else None
        measured = graph.add("evaluation", "evaluation", label, evaluation)
        graph.join(on, measured, "measured_on")
    facts = {"digest": version.digest, "parameters": dict(version.parameters)}
    end = graph.add("version", f"version:{version.name}/{version.version}", str(version), facts)
    graph.join(made or learned, end, "made" if made else "learned_from")
    graph.join(measured, end, "measured")
    return Lineage(str(version), tuple(graph.nodes), tuple(graph.edges), notices(version))


def notices(version: "ModelVersion") -> tuple[str, ...]:
    """Say what was not recorded, and what makes the numbers doubtful."""
    absent = [what for what in ("dataset", "job", "metrics") if what not in version.facts]
    told = [f"Not recorded: {', '.join(absent)}."] if absent else []
    rows = version.measured.get("dataset")
    if rows is not None and rows == version.dataset.get("fingerprint"):
        told.append("Measured on the very rows it learned from: the numbers say nothing about new ones.")
    if version.job.get("simulated"):
        told.append("The job was simulated: nothing was trained.")
    return tuple(told)


def short(fingerprint: str) -> str:
    """Return a fingerprint as people quote it."""
    return f"sha256:{fingerprint.removeprefix('sha256:')[:8]}" if ":" in fingerprint else fingerprint


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(self, kind: NodeKind, id: str, label: str, facts: Mapping[str, Any] | None = None) -> str:
        self.nodes.append(Node(id, kind, _format.visible(_format.clip(label, 120)), dict(facts or {})))
        return id

    def join(self, source: str | None, target: str, kind: EdgeKind) -> None:
        if source is not None:
            self.edges.append(Edge(source, target, kind))


def _rows(graph: _Graph, data: Mapping[str, Any]) -> str | None:
    """Add the rows and the steps that led to them; return the id of the rows."""
    if not data:
        return None
    last = None
    for number, step in enumerate(data.get("steps", [])):
        rows = _format.plural(step["rows"], "row")
        node = graph.add("step", f"step:{number}", f"{step['operation']} → {rows}", step)
        graph.join(last, node, "then")
        last = node
    facts = {key: value for key, value in data.items() if key != "steps"}
    named = " ".join(filter(None, [data.get("name"), short(data["fingerprint"])]))
    count = f", {_format.plural(data['rows'], 'row')}" if data.get("rows") else ""
    node = graph.add("dataset", f"rows:{data['fingerprint']}", named + count, facts)
    graph.join(last, node, "then")
    return node
