"""The picture of a job draws the numbers of its snapshot."""

from collections.abc import Callable
from typing import Any

import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore

from .conftest import SPEC, Submit


@pytest.fixture
def trained(store: JobStore, running: JobRow) -> FineTuningJob:
    points = [("loss", step, 2 / step) for step in range(1, 61)]
    points += [("validation_loss", step, 3 / step) for step in (20, 40)]
    points += [("validation_loss_low", step, 2.5 / step) for step in (20, 40)]
    points += [("validation_loss_high", step, 3.5 / step) for step in (20, 40)]
    store.beat(running.id, 1, points=points)
    return FineTuningJob.attach(running.id, store=store)


def texts(figure: Any) -> str:
    return " ".join(text.get_text() for text in figure.axes[0].texts) + figure.axes[0].get_title(loc="left")


def test_lines_are_the_arrays_of_the_snapshot(trained: FineTuningJob) -> None:
    (ax,) = trained.plot().axes
    series = trained.snapshot()["series"]
    mean, validation = ax.lines[0], ax.lines[1]
    assert list(mean.get_ydata()) == [row[1] for row in series["loss_band"]]
    assert list(validation.get_xdata()) == [20, 40]
    assert ax.get_xlim()[1] >= 100  # the planned end, not the present one


def test_a_metric_has_its_own_axis_below_with_its_interval(trained: FineTuningJob, store: JobStore) -> None:
    points = [("exact_match", s, s / 100) for s in (20, 40)]
    points += [
        (f"exact_match_{side}", s, s / 100 + d)
        for side, d in (("low", -0.1), ("high", 0.1))
        for s in (20, 40)
    ]
    store.beat(trained.id, 1, points=points)
    loss, metric = trained.plot().axes
    assert metric.get_title(loc="left") == "exact match"
    assert list(metric.lines[0].get_ydata()) == [0.2, 0.4]
    assert metric.get_xlim() == loss.get_xlim()
    assert "0.400" in " ".join(text.get_text() for text in metric.texts)


def test_where_it_was_resumed_is_marked(trained: FineTuningJob, store: JobStore) -> None:
    store.finish(trained.id, 1, JobStatus.FAILED, "worker_lost", "gone")
    store.requeue(trained.id, from_step=40)
    assert "resumed" in texts(trained.plot())


def test_the_loss_axis_may_be_logarithmic(trained: FineTuningJob) -> None:
    assert trained.plot().axes[0].get_yscale() == "linear"
    assert trained.plot(log=True).axes[0].get_yscale() == "log"


def test_a_job_without_a_step_has_a_picture_that_says_so(store: JobStore, submit: Submit) -> None:
    assert "no step yet" in texts(FineTuningJob.attach(submit().id, store=store).plot())


def test_a_simulated_curve_says_so(store: JobStore, submit: Callable[..., JobRow]) -> None:
    row = submit(spec=SPEC | {"simulated": True}, name="$x$ <b>")
    figure = FineTuningJob.attach(row.id, store=store).plot()
    figure.canvas.draw()
    assert "SIMULATED" in texts(figure)
    assert "nothing was trained" in texts(figure)
