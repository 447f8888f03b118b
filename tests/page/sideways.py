"""What sticks out of a widget at its sides, where nobody could see or reach it."""

from .view import View

_OUTSIDE = """root => {
  const box = root.getBoundingClientRect();
  const clipped = (e) => {
    for (let p = e.parentElement; p && p !== root; p = p.parentElement)
      if (getComputedStyle(p).overflowX !== 'visible') return true;
    return false;
  };
  const out = (r) => r.width > 1 && (r.right > box.right + 1 || r.left < box.left - 1);
  return [...root.querySelectorAll('*')]
    .filter(e => out(e.getBoundingClientRect()) && !clipped(e))
    .map(e => e.outerHTML.slice(0, 120));
}"""


def outside(view: View) -> list[str]:
    """Return the elements that leave the widget sideways and that nothing inside cuts off or scrolls."""
    found: list[str] = view.root.evaluate(_OUTSIDE)
    return found
