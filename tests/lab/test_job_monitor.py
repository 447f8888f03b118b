"""The monitor in JupyterLab: alive beside a busy cell, after a reload, after a restart."""

from playwright.sync_api import Locator, expect

from . import cells
from .conftest import Open
from .server import Server


def steps(view: Locator) -> Locator:
    return view.locator(".jm-now .sec")


def moves(view: Locator) -> None:
    """The step count changes by itself."""
    shown = steps(view).inner_text()
    expect(steps(view)).not_to_have_text(shown)


def test_the_monitor_moves_and_stop_stops_while_another_cell_is_busy(lab: Open) -> None:
    notebook = lab(cells.job(), cells.BUSY)
    notebook.run(wait=False)
    view = notebook.wait_state("job", "ready")
    moves(view)
    assert notebook.busy()
    view.get_by_role("button", name="Stop").click()
    expect(view).to_have_attribute("data-status", "cancelled", timeout=5000)
    assert notebook.busy()
    notebook.kernel("interrupt")
    notebook.eventually("str(job.status)", "'cancelled'")


def test_the_monitor_is_live_again_after_a_reload_and_a_kernel_restart(lab: Open) -> None:
    notebook = lab(cells.job("survivor"))
    notebook.run()
    notebook.wait_state("job", "ready")
    notebook.save()
    notebook.reload()
    moves(notebook.wait_state("job", "ready"))
    notebook.kernel("restart")
    moves(notebook.wait_state("job", "ready"))  # over the server: the new kernel knows of nothing
    notebook.view("job").get_by_role("button", name="Stop").click()
    expect(notebook.view("job")).to_have_attribute("data-status", "cancelled", timeout=5000)


def test_after_a_restart_without_our_server_the_twin_stands_in(lab: Open, bare_server: Server) -> None:
    notebook = lab(cells.job("alone"), on=bare_server)
    notebook.run()
    moves(notebook.wait_state("job", "ready"))
    notebook.kernel("restart")
    expect(notebook.twin).to_contain_text("alone")
    expect(notebook.view("job")).to_have_count(0)
    notebook.shows_nothing_broken()
    notebook.execute(
        "from modelops_jupyter import FineTuningJob; FineTuningJob.attach('alone').cancel(force=True)"
    )
