"""The figure we return: a matplotlib `Figure` that a notebook shows without pyplot."""

import io

from matplotlib.figure import Figure


class Picture(Figure):
    """A `Figure` whose notebook form is its PNG."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")  # pyright: ignore[reportUnknownMemberType]  # **kwargs are untyped
        return buffer.getvalue()
