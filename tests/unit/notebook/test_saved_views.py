"""A view that is made by name leaves the same readable output as the object that it shows."""

from typing import Any

import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.listing import JobListing
from modelops_jupyter.notebook.widgets import (
    ChatView,
    DatasetDiffViewer,
    DatasetViewer,
    JobList,
    JobMonitor,
    MetricsExplorer,
    RatingView,
)

from .conftest import everything, friendly, labels, talked


def saved(view: Any, obj: Any) -> None:
    data, metadata = view._repr_mimebundle_()
    told, about = display.told(obj)
    assert metadata == about
    assert data.pop(display.VIEW)["model_id"] == view.model_id
    assert data == told
    assert "<div" in data["text/html"]


@pytest.mark.parametrize(
    ("view", "name"),
    [(DatasetViewer, "dataset hostile"), (DatasetDiffViewer, "diff"), (MetricsExplorer, "result hostile")],
)
def test_a_view_leaves_text_and_twin_of_its_object(view: Any, name: str) -> None:
    obj = everything()[name]
    saved(view(obj), obj)


def test_a_view_of_a_comparison_leaves_the_comparison() -> None:
    found = labels().compare(labels())
    assert "difference" in MetricsExplorer(found)._repr_mimebundle_()[0]["text/html"]


def test_a_view_of_jobs_of_a_job_and_of_a_chat_too() -> None:
    job = FineTuningJob("tiny", friendly().valid, provider="simulated")
    saved(JobList(), JobListing())
    saved(JobMonitor(job), job)
    chat = talked("2021-03-03")
    saved(ChatView(chat), chat)


def test_a_view_of_several_runs_leaves_the_first_in_full_and_all_of_them_as_a_table() -> None:
    named = [
        FineTuningJob("tiny", friendly().valid, provider="simulated", name=name, config={"max_steps": 3})
        for name in ("short", "long", "other")
    ]
    for job in named:
        job.run()
        job.wait()
    (data, _), (alone, _) = (JobMonitor(*jobs)._repr_mimebundle_() for jobs in (named[:2], named[:1]))
    for form in ("text/plain", "text/html"):
        assert data[form].startswith(alone[form])
        assert all(job.name in data[form][len(alone[form]) :] for job in named[:2])
        assert "other" not in data[form]


@pytest.mark.parametrize("name", ["rating", "rating begun", "rating hostile"])
def test_a_view_of_a_rating_leaves_what_was_rated(name: str) -> None:
    rating = everything()[name]
    saved(RatingView(rating), rating)


def test_the_labels_of_a_rating_can_be_observed() -> None:
    view = RatingView(friendly().valid, rater="ann")
    heard: list[int] = []
    view.observe(lambda change: heard.append(len(change["new"])), "labels")
    for verdict in ("pass", "skip", "fail"):
        view.rating.rate(verdict)
    view.rating.undo()
    assert heard == [1, 1, 2, 1]
    assert [row["label"] for row in view.labels] == ["pass"]
    with pytest.raises(TypeError, match="has no argument 'par'"):
        RatingView(friendly().valid, par=True)
    assert len(RatingView(friendly().valid, rater="ann").labels) == 1


def test_a_dataset_view_leaves_the_dataset_as_it_was_edited() -> None:
    view = DatasetViewer(friendly())
    view.session.drop([0])
    saved(view, view.dataset)
