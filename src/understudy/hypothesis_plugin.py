"""What Hypothesis loads by its entry point: `from_type` knows the public types.

No strategy is imported before one is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def register() -> None:
    """Tell Hypothesis how the public types are drawn. Hypothesis calls it when it is imported."""
    # Late: importing Hypothesis looks for this very function, which has to be there by then.
    from hypothesis import strategies as st

    from understudy.messages import Request, Response
    from understudy.ocp import Cluster, Creator, Subtask, Task, Tenant

    for kind in (Task, Subtask, Cluster, Tenant, Creator, Request, Response):
        st.register_type_strategy(kind, _late(kind.__name__))


def _late(name: str) -> Callable[[Any], SearchStrategy[Any]]:
    def strategy(_: Any) -> SearchStrategy[Any]:
        found: SearchStrategy[Any] = import_module(
            "understudy.strategies.type_registration"
        ).strategy_of(name)
        return found

    return strategy
