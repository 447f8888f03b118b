"""Operations on a desk: select, edit, undo, save; and rows as text to edit, copy or export."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.validation.again import recheck
from modelops_jupyter.wire import as_code, beside, row_detail, row_text
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.desk import Desk
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.rows import Handle, Position, QueryArgs, checked, chips, problem_rows

MAX_COPIED = 2_000_000  # characters that go to a clipboard
_Edited = Annotated[str, msgspec.Meta(max_length=row_text.MAX_EDITED)]
_Rows = Annotated[list[Position], msgspec.Meta(max_length=1000)]


class _Args(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    dataset: Handle
    query: QueryArgs = QueryArgs()


class SelectArgs(_Args, frozen=True):
    """A range of the list, and whether it is selected."""

    start: Position
    stop: Position
    how: Literal["add", "remove", "only"]


class EditArgs(_Args, frozen=True):
    """An edit of some rows, by default of the selected ones."""

    what: Literal["keep", "drop", "label"]
    rows: _Rows | None = None
    value: Annotated[str, msgspec.Meta(max_length=200)] = ""


class TurnArgs(_Args, frozen=True):
    """One edit back or forth."""

    what: Literal["undo", "redo"]


class RowTextArgs(_Args, frozen=True):
    """One row, and what it shall be: other JSON, or other texts by pointer."""

    position: Position
    text: _Edited | None = None
    texts: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=1000)], _Edited], msgspec.Meta(max_length=200)
    ] = {}


class TakeArgs(_Args, frozen=True):
    """Which rows: given ones, the selected ones, those of the list, or all of them."""

    which: Literal["given", "selected", "shown", "all"] = "selected"
    rows: _Rows = []


class CopyArgs(TakeArgs, frozen=True):
    """Rows as text."""

    form: Literal["json", "jsonl", "markdown"] = "jsonl"


class SaveArgs(TakeArgs, frozen=True, kw_only=True):
    """Rows into a file; one that is there is replaced only if that was said."""

    path: Annotated[str, msgspec.Meta(pattern=r"^[^\x00]{1,1000}$")]
    replace: bool = False


class PickArgs(_Args, frozen=True):
    """The selected rows under a name in Python."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w{0,59}$")] = "picked"


def _desk(args: _Args, context: Context) -> Desk:
    desk = context.find_desk(args.dataset)
    if desk is None:
        raise WireError(
            "These rows can be looked at, not changed.", code="read-only", hint="Open them in a notebook."
        )
    return desk


def _select(args: SelectArgs, context: Context) -> dict[str, Any]:
    desk = _desk(args, context)
    found = context.listed(args.dataset, args.query)
    if args.start < args.stop or args.how == "only":  # else somebody only asks
        desk.select(found[args.start : args.stop], args.how)
    return desk.state(found)


def _edit(args: EditArgs, context: Context) -> dict[str, Any]:
    desk = _desk(args, context)
    if args.rows is None:
        at = np.flatnonzero(desk.selected).tolist()
    else:
        at = [checked(desk.rows, position) for position in args.rows]
    if not at:
        raise WireError("No row is selected.", code="nothing-selected")
    if args.what == "label":
        desk.label(at, args.value)
    else:
        (desk.keep if args.what == "keep" else desk.drop)(at)
    return _changed(desk, args, context)


def _rewrite(args: RowTextArgs, context: Context) -> dict[str, Any]:
    desk = _desk(args, context)
    position = checked(desk.rows, args.position)
    desk.rewrite(position, row_text.written(desk.rows, position, args.text, args.texts))
    return _changed(desk, args, context)


def _turn(args: TurnArgs, context: Context) -> dict[str, Any]:
    desk = _desk(args, context)
    desk.turn(args.what == "undo")
    return _changed(desk, args, context)


