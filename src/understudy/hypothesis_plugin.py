"""The entry point of Hypothesis: `from_type` knows the public types.

Hypothesis imports this module when it is imported itself, in every project that has Understudy
installed. So nothing is imported here that costs time: a strategy is built when a type is drawn for
the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def register() -> None:
    """Register a strategy for each public type. Hypothesis calls it when it is imported."""
    # Late: while Hypothesis is imported, it looks for this very function, which has to exist by
    # then.
    from hypothesis import strategies as st

    from understudy.messages import Request, Response
    from understudy.ocp import Cluster, Creator, Subtask, Task, Tenant

    for public_type in (Task, Subtask, Cluster, Tenant, Creator, Request, Response):
        st.register_type_strategy(public_type, _build_late(public_type.__name__))


def _build_late(type_name: str) -> Callable[[Any], SearchStrategy[Any]]:
    """Return a function that imports the strategies when Hypothesis first asks for the type."""

    def build(_: Any) -> SearchStrategy[Any]:
        module = import_module("understudy.strategies.type_registration")
        strategy: SearchStrategy[Any] = module.strategy_for_type(type_name)
        return strategy

    return build
