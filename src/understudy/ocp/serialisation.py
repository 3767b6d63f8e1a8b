"""Tasks as data: the canonical names, in the documents' order. What is absent is left out."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from understudy.clock import iso_time
from understudy.ocp.task_model import Cluster, Creator, Subtask, Task, Tenant

FormatTime = Callable[[datetime], str]
"""How a moment is written."""


def task_summary(task: Task, show: FormatTime = iso_time) -> dict[str, Any]:
    """Give a task as the list shows it."""
    return _present(
        id=task.id,
        name=task.name,
        cluster=_cluster(task.cluster),
        tenant=_tenant(task.tenant),
        creator=_creator(task.creator),
        status=task.status.value,
        startTime=show(task.start_time),
        finishTime=_time(task.finish_time, show),
        subtasks=[_subtask_summary(subtask) for subtask in _on_the_wire(task)],
    )


def task_detail(task: Task, show: FormatTime = iso_time) -> dict[str, Any]:
    """Give a task with everything that is documented of it."""
    return _present(
        id=task.id,
        name=task.name,
        taskDefinitionId=task.definition_id,
        cluster=_cluster(task.cluster),
        tenant=_tenant(task.tenant),
        creator=_creator(task.creator),
        status=task.status.value,
        type=task.type,
        operation=task.operation.value,
        executor=task.executor,
        prohibitRollback=task.rollback_prohibited,
        subtasks=[subtask_detail(subtask, show) for subtask in _on_the_wire(task)],
        createTime=show(task.create_time),
        startTime=show(task.start_time),
        finishTime=_time(task.finish_time, show),
    )


def subtask_detail(subtask: Subtask, show: FormatTime = iso_time) -> dict[str, Any]:
    """Give a subtask with everything that is documented of it."""
    return _present(
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
        createTime=show(subtask.create_time),
        startTime=_time(subtask.start_time, show),
        finishTime=_time(subtask.finish_time, show),
    )


def _subtask_summary(subtask: Subtask) -> dict[str, Any]:
    return {
        "id": subtask.id,
        "name": subtask.name,
        "description": subtask.description or subtask.name,
        "status": subtask.status.value,
        "operation": subtask.operation.value,
    }


def _on_the_wire(task: Task) -> list[Subtask]:
    # By id, as they come out of the real server's table: seldom the order of the graph, and a client must not think so.
    return sorted(task.subtasks, key=lambda subtask: subtask.id)


def _cluster(cluster: Cluster | None) -> dict[str, Any] | None:
    if cluster is None:
        return None
    return {
        "id": cluster.id,
        "name": cluster.name,
        "obClusterId": cluster.ob_cluster_id,
        "type": cluster.type,
    }


def _tenant(tenant: Tenant | None) -> dict[str, Any] | None:
    if tenant is None:
        return None
    return {
        "id": tenant.id,
        "name": tenant.name,
        "obTenantId": tenant.ob_tenant_id,
        "mode": tenant.mode,
    }


def _creator(creator: Creator) -> dict[str, Any]:
    return {"id": creator.id, "name": creator.name}


def _time(moment: datetime | None, show: FormatTime) -> str | None:
    return None if moment is None else show(moment)


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
