"""The one upward door: core types with a rich form reach the notebook layer when shown."""

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Rich:
    """Mix-in for everything that has a live widget, a static twin and a plot."""

    kind: ClassVar[str]

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        from modelops_jupyter.notebook import display

        return display.mimebundle(self)

    def _ipython_display_(self) -> None:
        from modelops_jupyter.notebook import display

        display.show_refreshed(self)  # a running job's output is redrawn; all else declines here

    def plot(self, kind: str | None = None, **options: Any) -> "Figure":
        """Draw this object with matplotlib and return the `Figure`.

        Parameters
        ----------
        kind
            Which picture, if the object has several.
        """
        from modelops_jupyter import plots

        return plots.plot(self, kind, **options)
