"""The kinds of faults that the trace of an exchange records.

The package `rules` selects and applies faults; a test checks that both have the same kinds.
"""

from collections.abc import Iterator, Mapping

_DAMAGING = (
    "delay",
    "dribble",
    "truncate",
    "garbage",
    "content-type",
)
"""Kinds that change how a response is sent."""
_REPLACING = (
    "reset",
    "empty",
    "timeout",
    "status",
)
"""Kinds that replace the response; they act before or after the call is processed."""
_PHASES = ("before", "after")


def _list_items() -> Iterator[tuple[str, str]]:
    for kind in _DAMAGING:
        yield "", kind
    for kind in _REPLACING:
        for phase in _PHASES:
            yield kind, phase


FAULT_ITEMS = tuple(_list_items())
"""Group and name of each kind. A kind that replaces the response is a group of two items."""


def read_faults(trace: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the records of the faults that were applied to a call.

    A trace may come from a file: anything that is not a record is skipped.
    """
    records = trace.get("faults")
    faults: list[dict[str, object]] = []
    if isinstance(records, list):
        for record in records:
            if isinstance(record, dict):
                faults.append(record)
    return faults


def iter_kinds(fault: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield group and name of the kinds in a fault's record."""
    kinds = set(fault)
    if "ending" in kinds:
        # `ending: reset` is the record of the kind `reset`.
        kinds.remove("ending")
        kinds.add(str(fault["ending"]))
    for kind in _DAMAGING:
        if kind in kinds:
            yield "", kind
    phase = fault.get("acts")
    if isinstance(phase, str) and phase in _PHASES:
        for kind in _REPLACING:
            if kind in kinds:
                yield kind, phase


def is_unsent(fault: Mapping[str, object]) -> bool:
    """Return whether the client received no response at all."""
    if "timeout" in fault:
        return True
    return fault.get("ending") in ("reset", "empty")


def is_damaged(fault: Mapping[str, object]) -> bool:
    """Return whether the client received another body than the response's, or a part of it."""
    return any(kind in fault for kind in ("truncate", "garbage", "status"))
