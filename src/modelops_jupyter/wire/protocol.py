"""The shape of a message: `PROTOCOL`, requests, answers, errors.

Kernel, server and browser may come from three installations; all that must agree is
`PROTOCOL`. Whatever arrives is a claim, not a fact: it is checked here before anything
looks at it.
"""

from typing import Annotated, Any, Literal, cast

import msgspec

from modelops_jupyter.errors import ModelOpsError

PROTOCOL = 1
MAX_BODY = 256 * 1024  # bytes of one request; the largest honest one is a search of 1,000 characters
_SHOWN = 200  # characters of a stranger's text that an error repeats

Answer = dict[str, Any]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class WireError(ModelOpsError):
    """A message that cannot be acted on; becomes an error answer, never an exception in a log."""

    default_code = "bad-request"


class Request(msgspec.Struct, frozen=True):
    """`{"v", "id", "op", "args"}`."""

    v: Literal[1]
    id: Word
    op: Word
    args: dict[str, Any] = {}


class Cancel(msgspec.Struct, frozen=True):
    """`{"v", "cancel"}`: stop working on that request."""

    v: Literal[1]
    cancel: Word


def fields(message: object) -> dict[str, Any]:
    """Return the fields of a message that may be anything; none if it is no object."""
    return cast("dict[str, Any]", message) if isinstance(message, dict) else {}


def parse(message: object) -> Request | Cancel:
    """Check one message.

    Raises
    ------
    WireError
        With `code` "protocol" for another version, else "bad-request".
    """
    if not isinstance(message, dict):
        raise WireError("A message is a JSON object.")
    given = fields(message)  # pyright: ignore[reportUnknownArgumentType] -- known to be a dict, of anything
    version: object = given.get("v")
    if type(version) is not int or version != PROTOCOL:
        raise WireError(
            f"This side speaks protocol {PROTOCOL}, the message says {clip(version)}.",
            code="protocol",
            hint="Reload the page; if that does not help, update modelops_jupyter on both sides.",
        )
    try:
        return msgspec.convert(given, Cancel if "cancel" in given else Request)
    except (msgspec.ValidationError, RecursionError) as error:
        raise WireError(f"The message is malformed: {clip(error)}.") from error


def request_id(message: object) -> str:
    """Return the id to answer to, or "" when the message has none that can be echoed."""
    found = fields(message).get("id")
    return found if isinstance(found, str) and len(found) <= 100 else ""


def ok(identity: str, result: object) -> Answer:
    """Build the answer to a request that worked."""
    return {"v": PROTOCOL, "id": identity, "ok": True, "result": result}


def failed(identity: str, error: ModelOpsError) -> Answer:
    """Build the answer to a request that did not; `code` is the error's own."""
    place = f" ({error.where})" if error.where and str(error.where) else ""
    body = {"code": error.code, "message": f"{error.message}{place}", "hint": error.hint}
    return {"v": PROTOCOL, "id": identity, "ok": False, "error": body}


def push(topic: str, seq: int, items: list[Any]) -> Answer:
    """Build what a subscriber receives without asking."""
    return {"v": PROTOCOL, "topic": topic, "seq": seq, "items": items}


def clip(value: object) -> str:
    """Return a stranger's value as short text for an error message."""
    text = str(value) if isinstance(value, str | int | float | Exception) else type(value).__name__
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
