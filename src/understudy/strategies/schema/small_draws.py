"""Small draws, made cheap: to build a strategy for each draw costs more than the draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Printer(Protocol):
    """What Hypothesis pretty-prints with."""

    def text(self, text: str) -> None:
        """Print a piece of text."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Opaque(Generic[T]):
    """An argument of a strategy that is not printed with the strategy.

    When a draw is rejected, Hypothesis prints the strategy with all its arguments. For a nested
    strategy that is many kilobytes, takes long, and comes with a warning, which is an error where
    warnings are errors.
    """

    value: T

    def __repr__(self) -> str:
        return "…"

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        printer.text("…")  # Hypothesis prints the fields of a dataclass, whatever its repr is


def pick(draw: st.DrawFn, choices: Sequence[T]) -> T:
    """Draw one of some choices; the first is the simplest. Of a single choice, nothing is drawn."""
    if len(choices) == 1:
        return choices[0]
    return choices[draw(indexes(len(choices)))]


@lru_cache(maxsize=1024)
def indexes(count: int) -> st.SearchStrategy[int]:
    """Return the indexes of a sequence of `count` items, from 0."""
    return st.integers(0, count - 1)
