"""Rules for tools and their calls: each call has its result, each result its call, arguments are JSON."""

from collections.abc import Iterator
from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object, decoded, type_name
from modelops_jupyter.datasets.validation.problem import Finding


def check_definitions(tools: Any, at: str) -> Iterator[Finding]:
    """Check the tools a row offers: a list of objects, or the JSON text of one, each with a name."""
    if tools is None:
        return
    offered = as_array(decoded(tools) if isinstance(tools, str) else tools)
    if offered is None:
        yield Finding("ill-typed-field", at, f"The tools are {type_name(tools)}, not a list.")
    for i, value in enumerate(offered or ()):
        tool = as_object(value)
        if tool is None:
            yield Finding("ill-typed-field", f"{at}/{i}", f"The tool is {type_name(value)}, not an object.")
        elif not isinstance((as_object(tool.get("function")) or tool).get("name"), str):
            yield Finding("missing-field", f"{at}/{i}", "The tool has no name.")


def check_tools(messages: list[Any]) -> Iterator[Finding]:
    """Check calls and results; a call as last message is a training target and in order."""
    waiting: dict[str, str] = {}  # call id → where it stands
    role = None
    for i, value in enumerate(messages):
        message = as_object(value) or {}
        role, calls = message.get("role"), message.get("tool_calls")
        if role == "tool":
            yield from _result(message, f"/messages/{i}", waiting)
            continue
        if waiting:
            yield from _unanswered(waiting)
            waiting = {}
        if calls is not None:
            yield from _calls(calls, f"/messages/{i}/tool_calls", waiting)
    if role == "tool":
        yield from _unanswered(waiting)


def _calls(calls: Any, at: str, waiting: dict[str, str]) -> Iterator[Finding]:
    if as_array(calls) is None:
        yield Finding("ill-typed-field", at, f"The tool calls are {type_name(calls)}, not a list.")
    for j, call in enumerate(as_array(calls) or ()):
        body = as_object(call)
        if body is None:
            message = f"The tool call is {type_name(call)}, not an object."
            yield Finding("ill-typed-field", f"{at}/{j}", message)
            continue
        waiting[str(body.get("id") or f"#{j}")] = f"{at}/{j}/id"
        yield from _arguments(body, f"{at}/{j}")


def _result(message: Row, at: str, waiting: dict[str, str]) -> Iterator[Finding]:
    given = message.get("tool_call_id")
    name = given if isinstance(given, str) else next(iter(waiting), None)
    if name in waiting:
        del waiting[name]
    elif given is None:
        yield Finding("tool-result-without-call", at, "No tool was called before this result.")
    else:
        yield Finding("tool-result-without-call", f"{at}/tool_call_id", f'There is no open call "{given}".')


def _unanswered(waiting: dict[str, str]) -> Iterator[Finding]:
    for name, at in waiting.items():
        yield Finding("tool-result-missing", at, f'The call "{name}" has no result.')


def _arguments(call: Row, at: str) -> Iterator[Finding]:
    function = as_object(call.get("function"))
    if function is None:
        yield Finding("missing-field", f"{at}/function", "The tool call names no function.")
        return
    if not isinstance(function.get("name"), str):
        yield Finding("missing-field", f"{at}/function/name", "The tool call names no function.")
    if "arguments" not in function:
        yield Finding("missing-field", f"{at}/function/arguments", "The tool call has no arguments.")
        return
    arguments = function["arguments"]
    at = f"{at}/function/arguments"
    if isinstance(arguments, dict):
        yield Finding(
            "tool-arguments-object", at, "The arguments are an object; chat services want JSON text."
        )
    elif not isinstance(arguments, str):
        yield Finding(
            "tool-arguments-invalid", at, f"The arguments are {type_name(arguments)}, not JSON text."
        )
    elif as_object(decoded(arguments)) is None:
        yield Finding("tool-arguments-invalid", at, "The arguments are not the JSON text of an object.")
