"""Handlers of the tasks of a world, for contracts that the service `ocp` serves.

Changes are functions of the state that `World.update` may call again with a newer state. So they
read the tasks from the state that they get, and take the wall-clock time once, outside.
"""

from dataclasses import replace
from datetime import datetime

from understudy import ocp
from understudy.control.api.api_call import Call, json_response
from understudy.control.api.control_problems import ControlProblem, from_problems
from understudy.control.api.world_types import SubtaskRecord, TaskRecord, TaskSummary
from understudy.control.handlers.world_handlers import get_clock, require_reachable
from understudy.errors import InputError
from understudy.messages import Response
from understudy.replay import World
from understudy.replay.ocp_service import FORCE, OcpService
from understudy.replay.service import ApiError
from understudy.replay.world_state import State

_BY_ID = ocp.SortOrder("id", descending=False)


def list_tasks(call: Call) -> Response:
    """List the tasks that have started, by id, then those that have not."""
    store = _task_store(_task_world(call))
    status: str | None = call.values.get("status")
    limit: int = call.values["limit"]
    filters = {"status": [status]} if status else {}
    started, total = ocp.select_page(store.tasks, filters, _BY_ID, 0, limit)
    # A task that has not started has no status, so no filter matches it.
    upcoming = () if status else store.upcoming
    records = [_summarize(store, task, has_started=True) for task in started]
    for task in upcoming[: limit - len(records)]:
        records.append(_summarize(store, task, has_started=False))
    return json_response({"tasks": records, "total": total + len(upcoming)})


def get_task(call: Call) -> Response:
    """Return a task with its subtasks."""
    store = _task_store(_task_world(call))
    return json_response(_describe_task(store, call.values["taskId"]))


def add_task(call: Call) -> Response:
    """Add a task that starts now, or at its `at`.

    Raises ControlProblem (`bad-request`) with all problems of the task.
    """
    world = _task_world(call)
    wall = world.wall.now()

    def change(state: State) -> tuple[State, int]:
        service = world.service  # a reload may have replaced it
        if not isinstance(service, OcpService):
            raise _no_tasks(world)
        now = state.clock.now(wall)
        model = world.model_of(state, now)
        command = {**service.build_add_command(model, call.body), "at": now.isoformat()}
        service.apply_command(model, command)
        return state.with_command(command), command["task"]

    try:
        task_id = world.update(change)
    except InputError as error:
        raise from_problems("bad-request", error.problems) from error
    return json_response(_describe_task(_task_store(world), task_id), 201)


def force_task(call: Call) -> Response:
    """Set the status of a task."""
    return _force(call, None)


def force_subtask(call: Call) -> Response:
    """Set the status of a subtask."""
    subtask_id: int = call.values["subtaskId"]
    task = _find_task(_task_store(_task_world(call)), call.values["taskId"])
    if task.subtask(subtask_id) is None:
        known = ", ".join(str(subtask.id) for subtask in task.subtasks)
        detail = f"The task {task.id} has no subtask {subtask_id}. It has {known}."
        raise ControlProblem("no-such-task", detail)
    return _force(call, subtask_id)


def step_task(call: Call) -> Response:
    """Move the clock of the world to the next event of a task.

    Raises ControlProblem (`nothing-to-come`) for a task without a next event.
    """
    world = _task_world(call)
    task_id: int = call.values["taskId"]
    wall = world.wall.now()

    def change(state: State) -> tuple[State, None]:
        store: ocp.TaskStore = world.model_of(state, state.clock.now(wall))
        _find_task(store, task_id)
        moment = _next_event(store, task_id)
        if moment is None:
            detail = f"The task {task_id} has ended, or what it does never ends."
            raise ControlProblem("nothing-to-come", detail)
        clock = state.clock.move_to(require_reachable(lambda: moment), wall)
        return replace(state, clock=clock), None

    world.update(change)
    return get_task(call)


def step_clock(call: Call) -> Response:
    """Move the clock of the world to the next event of any task.

    Raises ControlProblem (`nothing-to-come`) when no task has a next event.
    """
    world = _task_world(call)
    wall = world.wall.now()

    def change(state: State) -> tuple[State, None]:
        store: ocp.TaskStore = world.model_of(state, state.clock.now(wall))
        moment = store.next_at
        if moment is None:
            detail = "Every task has ended, or what it does never ends."
            raise ControlProblem("nothing-to-come", detail)
        world_time = require_reachable(lambda: store.time_mapping.to_world_time(moment))
        return replace(state, clock=state.clock.move_to(world_time, wall)), None

    world.update(change)
    return get_clock(call)


def _force(call: Call, subtask_id: int | None) -> Response:
    """Set a status by a command, which snapshots and exports record."""
    world = _task_world(call)
    task_id: int = call.values["taskId"]
    _find_task(_task_store(world), task_id)
    command = {
        "operation": FORCE,
        "task": task_id,
        "subtask": subtask_id,
        "status": call.body["status"],
    }
    try:
        world.command(command)
    except ApiError as error:
        raise ControlProblem("no-such-task", f"{error}.") from error
    return get_task(call)


def _task_world(call: Call) -> World:
    """Return the world. Raises ControlProblem (`no-tasks`) for the contract of another service."""
    world = call.world()
    if world.contract.service != "ocp":
        raise _no_tasks(world)
    return world


def _no_tasks(world: World) -> ControlProblem:
    """Return the problem of a contract that another service serves."""
    title = world.contract.title
    detail = f'The contract "{title}" is served from its examples; there are no tasks in it.'
    return ControlProblem("no-tasks", detail)


def _task_store(world: World) -> ocp.TaskStore:
    """Return the tasks at the present time of the world."""
    store: ocp.TaskStore = world.model()
    return store


def _find_task(store: ocp.TaskStore, task_id: int) -> ocp.Task:
    """Return a task, also one that has not started. Raises ControlProblem."""
    task = store.tasks.get(task_id)
    if task is not None:
        return task
    for upcoming in store.upcoming:
        if upcoming.id == task_id:
            return upcoming
    raise ControlProblem("no-such-task", f"The world has no task {task_id}.")


def _next_event(store: ocp.TaskStore, task_id: int) -> datetime | None:
    """Return the time of the next event of a task, on the world's clock."""
    moment = store.next_event_of(task_id)
    return None if moment is None else store.time_mapping.to_world_time(moment)


def _describe_task(store: ocp.TaskStore, task_id: int) -> TaskRecord:
    """Return the record of a task with its subtasks."""
    task = _find_task(store, task_id)
    summary = _summarize(store, task, has_started=task_id in store.tasks)
    return {**summary, "subtasks": [_describe_subtask(subtask) for subtask in task.subtasks]}


def _summarize(store: ocp.TaskStore, task: ocp.Task, *, has_started: bool) -> TaskSummary:
    """Return the record of a task as in a list."""
    next_event = _next_event(store, task.id)
    return {
        "id": task.id,
        "name": task.name,
        "status": task.status.value if has_started else None,
        "operation": task.operation.value,
        "next": next_event.isoformat() if next_event else None,
    }


def _describe_subtask(subtask: ocp.Subtask) -> SubtaskRecord:
    # Rollbacks have a plan of their own: they use up no run.
    """Return the record of a subtask."""
    runs_used = sum(
        execution.operation is not ocp.Operation.ROLLBACK for execution in subtask.executions
    )
    return {
        "id": subtask.id,
        "name": subtask.name,
        "status": subtask.status.value,
        "operation": subtask.operation.value,
        "after": list(subtask.upstreams),
        "played": len(subtask.executions),
        "runsLeft": max(0, len(subtask.runs) - runs_used),
    }
