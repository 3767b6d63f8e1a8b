"""Handlers: the tasks of a world, for contracts that the service `ocp` answers."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from understudy import ocp
from understudy.control.api.api_call import Call, json_response
from understudy.control.api.control_problems import ControlProblem, from_problems
from understudy.control.handlers.world_handlers import get_clock, require_reachable
from understudy.errors import InputError
from understudy.messages import Response
from understudy.replay import World
from understudy.replay.ocp_service import FORCE, OcpService
from understudy.replay.service import ApiError
from understudy.replay.world_state import State


def list_tasks(call: Call) -> Response:
    """Tell the tasks that have begun, by id, then those to come."""
    platform = _platform(_world(call))
    status, limit = call.values.get("status"), call.values["limit"]
    filters = {"status": [status]} if status else {}
    found, total = ocp.select_page(
        platform.tasks, filters, ocp.SortOrder("id", descending=False), 0, limit
    )
    to_come = () if status else platform.upcoming
    told = [_summary(platform, task, begun=True) for task in found]
    told += [_summary(platform, task, begun=False) for task in to_come[: limit - len(told)]]
    return json_response({"tasks": told, "total": total + len(to_come)})


def get_task(call: Call) -> Response:
    """Tell a task with its subtasks."""
    return json_response(_task_record(_platform(_world(call)), call.values["taskId"]))


def add_task(call: Call) -> Response:
    """Add a task that begins now, or when it says."""
    world = _world(call)
    wall = world.wall.now()

    def change(state: State) -> tuple[State, int]:
        service, now = world.service, state.clock.now(wall)
        assert isinstance(service, OcpService)  # noqa: S101 - _world has looked
        model = world.model_of(state, now)
        command = {**service.build_add_command(model, call.body), "at": now.isoformat()}
        service.apply_command(model, command)
        return state.with_command(command), command["task"]

    try:
        task_id = world.update(change)
    except InputError as error:
        raise from_problems("bad-request", error.problems) from error
    return json_response(_task_record(_platform(world), task_id), 201)


def force_task(call: Call) -> Response:
    """Put a task into a status."""
    return _forced(call, None)


def force_subtask(call: Call) -> Response:
    """Put a subtask into a status."""
    subtask_id = call.values["subtaskId"]
    task = _find(_platform(_world(call)), call.values["taskId"])
    if task.subtask(subtask_id) is None:
        known = ", ".join(str(one.id) for one in task.subtasks)
        raise ControlProblem(
            "no-such-task", f"The task {task.id} has no subtask {subtask_id}. It has {known}."
        )
    return _forced(call, subtask_id)


def step_task(call: Call) -> Response:
    """Move the clock of the world to what happens to a task next."""
    world, task_id = _world(call), call.values["taskId"]
    wall = world.wall.now()

    def change(state: State) -> tuple[State, None]:
        platform: ocp.TaskStore = world.model_of(state, state.clock.now(wall))
        _find(platform, task_id)
        moment = _next_of(platform, task_id)
        if moment is None:
            detail = f"The task {task_id} has ended, or what it does never ends."
            raise ControlProblem("nothing-to-come", detail)
        return replace(
            state, clock=state.clock.move_to(require_reachable(lambda: moment), wall)
        ), None

    world.update(change)
    return get_task(call)


def step_clock(call: Call) -> Response:
    """Move the clock of the world to what happens next to any task."""
    world = _world(call)
    wall = world.wall.now()

    def change(state: State) -> tuple[State, None]:
        platform: ocp.TaskStore = world.model_of(state, state.clock.now(wall))
        moment = platform.next_at
        if moment is None:
            raise ControlProblem(
                "nothing-to-come", "Every task has ended, or what it does never ends."
            )
        outer = require_reachable(lambda: platform.time_mapping.to_world_time(moment))
        return replace(state, clock=state.clock.move_to(outer, wall)), None

    world.update(change)
    return get_clock(call)


def _forced(call: Call, subtask_id: int | None) -> Response:
    world, task_id = _world(call), call.values["taskId"]
    _find(_platform(world), task_id)
    try:
        world.command(
            {
                "operation": FORCE,
                "task": task_id,
                "subtask": subtask_id,
                "status": call.body["status"],
            }
        )
    except ApiError as refused:
        raise ControlProblem("no-such-task", f"{refused}.") from refused
    return get_task(call)


def _world(call: Call) -> World:
    world = call.world()
    if world.contract.service != "ocp":
        detail = f'The contract "{world.contract.title}" is answered by its examples: there are no tasks in it.'
        raise ControlProblem("no-tasks", detail)
    return world


def _platform(world: World) -> ocp.TaskStore:
    platform: ocp.TaskStore = world.model()
    return platform


def _find(platform: ocp.TaskStore, task_id: int) -> ocp.Task:
    task = platform.tasks.get(task_id) or next(
        (one for one in platform.upcoming if one.id == task_id), None
    )
    if task is None:
        raise ControlProblem("no-such-task", f"The world has no task {task_id}.")
    return task


def _task_record(platform: ocp.TaskStore, task_id: int) -> dict[str, Any]:
    begun = task_id in platform.tasks
    task = _find(platform, task_id)
    subtasks = [_subtask(subtask) for subtask in task.subtasks]
    return {**_summary(platform, task, begun=begun), "subtasks": subtasks}


def _next_of(platform: ocp.TaskStore, task_id: int) -> datetime | None:
    """Give when something happens to a task next, on the world's clock."""
    moment = platform.next_event_of(task_id)
    return None if moment is None else platform.time_mapping.to_world_time(moment)


def _summary(platform: ocp.TaskStore, task: ocp.Task, *, begun: bool) -> dict[str, Any]:
    upcoming = _next_of(platform, task.id)
    return {
        "id": task.id,
        "name": task.name,
        "status": task.status.value if begun else None,
        "operation": task.operation.value,
        "next": upcoming.isoformat() if upcoming else None,
    }


def _subtask(subtask: ocp.Subtask) -> dict[str, Any]:
    played = [
        execution
        for execution in subtask.executions
        if execution.operation is not ocp.Operation.ROLLBACK
    ]
    return {
        "id": subtask.id,
        "name": subtask.name,
        "status": subtask.status.value,
        "operation": subtask.operation.value,
        "after": list(subtask.upstreams),
        "played": len(subtask.executions),
        "runsLeft": max(0, len(subtask.runs) - len(played)),
    }
