"""Pictures of a dataset draw the numbers that its report, its stats and its twin say."""

import pytest
from matplotlib.figure import Figure

from modelops_jupyter.datasets import Dataset, tokens
from modelops_jupyter.datasets.stats import histogram

ROWS = [{"prompt": f"{n} plus {n}?", "completion": str(2 * n)} for n in range(40)]
MESSY = Dataset([*ROWS, *ROWS[:3], ROWS[0], {"prompt": "x", "completion": ""}])


def words(figure: Figure) -> list[str]:
    figure.canvas.draw()
    return [t.get_text() for t in figure.findobj(lambda artist: hasattr(artist, "get_text"))]  # type: ignore[attr-defined]


def bars(figure: Figure) -> dict[str, float]:
    """Return label → length of every horizontal bar."""
    ax = figure.axes[0]
    return {t.get_text(): p.get_width() for t, p in zip(ax.get_yticklabels(), ax.patches, strict=True)}  # type: ignore[attr-defined]


def test_copies_are_counted_by_how_often_a_row_occurs() -> None:
    counts = bars(MESSY.plot("duplicates"))
    assert counts == {
        "once": 38,
        "twice": 2,
        "3 to 9 times": 1,
        "10 to 99 times": 0,
        "100 times or more": 0,
    }
    assert any("4 later copies" in text for text in words(MESSY.plot("duplicates")))


@pytest.mark.parametrize("shown", [MESSY, MESSY.validate()])
def test_problems_are_drawn_as_the_report_counts_them(shown: Dataset) -> None:
    found = {code: len({p.row for p in problems}) for code, problems in MESSY.validate().by_code().items()}
    assert list(bars(shown.plot("problems")).values()) == list(found.values())
    assert "error: empty" in words(shown.plot("problems"))


def test_roles_are_the_turns_of_the_stats() -> None:
    assert bars(MESSY.plot("roles")) == MESSY.stats().roles


def test_lengths_are_the_histogram_of_the_views() -> None:
    expected = histogram(tokens.estimate(MESSY))
    assert expected is not None
    heights = [bar.get_height() for bar in MESSY.plot().axes[0].patches]  # type: ignore[attr-defined]
    assert heights == list(expected.counts)
    assert "median" in words(MESSY.plot("lengths"))


@pytest.mark.parametrize("kind", ["lengths", "roles", "problems", "duplicates"])
def test_an_empty_dataset_is_drawn_too(kind: str) -> None:
    assert Dataset().plot(kind).axes
