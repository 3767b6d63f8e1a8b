"""Tasks as JSON data with the canonical names, in the documents' order.

Absent values are left out. The contract's rendering renames the fields where a dialect asks
for other names.

Source: the response tables of the documents (docs/api/task-management.md).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from understudy.clock import iso_time
from understudy.messages import Json
from understudy.ocp.task_model import Cluster, Creator, Subtask, Task, Tenant

FormatTime = Callable[[datetime], str]
"""Writes a moment of a task as a string of the response."""


def task_summary(task: Task, format_time: FormatTime = iso_time) -> dict[str, Json]:
    """Build the entry of a task in the list."""
    return _drop_absent(
        id=task.id,
        name=task.name,
        cluster=_cluster_data(task.cluster),
        tenant=_tenant_data(task.tenant),
        creator=_creator_data(task.creator),
        status=task.status.value,
        startTime=format_time(task.start_time),
        finishTime=_format_optional(task.finish_time, format_time),
        subtasks=[_subtask_summary(subtask) for subtask in _sorted_subtasks(task)],
    )


def task_detail(task: Task, format_time: FormatTime = iso_time) -> dict[str, Json]:
    """Build the data of a task with every documented field."""
    return _drop_absent(
        id=task.id,
        name=task.name,
        taskDefinitionId=task.definition_id,
        cluster=_cluster_data(task.cluster),
        tenant=_tenant_data(task.tenant),
        creator=_creator_data(task.creator),
        status=task.status.value,
        type=task.type,
        operation=task.operation.value,
        executor=task.executor,
        prohibitRollback=task.rollback_prohibited,
        subtasks=[subtask_detail(subtask, format_time) for subtask in _sorted_subtasks(task)],
        createTime=format_time(task.create_time),
        startTime=format_time(task.start_time),
        finishTime=_format_optional(task.finish_time, format_time),
    )


def subtask_detail(subtask: Subtask, format_time: FormatTime = iso_time) -> dict[str, Json]:
    """Build the data of a subtask with every documented field."""
    return _drop_absent(
        id=subtask.id,
        name=subtask.name,
        seriesId=subtask.series_id,
        description=subtask.description or subtask.name,
        timeout=subtask.timeout_s,
        status=subtask.status.value,
        operation=subtask.operation.value,
        executor=subtask.executor,
        runTime=subtask.run_time,
        nodeType=subtask.node_type,
        parallelIdx=subtask.parallel_idx,
        upstreams=list(subtask.upstreams),
        downstreams=list(subtask.downstreams),
        prohibitRollback=subtask.prohibit_rollback,
        createTime=format_time(subtask.create_time),
        startTime=_format_optional(subtask.start_time, format_time),
        finishTime=_format_optional(subtask.finish_time, format_time),
    )


def _subtask_summary(subtask: Subtask) -> dict[str, Json]:
    return {
        "id": subtask.id,
        "name": subtask.name,
        "description": subtask.description or subtask.name,
        "status": subtask.status.value,
        "operation": subtask.operation.value,
    }


def _sorted_subtasks(task: Task) -> list[Subtask]:
    # By id, as the real server's table returns them. That is seldom the order of the graph,
    # and a client must not rely on it.
    return sorted(task.subtasks, key=lambda subtask: subtask.id)


def _cluster_data(cluster: Cluster | None) -> dict[str, Json] | None:
    if cluster is None:
        return None
    return {
        "id": cluster.id,
        "name": cluster.name,
        "obClusterId": cluster.ob_cluster_id,
        "type": cluster.type,
    }


def _tenant_data(tenant: Tenant | None) -> dict[str, Json] | None:
    if tenant is None:
        return None
    return {
        "id": tenant.id,
        "name": tenant.name,
        "obTenantId": tenant.ob_tenant_id,
        "mode": tenant.mode,
    }


def _creator_data(creator: Creator) -> dict[str, Json]:
    return {"id": creator.id, "name": creator.name}


def _format_optional(moment: datetime | None, format_time: FormatTime) -> str | None:
    return None if moment is None else format_time(moment)


def _drop_absent(**fields: Any) -> dict[str, Json]:
    """Return the fields that are not None, in their order."""
    return {name: value for name, value in fields.items() if value is not None}
