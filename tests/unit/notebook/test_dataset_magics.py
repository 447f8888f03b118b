"""`%%dataset` and `%dataset`: the body stays as typed, the line reaches the file system unchanged."""

import json
import os
from pathlib import Path

import pytest

from modelops_jupyter.errors import ConfigError, DatasetError, ModelOpsError, SourceNotFoundError
from modelops_jupyter.notebook.magics.spec import UsageError

from .shell import Shell

ROW = '{"text": "one row"}\n'


def test_braces_dollars_and_percent_signs_in_a_body_stay_as_typed(shell: Shell) -> None:
    shell.run('name = "WRONG"; x = 1; HOME = "WRONG"')
    rows = [
        {"prompt": "Put {name} and {{x}} on $HOME, 50% off, %d {0} {x!r}", "completion": "{name}"},
        {"prompt": "C:\\new\\{x}\\table", "completion": "$x ?"},
        {"prompt": "!ls %magic ??", "completion": "\\u007b"},
    ]
    shell.run("%%dataset typed\n" + "\n".join(map(json.dumps, rows)) + "\n")
    assert shell["typed"].to_list() == rows


@pytest.mark.parametrize("before", ["", "\n", "\n  \n\n"])
def test_the_line_of_a_problem_is_the_line_the_editor_shows(shell: Shell, before: str) -> None:
    cell = before + '%%dataset typed\n{"text": "a"}\n\n{"text": }\n'
    shell.run(cell)
    (problem,) = shell["typed"].validate().problems
    shown = cell.split("\n").index('{"text": }') + 1
    assert problem.line == shown
    assert problem.column == 10


def test_a_body_may_be_a_json_array(shell: Shell) -> None:
    shell.run('%%dataset typed\n[\n {"text": "a"},\n {"text": "b"}\n]\n')
    ds = shell["typed"]
    assert [row["text"] for row in ds] == ["a", "b"]
    assert [ds.line(i) for i in range(2)] == [3, 4]


def test_a_body_of_a_given_format(shell: Shell) -> None:
    shell.run(f"%%dataset typed --format text\n{ROW}")
    assert shell["typed"].format == "text"


def test_strict_stops_and_binds_nothing(shell: Shell) -> None:
    with pytest.raises(DatasetError, match=r"line 3, column 2.*--strict"):
        shell.run(f"%%dataset typed --strict\n{ROW}{{\n")
    assert "typed" not in shell.ip.user_ns


@pytest.mark.parametrize("name", ["2x", "a-b", "class", "a.b", "''"])
def test_a_name_that_python_cannot_bind_is_refused(shell: Shell, name: str) -> None:
    with pytest.raises(UsageError, match="not a Python name"):
        shell.run(f"%%dataset {name}\n{ROW}")


def test_quoted_names_with_spaces_and_backslashes_reach_the_file_system(shell: Shell) -> None:
    Path("my data").mkdir()
    Path("my data/train set.jsonl").write_text(ROW)
    shell.run('%dataset "my data/train set.jsonl" --as spaced')
    shell.run("%dataset 'my data/train set.jsonl' --as spaced2")
    assert len(shell["spaced"]) == len(shell["spaced2"]) == 1
    if os.name == "posix":
        Path("odd\\name.jsonl").write_text(ROW)
        shell.run("%dataset odd\\name.jsonl --as odd")
        assert len(shell["odd"]) == 1
    with pytest.raises(SourceNotFoundError) as caught:
        shell.run("%dataset C:\\runs\\new\\train.jsonl --as nothing")
    assert "C:\\runs\\new\\train.jsonl" in str(caught.value)
    assert "C:runsnewtrain.jsonl" not in str(caught.value)


def test_a_mistyped_file_is_answered_with_the_one_beside_it(shell: Shell) -> None:
    Path("train.jsonl").write_text(ROW)
    with pytest.raises(SourceNotFoundError, match="Did you mean 'train"):
        shell.run("%dataset trian.jsonl --as nothing")


