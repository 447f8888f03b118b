"""The order of speakers, for every layout that is a conversation."""

from functools import lru_cache
from typing import Any, NamedTuple

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_RULERS = frozenset({"system", "developer"})


class Complaint(NamedTuple):
    """What is wrong with the order: at which turn, None for all of them, and whether its role is to blame."""

    code: str
    message: str
    turn: int | None = None
    role: bool = False


@lru_cache(maxsize=4096)
def complaints(roles: tuple[Any, ...]) -> tuple[Complaint, ...]:
    """Say who speaks out of turn, and whether the assistant has the last word; a role may be None."""
    found: list[Complaint] = []
    before = ""
    spoken = [(i, role) for i, role in enumerate(roles) if role is not None]
    for i, role in spoken:
        message = _out_of_order(before, role)
        if message:
            found.append(Complaint("role-order", message, i, role=True))
        if not (message and role in _RULERS):  # the others go on as if it were not there
            before = role
    if not spoken:
        return ()
    last, speaker = spoken[-1]
    if "assistant" not in roles:
        found.append(Complaint("assistant-missing", "The conversation has no turn of the assistant."))
    elif speaker != "assistant":
        message = f"The last turn is the {speaker}'s; nothing answers it."
        found.append(Complaint("assistant-not-last", message, last))
    return tuple(found)


def _out_of_order(before: str, role: str) -> str:
    if role in _RULERS and before not in ("", *_RULERS):
        return f"A {role} turn stands inside the conversation, not at its beginning."
    if role == "assistant" and before in ("", *_RULERS):
        return "The assistant speaks before anybody asked."
    if role == before and role in ("user", "assistant"):
        return f"Two turns of the {role} follow each other."
    return ""