def _changed(desk: Desk, args: _Args, context: Context) -> dict[str, Any]:
    """What another content of the rows changes in the page, but for the rows."""
    found, inside = (context.listed(args.dataset, q) for q in (args.query, args.query.others()))
    return {
        "edits": desk.state(found),
        "chips": chips(desk.rows, inside, desk),
        "problem_rows": problem_rows(desk.rows, desk),
    }


def _source(args: RowTextArgs, context: Context) -> dict[str, Any]:
    ds = context.resolve_dataset(args.dataset)
    return row_text.editable(ds, checked(ds, args.position))


def _check(args: RowTextArgs, context: Context) -> dict[str, Any]:
    """What would be wrong with a row by itself after an edit."""
    ds = context.resolve_dataset(args.dataset)
    position = checked(ds, args.position)
    raw = row_text.written(ds, position, args.text, args.texts)
    made = ds.replaced([(position, raw)], "edit")
    problems = [row_detail.problem(p) for p in recheck(made, [position])]
    return {"problems": problems, "readable": try_decode(raw) is not None}


def _taken(args: TakeArgs, context: Context) -> tuple[Dataset, NDArray[np.int64]]:
    """Return rows and the positions among them that are meant, without dropped ones."""
    ds, desk = context.resolve_dataset(args.dataset), context.find_desk(args.dataset)
    if args.which == "given":
        at = np.array([checked(ds, position) for position in args.rows], dtype=np.int64)
    elif args.which == "shown":
        at = context.listed(args.dataset, args.query).astype(np.int64)
    elif args.which == "selected" and desk is not None:
        at = np.flatnonzero(desk.selected)
    else:
        at = np.arange(len(ds))
    return ds, at[~desk.session.dropped[at]] if desk and args.which != "given" else at


def _copy(args: CopyArgs, context: Context) -> dict[str, Any]:
    ds, at = _taken(args, context)
    size = int(ds.row_lengths()[at].sum())
    if size > MAX_COPIED:
        raise WireError("This is too much to copy.", code="too-long", hint="Save it to a file instead.")
    if args.form == "markdown":
        text = "\n\n---\n\n".join(row_text.markdown(ds, position) for position in at.tolist())
    else:
        lines = [raw.decode("utf-8", "replace") for raw in ds.stored.read(at)]
        text = "\n".join(lines) if args.form == "jsonl" else _as_json(lines)
    return {"text": text, "rows": len(at)}


def _as_json(lines: list[str]) -> str:
    whole = lines[0] if len(lines) == 1 else f"[{','.join(lines)}]"
    try:
        return msgspec.json.format(whole, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return whole


def _save(args: SaveArgs, context: Context) -> dict[str, Any]:
    desk, path = _desk(args, context), Path(args.path).expanduser()
    if path.exists() and not args.replace:
        hint = "Replace it, or give another name."
        raise WireError(f"{path.name} is there already.", code="exists", hint=hint)
    if args.which == "all" and path.suffix == ".jsonl":
        before = desk.rows
        desk.save(str(path))
        rows, anew = len(desk.session.dataset), desk.rows is not before
    else:
        ds, at = _taken(args, context)
        ds.take(at).to_file(path)
        rows, anew = len(at), False
    state = desk.state(context.listed(args.dataset, args.query))
    return {"edits": state, "rows": rows, "name": path.name, "anew": anew}


def _pick(args: PickArgs, context: Context) -> dict[str, Any]:
    desk = _desk(args, context)
    picked = desk.selection
    name = desk.bind(args.name, picked) if desk.bind else None
    return {"name": name, "rows": len(picked)}


OPS = {
    "select": Op(SelectArgs, _select),
    "edit": Op(EditArgs, _edit),
    "rewrite": Op(RowTextArgs, _rewrite),
    "turn": Op(TurnArgs, _turn),
    "source": Op(RowTextArgs, _source),
    "check": Op(RowTextArgs, _check),
    "copy": Op(CopyArgs, _copy),
    "save": Op(SaveArgs, _save),
    "pick": Op(PickArgs, _pick),
    **as_code.OPS,
    **beside.OPS,
}
