"""How long still: a range that the pace supports, or no number."""

import pytest

from modelops_jupyter.fine_tuning.progress import Eta, Progress, estimate, span


def steady(steps: int, pace: float = 0.5) -> list[tuple[int, float]]:
    return [(step, step * pace) for step in range(1, steps + 1)]


def test_there_is_no_estimate_before_twenty_steps() -> None:
    assert estimate(steady(19), left=100) is None
    assert estimate(steady(20), left=100) is not None


def test_twenty_steps_are_counted_from_where_a_resumed_run_began() -> None:
    resumed = [(step, step * 0.5) for step in range(101, 111)]
    assert estimate(resumed, left=100, first_step=100) is None


def test_a_steady_pace_gives_its_product_in_a_narrow_range() -> None:
    eta = estimate(steady(200), left=100)
    assert eta is not None
    assert eta.mid == pytest.approx(50)
    assert (eta.low, eta.high) == pytest.approx((47.5, 52.5))


def test_an_unsteady_pace_widens_the_range() -> None:
    seconds, elapsed = 0.0, []
    for step in range(1, 201):
        seconds += 2.0 if step // 20 % 2 else 0.2
        elapsed.append((step, seconds))
    eta = estimate(elapsed, left=100)
    assert eta is not None
    assert eta.low < 0.6 * eta.mid < eta.mid < 1.4 * eta.mid < eta.high


def test_an_old_pace_is_forgotten() -> None:
    slow_start = [(1, 1000.0)] + [(step, 1000 + step * 0.5) for step in range(2, 900)]
    eta = estimate(slow_start, left=100)
    assert eta is not None
    assert eta.mid == pytest.approx(50)


@pytest.mark.parametrize(
    ("eta", "text"),
    [
        (Eta(13 * 60, 15 * 60, 19 * 60), "about 15 min left, 13 to 19 (80 % range)"),
        (Eta(30, 41, 52), "about 41 s left, 30 to 52 (80 % range)"),
        (Eta(5 * 3600, 6 * 3600, 8 * 3600), "about 6 h left, 5 to 8 (80 % range)"),
        (Eta(121, 122, 123), "about 2 min left"),
        (Eta(0.1, 0.2, 0.3), "about 1 s left"),
    ],
)
def test_units_follow_the_size(eta: Eta, text: str) -> None:
    assert str(eta) == text


def test_only_the_end_is_one_hundred_per_cent() -> None:
    assert Progress(999, 1000, 0.999, None).percent == "99 %"
    assert Progress(1000, 1000, 1.0, None).percent == "100 %"


def test_a_stage_is_short_or_in_words() -> None:
    assert (span(None), span(38), span(3700)) == ("", "0:38", "1 h 1 min")
