"""Values → matplotlib `Figure`. Nothing here touches pyplot, so no figure is shown twice or kept."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# kind of object → kind of picture → "module" (its `draw`) or "module.function"; the first is the default.
_PICTURES: dict[str, dict[str, str]] = {
    "metrics": {
        "intervals": "intervals",
        "confusion": "confusion",
        "roc": "curves.roc",
        "pr": "curves.pr",
        "calibration": "curves.calibration",
        "threshold": "curves.threshold",
        "slices": "slices.of_result",
        "residuals": "residuals",
        "baselines": "forest.baselines",
    },
    "confusion": {"confusion": "confusion"},
    "comparison": {"forest": "forest"},
    "comparison_suite": {"forest": "forest.suite"},
    "slices": {"slices": "slices"},
    "worst_slices": {"slices": "slices.worst"},
    "suite": {"intervals": "intervals.suite"},
    "calibration": {"intervals": "intervals.calibration"},
    "gate": {"gate": "intervals.gate"},
    "false_alarms": {"intervals": "intervals.false_alarms"},
    "threshold": {"threshold": "curves.cheapest"},
    "job": {"training": "training"},
    "dataset": {
        "lengths": "lengths",
        "roles": "counts.roles",
        "problems": "counts.problems",
        "duplicates": "counts.copies",
    },
    "report": {"problems": "counts.problems"},
    "historical": {"coverage": "coverage"},
    "lineage": {"lineage": "lineage"},
    "variants": {"variants": "variants"},
}


def plot(obj: Any, kind: str | None = None, **options: Any) -> "Figure":
    """Draw an object with a rich form.

    Parameters
    ----------
    obj
        A result, confusion matrix, comparison, job, dataset or validation report.
    kind
        Which picture, if the object has several: "intervals", "confusion", "roc".

    Raises
    ------
    ConfigError
        If there is no such picture of it.
    """
    pictures = _PICTURES.get(getattr(obj, "kind", ""))
    if pictures is None:
        raise ConfigError(f"A {type(obj).__name__} has no picture in this version.")
    name = kind or next(iter(pictures))
    if name not in pictures:
        raise ConfigError(
            f"A {type(obj).__name__} has no picture {name!r}.", hint=did_you_mean(name, pictures)
        )
    module, _, function = pictures[name].partition(".")
    return getattr(import_module(f"{__name__}.{module}"), function or "draw")(obj, **options)
