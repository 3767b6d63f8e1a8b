"""The service of OCP: adapts `understudy.ocp` to what the pipeline needs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from understudy import ocp
from understudy.clock import iso_time
from understudy.contract import Contract, NoMethod, NoPath, Operation, Violation
from understudy.errors import InputError, Place, Problem
from understudy.messages import Json, Request
from understudy.replay.service import (
    ApiError,
    Call,
    CommandRecord,
    Decision,
    ResponseMeta,
    UnrenderedResponse,
)
from understudy.scenario import (
    Scenario,
    TaskPlan,
    assign_task_ids,
    parse_added_task,
    start_added_task,
)

FORCE, ADD = "force", "add"
"""The operations of the commands that only the control API has."""
SERVER = "10.0.0.1:8080"
"""The envelope's `server`: always the same, so that equal runs give equal bytes."""


@contextmanager
def _converting_errors() -> Iterator[None]:
    """Convert an OcpError to the ApiError that the pipeline knows."""
    try:
        yield
    except ocp.OcpError as error:
        raise ApiError(error) from error


def _api_error(kind: ocp.ErrorKind, *params: str) -> ApiError:
    return ApiError(ocp.OcpError(kind, params))


class OcpService:
    """Tasks, accounts and errors of OCP: a `Service[TaskStore]`."""

    has_own_errors = True

    def __init__(
        self,
        contract: Contract,
        scenario: Scenario,
        *,
        auth: bool = True,
        skew: timedelta = ocp.SKEW,
    ) -> None:
        missing = sorted(set(ocp.OPERATIONS) - set(contract.operations))
        if missing:
            names = ", ".join(missing)
            message = f'the contract lacks operations that the service "ocp" answers: {names}'
            hint = "Remove info.x-understudy-service to have examples and samples answer."
            place = contract.place("/info")
            raise InputError(Problem("operations-missing", message, place, hint=hint))
        self._contract = contract
        self._scenario = scenario
        self._auth = auth
        self._skew = skew

    # --- callers

    def world_of(self, request: Request) -> str:
        """Return the world in the user name or access key: `admin+w1`."""
        return ocp.world_of(request, self._scenario.accounts)

    def authenticate(self, request: Request, wall: datetime) -> str:
        """Return the account's name; empty when the stub runs without authentication."""
        if not self._auth:
            return ""
        accounts = self._scenario.accounts
        with _converting_errors():
            identity = ocp.authenticate(request, accounts, wall=wall, skew=self._skew)
        return identity.account.name

    def authorize(self, account: str, operation: Operation) -> None:
        """Check the permission that the contract names for the operation."""
        if operation.permission and self._auth:
            with _converting_errors():
                ocp.authorize(self._scenario.accounts[account], operation.permission)

    def find_missing_credentials(self, operation: Operation, request: Request) -> tuple[()]:
        """Return nothing: OCP checks credentials itself, whatever its contract says of them."""
        return ()

    def no_route_error(self, route: NoPath | NoMethod) -> ApiError:
        """Build OCP's error for an unknown path (404) or method (405)."""
        if isinstance(route, NoMethod):
            return _api_error(ocp.ErrorKind.METHOD_NOT_SUPPORTED)
        return _api_error(ocp.ErrorKind.PATH_NOT_FOUND, route.path)

    def raise_for_violations(
        self, operation: Operation, violations: tuple[Violation, ...], *, accept: str = ""
    ) -> None:
        """Raise the error of the first violation: 1001, or 1011 for an unknown sort field."""
        first = violations[0]
        name = first.place.partition(".")[2]
        if name == "sort" and isinstance(first.value, str):
            field = first.value.partition(",")[0]
            if field not in ocp.SORT_FIELDS:
                raise _api_error(ocp.ErrorKind.UNKNOWN_SORT_FIELD, field)
        raise _api_error(ocp.ErrorKind.ILLEGAL_VALUE, name or first.place)

    def rate_limit_error(self) -> ApiError:
        """Build OCP's error 429."""
        return _api_error(ocp.ErrorKind.THROTTLED)

    def build_error(
        self,
        code: int,
        message: str,
        operation: Operation | None,
        values: Mapping[str, Any],
        *,
        accept: str = "",
    ) -> ApiError:
        """Build an error of OCP's catalogue; the call's ids fill its message."""
        ids = (values.get("subtaskInstanceId"), values.get("taskInstanceId"))
        affected = next((str(value) for value in ids if value is not None), "")
        if affected:
            # Of several entries with an HTTP status, the one about a task fits.
            code = {404: 4001, 400: 4007}.get(code, code)
            params: tuple[str, ...] = (affected, ocp.TaskStatus.RUNNING.value)
        else:
            params = (next(iter(values), "size"),)
        return ApiError(ocp.build_error(code, params, message=message))

    def documented_response(
        self, operation: Operation, status: int | None, **choice: object
    ) -> None:
        """Return None: the tasks answer, and the errors are those of the catalogue."""

    # --- the model

    def status_of(self, model: ocp.TaskStore, task: int, subtask: int | None) -> str | None:
        """Return the status of a task or subtask as responses hold it."""
        parent = model.tasks.get(task)
        if parent is None:
            return None
        if subtask is None:
            return parent.status.value
        part = parent.subtask(subtask)
        return part.status.value if part else None

    def observe(self, model: ocp.TaskStore, values: Mapping[str, Any]) -> Json:
        """Return the statuses of the task in a call's path, and of its subtasks.

        Keys: task (its id), status, subtasks (status by id).
        """
        task = model.tasks.get(values.get("taskInstanceId", 0))
        if task is None:
            return None
        subtasks: dict[str, Json] = {}
        for subtask in task.subtasks:
            subtasks[str(subtask.id)] = subtask.status.value
        return {"task": task.id, "status": task.status.value, "subtasks": subtasks}

    def start(self, moment: datetime) -> ocp.TaskStore:
        """Build the scenario's tasks for a clock that starts at a moment."""
        return self._scenario.build_task_store(moment)

    def advance(
        self, model: ocp.TaskStore, now: datetime, max_events: int | None = None
    ) -> ocp.TaskStore:
        """Return the tasks as they are at a moment of the world. Raises TooManyEventsError."""
        budget = None if max_events is None else ocp.EventBudget(max_events)
        return model.advance(model.time_mapping.to_task_time(now), budget)

    def apply_command(self, model: ocp.TaskStore, command: CommandRecord) -> ocp.TaskStore:
        """Apply a command: one of the API's, `force` (a state), or `add` (a task)."""
        at = model.time_mapping.to_task_time(datetime.fromisoformat(command["at"]))
        name, task, subtask = command["operation"], command["task"], command["subtask"]
        if name == ADD:
            return model.with_task(self._build_added_task(command, model), at, command)
        with _converting_errors():
            if name == FORCE:
                return model.force(task, subtask, command["status"], at)
            return model.apply(ocp.Command(name, task, subtask, at))

    def fold(self, model: ocp.TaskStore, before: ocp.TaskStore | None) -> dict[str, Json]:
        """Return the tasks that differ from the scenario's.

        Keys: tasks (records by id), waiting (ids of upcoming tasks), joined (add commands).
        """
        changed, ids = model.tasks.changed, list(model.tasks.changed)
        if before is not None:
            ids = changed.keys_that_differ(before.tasks.changed)
        data: dict[str, Json] = {
            "tasks": {str(task_id): ocp.task_to_record(changed[task_id]) for task_id in ids},
            "waiting": [task.id for task in model.upcoming],
        }
        if before is None or before.add_commands != model.add_commands:
            data["joined"] = [dict(command) for command in model.add_commands]
        return data

    def unfold(self, model: ocp.TaskStore, checkpoint: Mapping[str, Any]) -> ocp.TaskStore:
        """Return the tasks of a checkpoint."""
        commands = tuple(checkpoint.get("joined", ()))
        added = [self._build_added_task(command, model) for command in commands]
        waiting = [task for task in added if task.id in checkpoint["waiting"]]
        upcoming = sorted((*model.upcoming, *waiting), key=lambda task: task.create_time)
        # A task of the scenario that has begun is in `tasks`; all others are planned here.
        planned = {task.id: task for task in (*model.upcoming, *added)}
        tasks = []
        for task_id, record in checkpoint.get("tasks", {}).items():
            plan = planned.get(int(task_id)) or model.tasks[int(task_id)]
            tasks.append(ocp.task_from_record(plan, record))
        store = replace(model, add_commands=commands, upcoming=tuple(upcoming))
        return store.restore(tasks)

    def build_add_command(self, model: ocp.TaskStore, data: Mapping[str, Any]) -> CommandRecord:
        """Build the command that adds a task, written like a task of a scenario.

        Missing ids follow the highest ones. Raises InputError with every problem of the task.
        """
        plan = parse_added_task(data, self._scenario)
        task_id = plan.task.id
        if "id" not in data:
            task_id = self._highest_task_id(model) + 1
        if task_id in model.tasks or any(task_id == task.id for task in model.upcoming):
            message = f"there is a task {task_id} already"
            raise InputError(Problem("duplicate-id", message, Place("body/id")))
        complete = assign_task_ids(data, task_id, self._highest_subtask_id(model) + 1)
        # With its ids, the task is also validated against the contract.
        parse_added_task(complete, self._scenario, self._contract)
        return {"operation": ADD, "task": task_id, "subtask": None, "told": complete}

    def _known_tasks(self, model: ocp.TaskStore) -> list[ocp.Task]:
        planned = [plan.task for plan in self._scenario.plans]
        return [*model.tasks.changed.values(), *model.upcoming, *planned]

    def _highest_task_id(self, model: ocp.TaskStore) -> int:
        known = [task.id for task in self._known_tasks(model)]
        return max([model.tasks.highest_id, *known])

    def _highest_subtask_id(self, model: ocp.TaskStore) -> int:
        known = [subtask.id for task in self._known_tasks(model) for subtask in task.subtasks]
        crowd = self._scenario.crowd
        if crowd:
            known.append(crowd.last_subtask_id)
        return max(known, default=0)

    def _build_added_task(self, command: CommandRecord, model: ocp.TaskStore) -> ocp.Task:
        mapping = model.time_mapping
        plan: TaskPlan = parse_added_task(command["told"], self._scenario)
        at = mapping.to_task_time(datetime.fromisoformat(command["at"]))
        return start_added_task(plan, at, mapping.origin)

    # --- calls

    def is_current(self, model: ocp.TaskStore, now: datetime) -> bool:
        """Return whether no event is due at a moment of the world."""
        return not model.is_due(model.time_mapping.to_task_time(now))

    def version_of(
        self, model: ocp.TaskStore, operation: Operation, values: Mapping[str, Any]
    ) -> tuple[object, ...] | None:
        """Return the parts of the model that a query reads; None for a log and a command.

        A log depends on the moment itself: it grows while a subtask runs.
        """
        if operation.id == "listTaskInstances":
            return (model.time_mapping, model.tasks.version)
        if operation.id == "getTaskInstance":
            task = model.tasks.changed.get(values["taskInstanceId"])
            return (model.time_mapping, model.tasks.base if task is None else task)
        return None

    def relevant_parameters(
        self, operation: Operation, values: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return every parameter."""
        return values

    def content_of(
        self,
        model: ocp.TaskStore,
        operation: Operation,
        values: Mapping[str, Any],
        *,
        is_quick: bool = False,
    ) -> tuple[object, ...] | None:
        """Return the tasks of a page, and how many there are in all; None for other queries."""
        if operation.id != "listTaskInstances":
            return None
        tasks = model.tasks
        if is_quick and not ocp.is_list_at_hand(tasks, values):
            return None
        ids, total = ocp.list_ids(tasks, values)
        parts: list[object] = [model.time_mapping, total]
        for task_id in ids:
            # A task of the population never changes, and may be built anew at any time.
            parts += (task_id, tasks.changed.get(task_id, tasks.base))
        return tuple(parts)

    def meta_values(self, meta: ResponseMeta) -> tuple[Json, ...]:
        """Return timestamp, duration and trace id, as the envelope shows them."""
        return (iso_time(meta.now), meta.duration_ms, meta.trace_id)

    def decide(self, model: ocp.TaskStore, call: Call) -> Decision:
        """Answer a query, or apply a command."""
        name, mapping = call.operation.id, model.time_mapping
        if ocp.OPERATIONS[name] is ocp.OperationKind.QUERY:
            now = mapping.to_task_time(call.now)
            with _converting_errors():
                data = ocp.answer_query(
                    name,
                    model.tasks,
                    call.values,
                    now,
                    mapping,
                )
            return Decision(data)
        command = {
            "operation": name,
            "task": call.values["taskInstanceId"],
            "subtask": call.values.get("subtaskInstanceId"),
            "at": call.now.isoformat(),
        }
        after = self.apply_command(model, command)
        task = after.tasks[command["task"]]
        format_time = ocp.time_formatter(mapping)
        data = ocp.command_response_data(name, task, command["subtask"], format_time)
        return Decision(data, command, after)

    def success_response(self, decision: Decision, meta: ResponseMeta) -> UnrenderedResponse:
        """Build the success envelope around the data."""
        body = ocp.success_envelope(
            decision.data,
            now=meta.now,
            duration_ms=meta.duration_ms,
            status=200,
            trace_id=meta.trace_id,
            server=SERVER,
        )
        return UnrenderedResponse(200, body)

    def complete_sample(self, body: Json | bytes, status: int) -> Json | bytes:
        """Return generated data whose envelope has the right status."""
        return ocp.correct_envelope(body, status)

    def error_response(
        self, reason: ocp.OcpError, request: Request, meta: ResponseMeta
    ) -> UnrenderedResponse:
        """Build the error envelope, in the client's language."""
        body = ocp.error_envelope(
            reason,
            language=ocp.language_of(request),
            now=meta.now,
            duration_ms=meta.duration_ms,
            trace_id=meta.trace_id,
            server=SERVER,
        )
        status = reason.entry.status
        if status == 401:
            return UnrenderedResponse(status, body, (ocp.choose_challenge(request),))
        return UnrenderedResponse(status, body)

    def example_calls(self, model: ocp.TaskStore) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Yield the list, a task of the file (else any), and a log of it; failed ones first."""
        operations, tasks = self._contract.operations, model.tasks
        yield operations["listTaskInstances"], {}
        numbers = sorted(plan.task.id for plan in self._scenario.plans)
        written = [tasks[number] for number in numbers if number in tasks]
        failed = [task for task in written if task.status is ocp.TaskStatus.FAILED]
        if not written:  # a crowd alone
            order = ocp.SortOrder("id", descending=False)
            failed, _ = ocp.select_page(tasks, {"status": ["FAILED"]}, order, 0, 1)
        task = next(iter(failed or written or tasks.values()), None)
        if task is None:
            return
        yield operations["getTaskInstance"], {"taskInstanceId": task.id}
        subtask = _failed_subtask(task) or task.subtasks[0]
        ids = {"taskInstanceId": task.id, "subtaskInstanceId": subtask.id}
        yield operations["getSubtaskLog"], ids


def _failed_subtask(task: ocp.Task) -> ocp.Subtask | None:
    for subtask in task.subtasks:
        if subtask.status is ocp.SubtaskStatus.FAILED:
            return subtask
    return None
