"""The kinds of faults, as the trace of an exchange tells them: `script` strikes, and a test holds both together."""

from collections.abc import Iterator, Mapping
from typing import Any

_DAMAGING = ("delay", "dribble", "truncate", "garbage", "content-type")
_REPLACING = ("reset", "empty", "timeout", "status")
FAULT_ITEMS = (
    *(("", kind) for kind in _DAMAGING),
    *((kind, acts) for kind in _REPLACING for acts in ("before", "after")),
)
"""Group and name of each kind: of those that replace the answer, with whether they act before the call or after it."""


def read_faults(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the records of the faults that struck a call."""
    told = trace.get("faults")
    return [fault for fault in told if isinstance(fault, dict)] if isinstance(told, list) else []


def iter_kinds(fault: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give group and name of the kinds that a fault's record tells."""
    kinds = {str(fault["ending"]) if name == "ending" else name for name in fault}
    yield from (("", kind) for kind in _DAMAGING if kind in kinds)
    if fault.get("acts") in ("before", "after"):
        yield from ((kind, fault["acts"]) for kind in _REPLACING if kind in kinds)


def is_unsent(fault: Mapping[str, Any]) -> bool:
    """Whether nothing was sent: the client saw no answer at all."""
    return fault.get("ending") in ("reset", "empty") or "timeout" in fault


def is_damaged(fault: Mapping[str, Any]) -> bool:
    """Whether the body that was sent is not the one that the API answered with, or not all of it."""
    return any(kind in fault for kind in ("truncate", "garbage", "status"))
