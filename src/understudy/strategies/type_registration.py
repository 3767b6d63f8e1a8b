"""Which strategy belongs to which public type, for `hypothesis.strategies.from_type`."""

from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.strategies.ocp.played_tasks import CLUSTERS, IDS, NAMES, TENANTS, task_models
from understudy.strategies.operations import requests_from_operation, responses_from_operation


def strategy_of(name: str) -> st.SearchStrategy[Any]:
    """Give the strategy of a public type, by its name."""
    match name:
        case "Task":
            return task_models()
        case "Subtask":
            return st.builds(
                lambda task, n: task.subtasks[n % len(task.subtasks)],
                task_models(),
                st.integers(0, 7),
            )
        case "Cluster":
            return CLUSTERS
        case "Tenant":
            return TENANTS
        case "Creator":
            return st.builds(ocp.Creator, IDS, NAMES)
        case "Request":
            return st.one_of([requests_from_operation(operation) for operation in ocp.OPERATIONS])
        case _:
            return st.one_of([responses_from_operation(operation) for operation in ocp.OPERATIONS])
