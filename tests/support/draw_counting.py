"""Counts how many draws of a strategy are rejected: a strategy that builds its values rejects hardly any."""

from collections import Counter
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

T = TypeVar("T")


def draw_counted(data: st.DataObject, strategy: st.SearchStrategy[T], counts: Counter[str]) -> T:
    """Draw a value, and count it as `drawn` or as `rejected`."""
    try:
        value = data.draw(strategy)
    except UnsatisfiedAssumption:  # by a strategy of ours that gives up
        counts["rejected"] += 1
        raise
    except BaseException:  # by a filter, among others
        counts["rejected"] += data.conjecture_data.status.name == "INVALID"
        raise
    counts["drawn"] += 1
    return value
