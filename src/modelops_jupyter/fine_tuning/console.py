"""A job's progress as text: one line that is redrawn in a terminal, a line each tenth in a log."""

import shutil
import sys
from collections.abc import Iterable
from typing import Any, TextIO

CELLS = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"


class ProgressLine:
    """Writes how far a job is to a stream.

    Parameters
    ----------
    stream
        Where to; standard error when left out.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._redraws = self._stream.isatty()
        self._shown: object = None
        self._warned: set[str] = set()

    def draw(self, snapshot: dict[str, Any], warnings: Iterable[str] = ()) -> None:
        """Show a snapshot; in a log only a change of status or of the tenth is worth a line.

        A new warning stands above the line and stays there.
        """
        text, clear = line(snapshot), "\r\x1b[K" if self._redraws else ""
        for warning in warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                self._stream.write(f"{clear}warning: {warning}\n")
                self._shown = None
        mark = text if self._redraws else (snapshot["status"], int(10 * snapshot["progress"]["fraction"]))
        if mark == self._shown:
            return
        self._shown = mark
        if self._redraws:
            room = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r\x1b[K{text[:room]}")
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def close(self) -> None:
        """Leave the line as it is and go on below it."""
        if self._redraws and self._shown is not None:
            self._stream.write("\n")
            self._stream.flush()


def wanted() -> bool:
    """Whether somebody watches a terminal."""
    return bool(sys.stderr and sys.stderr.isatty())


def line(snapshot: dict[str, Any]) -> str:
    """Say how far a job is, as a bar and in words."""
    progress, values = snapshot["progress"], snapshot["values"]
    total = f" of {progress['total_steps']:,}" if progress["total_steps"] else ""
    words = [
        snapshot["label"].lower() + (" (simulated)" if snapshot["simulated"] else ""),
        f"step {progress['step']:,}{total}" if progress["step"] else "",
        *(
            f"{word} {values[key]['text']} {values[key].get('interval', '')}".rstrip()
            for key, word in (("loss", "loss"), ("validation_loss", "validation"))
            if key in values
        ),
        snapshot["reason_text"] or snapshot["detail"] or progress["eta_text"],
    ]
    name = snapshot["name"].replace("\n", " ")
    return (
        f"{name} {progress['percent_text']:>5} {bar(progress['fraction'])} {', '.join(filter(None, words))}"
    )


def bar(fraction: float) -> str:
    """Draw a share of a bar of 20 cells.

    Examples
    --------
    >>> bar(0.5)
    '|██████████          |'
    """
    eighths = round(8 * CELLS * min(1.0, max(0.0, fraction)))
    full, rest = divmod(eighths, 8)
    return f"|{('█' * full + (_EIGHTHS[rest] if rest else '')):<{CELLS}}|"
