from .conftest import Open


def test_a_cell_runs_in_a_real_kernel_behind_a_real_page(lab: Open) -> None:
    notebook = lab("x = 6 * 7")
    notebook.run()
    assert notebook.value("x") == "42"
    assert notebook.page.evaluate("jupyterapp.isPluginActivated('@modelops/jupyter:plugin')")
