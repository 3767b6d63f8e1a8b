"""The subtasks of a task, as the control API describes them, as nodes of a graph."""

from collections.abc import Mapping
from typing import Any

from understudy.graph.layout import Node


def read_task(record: Mapping[str, Any]) -> list[Node]:
    """Return a node for each subtask of a task record (`GET /tasks/{taskId}`)."""
    return [
        Node(
            id=subtask["id"],
            label=subtask["name"],
            status=subtask["status"],
            note=subtask["operation"],
            after=tuple(subtask["after"]),
        )
        for subtask in record["subtasks"]
    ]
