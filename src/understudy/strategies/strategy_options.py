"""The options of the strategies, parsed and checked: modes, statuses, numbers, contracts.

A wrong option is a mistake in a test, so it raises ValueError at once, when the strategy is built.
"""

from collections.abc import Collection, Iterable
from enum import Enum
from functools import cache
from typing import Literal, TypeVar

from understudy.config import Settings, resolve_overlays
from understudy.contract import Contract, load_contract
from understudy.errors import nearest_name

Mode = Literal["valid", "edge", "invalid"]
"""What is drawn: valid values, values that are valid but rare, or values that violate one rule."""
MODES = ("valid", "edge", "invalid")
_Member = TypeVar("_Member", bound=Enum)
Selection = str | Collection[str] | None
"""One name, several, or None for any."""


@cache
def shipped_contract(dialect: str = "documented") -> Contract:
    """Return the contract that ships with the package, in a dialect; loaded once for each.

    Raises InputError for an unknown dialect.
    """
    return load_contract(overlays=resolve_overlays(Settings(dialect=dialect)))


def resolve_contract(contract: Contract | None, dialect: str) -> Contract:
    """Return the contract, or the shipped one in a dialect when there is none.

    So `dialect` has no effect beside a contract.
    """
    if contract is None:
        return shipped_contract(dialect)
    return contract


def check_mode(mode: str) -> None:
    """Raise ValueError for an unknown mode."""
    check_option(mode, MODES, "mode")


def check_option(name: str, known: Iterable[str], kind: str) -> None:
    """Raise ValueError for an unknown name, with the known ones and the nearest of them."""
    names = list(known)
    if name not in names:
        nearest = nearest_name(name, names)
        hint = f'. Did you mean "{nearest}"?' if nearest else ""
        raise ValueError(f'unknown {kind} "{name}"; expected one of {", ".join(names)}{hint}')


def check_range(
    kind: str, least: int, greatest: int, *, floor: int, ceiling: int | None = None
) -> None:
    """Raise ValueError unless floor <= min_<kind> <= max_<kind> <= ceiling."""
    limit = f" <= {ceiling}" if ceiling is not None else ""
    is_within = ceiling is None or greatest <= ceiling
    if not (floor <= least <= greatest and is_within):
        raise ValueError(
            f"min_{kind} and max_{kind}: found {least} and {greatest}; "
            f"expected {floor} <= min_{kind} <= max_{kind}{limit}"
        )


def parse_members(selection: Selection, enum: type[_Member], kind: str) -> tuple[_Member, ...]:
    """Return the members of an enumeration that names select, in its order; all of them for None.

    A member itself counts as its name. Raises ValueError for an unknown name and for an empty
    selection.
    """
    if selection is None:
        return tuple(enum)
    if isinstance(selection, str | Enum):
        selection = [selection]
    names = [name.value if isinstance(name, Enum) else name for name in selection]
    if not names:
        raise ValueError(f"no {kind} is selected; expected None for any, or at least one")
    known = [str(member.value) for member in enum]
    for name in names:
        check_option(name, known, kind)
    return tuple(member for member in enum if member.value in names)
