"""What the strategies can be told, checked: modes, statuses, contracts."""

from collections.abc import Collection, Iterable
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar

from understudy.config import Settings, resolve_overlays
from understudy.contract import Contract, load_contract
from understudy.errors import nearest_name

Mode = Literal["valid", "edge", "invalid"]
"""What is drawn: values that are in order, values that are in order but rare, or values that break one rule."""
MODES = ("valid", "edge", "invalid")
E_ = TypeVar("E_", bound=Enum)
Selection = str | Collection[str] | None
"""One word, several, or None for any."""


@cache
def shipped_contract(dialect: str = "documented") -> Contract:
    """Give the contract that ships with the package, in a dialect; loaded once."""
    return load_contract(overlays=resolve_overlays(Settings(dialect=dialect)))


def resolve_contract(contract: Contract | None, dialect: str) -> Contract:
    """Give the contract that was told, else the shipped one. Raises InputError for an unknown dialect."""
    return shipped_contract(dialect) if contract is None else contract


def check_mode(mode: str) -> None:
    """Raise ValueError, with the nearest word, for what is no mode."""
    check_option(mode, MODES, "mode")


def check_option(word: str, known: Iterable[str], kind: str) -> None:
    """Raise ValueError, with the nearest word, for one that is not known."""
    words = list(known)
    if word not in words:
        near = nearest_name(word, words)
        told = f'; did you mean "{near}"?' if near else f"; it is one of {', '.join(words)}"
        raise ValueError(f'there is no {kind} "{word}"{told}')


def parse_members(told: Any, kind: type[E_], what: str) -> tuple[E_, ...]:
    """Give the members of an enumeration that words name, in its order; all of them for None. Raises ValueError."""
    if told is None:
        return tuple(kind)
    words = [
        word.value if isinstance(word, Enum) else word
        for word in ([told] if isinstance(told, str | Enum) else told)
    ]
    if not words:
        raise ValueError(f"no {what} is allowed")
    for word in words:
        check_option(word, [str(member.value) for member in kind], what)
    return tuple(member for member in kind if member.value in words)
