"""Small draws, made cheap: a strategy that is made anew for each draw costs more than the draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Opaque(Generic[T]):
    """What a strategy is made of, not shown with it.

    When a draw is thrown away, Hypothesis shows the strategy with all that it was made of. For one that is nested, that
    is many kilobytes, takes long, and comes with a warning, which is an error where warnings are errors.
    """

    value: T

    def __repr__(self) -> str:
        return "…"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("…")  # Hypothesis shows the fields of a dataclass, whatever its repr is


def pick(draw: st.DrawFn, several: Sequence[T]) -> T:
    """Draw one of several; the first is the simplest. Of one, nothing is drawn."""
    return several[0] if len(several) == 1 else several[draw(indexes(len(several)))]


@lru_cache(maxsize=1024)
def indexes(count: int) -> st.SearchStrategy[int]:
    """Give the places of a sequence of so many items."""
    return st.integers(0, count - 1)
