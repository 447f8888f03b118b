"""The order of speakers, for every layout that is a conversation."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from modelops_jupyter.datasets.validation.problem import Finding

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_RULERS = frozenset({"system", "developer"})


class Said(NamedTuple):
    """Who spoke, where the role stands and where the turn stands."""

    role: str
    role_pointer: str
    pointer: str


def check_order(turns: Sequence[Said], pointer: str) -> Iterator[Finding]:
    """Check who speaks after whom, and that the assistant has the last word."""
    before = ""
    for turn in turns:
        complaint = _out_of_order(before, turn.role)
        if complaint:
            yield Finding("role-order", turn.role_pointer, complaint)
        if not (complaint and turn.role in _RULERS):  # the others go on as if it were not there
            before = turn.role
    if not any(turn.role == "assistant" for turn in turns):
        yield Finding("assistant-missing", pointer, "The conversation has no turn of the assistant.")
    elif turns[-1].role != "assistant":
        yield Finding(
            "assistant-not-last",
            turns[-1].pointer,
            f"The last turn is the {turns[-1].role}'s; nothing answers it.",
        )


def _out_of_order(before: str, role: str) -> str:
    if role in _RULERS and before not in ("", *_RULERS):
        return f"A {role} turn stands inside the conversation, not at its beginning."
    if role == "assistant" and before in ("", *_RULERS):
        return "The assistant speaks before anybody asked."
    if role == before and role in ("user", "assistant"):
        return f"Two turns of the {role} follow each other."
    return ""


def check_role(role: object, pointer: str) -> Iterator[Finding]:
    """Check that a role is one of those that chat templates know."""
    if not isinstance(role, str):
        yield Finding("ill-typed-field", pointer, "The role is not a text.")
    elif role not in ROLES:
        yield Finding("unknown-role", pointer, f'"{role}" is no role.')
