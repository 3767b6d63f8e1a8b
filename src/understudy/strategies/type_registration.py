"""The strategy of each public type, for `hypothesis.strategies.from_type`.

A module of its own because `understudy.hypothesis_plugin` imports it late, when a type is drawn for
the first time: the plugin itself is imported with Hypothesis, and must not import any strategy.
"""

from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.strategies.ocp.played_tasks import task_models
from understudy.strategies.ocp.task_options import CLUSTERS, IDS, NAMES, TENANTS
from understudy.strategies.operations import requests_from_operation, responses_from_operation


def strategy_for_type(name: str) -> st.SearchStrategy[Any]:
    """Return the strategy of a public type, by the name of its class.

    The type is one of `understudy.ocp` or `understudy.messages`.
    """
    match name:
        case "Task":
            return task_models()
        case "Subtask":
            return st.builds(_select_subtask, task_models(), st.integers(0, 7))
        case "Cluster":
            return CLUSTERS
        case "Tenant":
            return TENANTS
        case "Creator":
            return st.builds(ocp.Creator, IDS, NAMES)
        case "Request":
            return st.one_of([requests_from_operation(name) for name in ocp.OPERATIONS])
        case _:
            return st.one_of([responses_from_operation(name) for name in ocp.OPERATIONS])


def _select_subtask(task: ocp.Task, index: int) -> ocp.Subtask:
    """Return one of the subtasks of a task.

    An index beyond the last one starts again at the first.
    """
    return task.subtasks[index % len(task.subtasks)]