def test_neither_line_nor_name_is_expanded(shell: Shell) -> None:
    shell.run('where = "elsewhere.jsonl"')
    Path("{where}.jsonl").write_text(ROW)
    Path("$where.jsonl").write_text(ROW)
    shell.run("%dataset {where}.jsonl --as braces")
    shell.run("%dataset $where.jsonl --as dollar")
    assert len(shell["braces"]) == len(shell["dollar"]) == 1


def test_a_bare_name_is_a_variable_else_a_file_and_both_is_an_error(shell: Shell) -> None:
    shell.run(f"%%dataset typed\n{ROW}{ROW}")
    assert "2 rows" in shell.run("%dataset typed")
    Path("typed").write_text(ROW)
    with pytest.raises(UsageError) as caught:
        shell.run("%dataset typed")
    assert "both a variable and a file" in str(caught.value)
    shell.run('%dataset "typed" --as file')
    assert len(shell["file"]) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%dataset chatz", ["no variable 'chatz'", "Did you mean 'chats'"]),
        ("%dataset number", ["'number' is an int", "a dataset", "chats"]),
        ("%dataset chats --az x", ["no option --az", "Did you mean '--as'"]),
        ("%dataset chats --as class", ["not a Python name"]),
        ("%dataset chats.nothing", ["no variable 'chats.nothing'"]),
        ("%dataset missing.jsonl", ["missing.jsonl"]),
        ("%dataset", ["needs more words", "%dataset SOURCE"]),
        ("%dataset a b", ["'b'"]),
        ('%dataset "a', ["never closed"]),
    ],
)
def test_a_mistake_on_the_line_is_one_paragraph(shell: Shell, line: str, words: list[str]) -> None:
    shell.run("number = 3\nchats = None\n")
    shell.run(f"%%dataset chats\n{ROW}")
    with pytest.raises(ModelOpsError) as caught:
        shell.run(line)
    for word in words:
        assert word in str(caught.value)
    rendered = caught.value._render_traceback_()
    assert "Traceback" not in "".join(rendered)


def test_an_unknown_format_names_the_nearest(shell: Shell) -> None:
    with pytest.raises((UsageError, ConfigError), match="Did you mean 'messages'"):
        shell.run(f"%%dataset typed --format mesages\n{ROW}")


def test_a_name_with_an_underscore_is_a_variable_like_any_other(shell: Shell) -> None:
    shell.run(f"%%dataset _mine\n{ROW}")
    assert "1 row" in shell.run("%dataset _mine --as _again")
    assert shell["_again"] == shell["_mine"]


def test_the_variables_of_a_function_come_before_those_of_the_notebook(shell: Shell) -> None:
    shell.run(f"%%dataset typed\n{ROW}")
    shown = shell.run(
        "def f():\n    typed = globals()['typed'] + globals()['typed']\n    %dataset typed\nf()"
    )
    assert "2 rows" in shown


def test_the_hint_of_a_cell_magic_works_without_a_body(shell: Shell) -> None:
    with pytest.raises(UsageError, match=r"%%dataset\? explains"):
        shell.run(f"%%dataset\n{ROW}")
    assert "--strict" in shell.run("%%dataset?")


def test_an_attribute_of_a_variable_may_be_shown(shell: Shell) -> None:
    shell.run(f"%%dataset typed\n{ROW}{ROW}{ROW}")
    shell.run("parts = typed.split(test=.3)")
    shell.run("%dataset parts.train --as left")
    assert shell["left"] == shell["parts"].train


def test_what_is_opened_is_called_by_the_name_it_is_bound_to(shell: Shell) -> None:
    Path("a.jsonl").write_text(ROW)
    assert "chats: 1 row" in shell.run("%dataset a.jsonl --as chats")


def test_help_is_printed_and_nothing_is_done(shell: Shell) -> None:
    assert "--as NAME" in shell.run("%dataset -h")
    assert "--format" in shell.run("%%dataset -h\nnot rows")
