"""Small draws, made cheap: a strategy that is made anew for each draw costs more than the draw."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


def pick(draw: st.DrawFn, several: Sequence[T]) -> T:
    """Draw one of several; the first is the simplest. Of one, nothing is drawn."""
    return several[0] if len(several) == 1 else several[draw(places(len(several)))]


@lru_cache(maxsize=1024)
def places(count: int) -> st.SearchStrategy[int]:
    """Give the places of a sequence of so many items."""
    return st.integers(0, count - 1)
