"""What Hypothesis loads by its entry point: `from_type` knows the public types.

No strategy is imported before one is asked for.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from hypothesis import strategies as st

from understudy.messages import Request, Response
from understudy.ocp import Cluster, Creator, Subtask, Task, Tenant


def register() -> None:
    """Tell Hypothesis how the public types are drawn. Hypothesis calls it when it is imported."""
    for kind in (Task, Subtask, Cluster, Tenant, Creator, Request, Response):
        st.register_type_strategy(kind, _late(kind.__name__))


def _late(name: str) -> Callable[[Any], st.SearchStrategy[Any]]:
    def strategy(_: Any) -> st.SearchStrategy[Any]:
        found: st.SearchStrategy[Any] = import_module("understudy.strategies.types").strategy_of(name)
        return found

    return strategy
