"""The OCP's rules (`understudy.ocp`), put in the shape that the pipeline asks for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from understudy import ocp
from understudy.contract import Contract, NoMethod, NoPath, Operation, Violation
from understudy.errors import InputError, Place, Problem
from understudy.messages import Request
from understudy.replay.service import ApiError, Call, Decision, ResponseMeta, UnrenderedResponse
from understudy.scenario import Scenario, assign_task_ids, parse_added_task, start_added_task

FORCE, ADD = "force", "add"
"""The operation of the command that the control API has beside those of the contract."""
SERVER = "10.0.0.1:8080"
"""What the envelope's `server` says. Always the same, so that equal runs give equal bytes."""


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except ocp.OcpError as refusal:
        raise ApiError(refusal) from refusal


class OcpService:
    """Tasks, accounts and errors of the OCP."""

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
            what = f'the contract lacks operations that the service "ocp" answers: {", ".join(missing)}'
            hint = "Take info.x-understudy-service out to have examples and samples answer."
            raise InputError(
                Problem("operations-missing", what, contract.place("/info"), hint=hint)
            )
        self._contract = contract
        self._scenario = scenario
        self._auth = auth
        self._skew = skew

    def world_of(self, request: Request) -> str:
        """Give the world in the user name or access key: `admin+w1`."""
        return ocp.world_of(request, self._scenario.accounts)

    def authenticate(self, request: Request, wall: datetime) -> str:
        """Give the account's name. A signature's date is compared with `wall`, whatever the world's clock says."""
        if not self._auth:
            return ""
        with _refusing():
            return ocp.authenticate(
                request, self._scenario.accounts, wall=wall, skew=self._skew
            ).account.name

    def authorize(self, account: str, operation: Operation) -> None:
        """Check the permission that the contract names for the operation."""
        if operation.permission and self._auth:
            with _refusing():
                ocp.authorize(self._scenario.accounts[account], operation.permission)

    def no_route_error(self, route: NoPath | NoMethod) -> ApiError:
        """Answer in OCP's own words that there is no such path or method."""
        if isinstance(route, NoMethod):
            return ApiError(ocp.OcpError(ocp.ErrorKind.METHOD_NOT_SUPPORTED))
        return ApiError(ocp.OcpError(ocp.ErrorKind.PATH_NOT_FOUND, (route.path,)))

    def raise_for_violations(self, violations: tuple[Violation, ...]) -> None:
        """Refuse the first violation: 1001, or 1011 for a sort field that does not exist."""
        first = violations[0]
        name = first.place.partition(".")[2]
        if name == "sort" and isinstance(first.value, str):
            field = first.value.partition(",")[0]
            if field not in ocp.SORT_FIELDS:
                raise ApiError(ocp.OcpError(ocp.ErrorKind.UNKNOWN_SORT_FIELD, (field,)))
        raise ApiError(ocp.OcpError(ocp.ErrorKind.ILLEGAL_VALUE, (name or first.place,)))

    def rate_limit_error(self) -> ApiError:
        """Answer 429 in the envelope."""
        return ApiError(ocp.OcpError(ocp.ErrorKind.THROTTLED))

    def build_error(
        self, code: int, message: str, operation: Operation | None, values: Mapping[str, Any]
    ) -> ApiError:
        """Give an entry of OCP's catalogue, its sentence filled with what the call is about."""
        ids = (values.get("subtaskInstanceId"), values.get("taskInstanceId"))
        about = next((str(value) for value in ids if value is not None), "")
        if about:  # of several entries with a status, the one that speaks of a task
            code = {404: 4001, 400: 4007}.get(code, code)
        params = (about, ocp.TaskStatus.RUNNING.value) if about else (next(iter(values), "size"),)
        return ApiError(ocp.build_error(code, params, message=message))

    def status_of(self, model: Any, task: int, subtask: int | None) -> str | None:
        """Give the word on the wire."""
        platform: ocp.TaskStore = model
        found = platform.tasks.get(task)
        if found is None or subtask is None:
            return found.status.value if found else None
        part = found.subtask(subtask)
        return part.status.value if part else None

    def observe(self, model: Any, values: Mapping[str, Any]) -> Any:
        """Give the statuses of the task that a call names, and of its subtasks."""
        platform: ocp.TaskStore = model
        task = platform.tasks.get(values.get("taskInstanceId", 0))
        if task is None:
            return None
        subtasks = {str(subtask.id): subtask.status.value for subtask in task.subtasks}
        return {"task": task.id, "status": task.status.value, "subtasks": subtasks}

    def start(self, moment: datetime) -> ocp.TaskStore:
        """Give the scenario's tasks for a clock that starts at a moment."""
        return self._scenario.build_task_store(moment)

    def advance(self, model: Any, now: datetime) -> ocp.TaskStore:
        """Let happen to the tasks what has happened until now."""
        platform: ocp.TaskStore = model
        return platform.advance(platform.time_mapping.to_task_time(now))

    def apply_command(self, model: Any, command: dict[str, Any]) -> ocp.TaskStore:
        """Apply a remembered command: the API's; `force`, which puts a task into a state; `add`, which adds one."""
        platform: ocp.TaskStore = model
        at = platform.time_mapping.to_task_time(datetime.fromisoformat(command["at"]))
        name, task, subtask = command["operation"], command["task"], command["subtask"]
        if name == ADD:
            return platform.with_task(self._joined(command, platform.time_mapping), at, command)
        with _refusing():
            if name == FORCE:
                return platform.force(task, subtask, command["status"], at)
            return platform.apply(ocp.Command(name, task, subtask, at))

    def fold(self, model: Any) -> Any:
        """Give how the changed tasks stand, and how many of those to come have begun."""
        platform: ocp.TaskStore = model
        changed = platform.tasks.changed.values()
        waiting = [task.id for task in platform.upcoming]
        tasks = {str(task.id): ocp.task_to_record(task) for task in changed}
        return {
            "tasks": tasks,
            "waiting": waiting,
            "joined": [dict(command) for command in platform.add_commands],
        }

    def unfold(self, model: Any, checkpoint: Any) -> ocp.TaskStore:
        """Give the platform with the changed tasks as they stood."""
        platform: ocp.TaskStore = model
        added = [
            self._joined(command, platform.time_mapping) for command in checkpoint.get("joined", ())
        ]
        planned = {task.id: task for task in (*platform.upcoming, *added)}
        platform = replace(platform, add_commands=tuple(checkpoint.get("joined", ())))
        waiting = [task for task in added if task.id in checkpoint["waiting"]]
        unborn = sorted((*platform.upcoming, *waiting), key=lambda task: task.create_time)
        platform = replace(platform, upcoming=tuple(unborn))
        tasks = [
            ocp.task_from_record(planned.get(int(task_id)) or platform.tasks[int(task_id)], record)
            for task_id, record in checkpoint["tasks"].items()
        ]
        return platform.restore(tasks)

    def build_add_command(self, model: Any, told: Any) -> dict[str, Any]:
        """Give the command that adds a task, told like one in a scenario; ids that are not told follow the highest.

        Raises InputError with all that is wrong with it.
        """
        platform: ocp.TaskStore = model
        plan = parse_added_task(told, self._scenario)
        known = [
            *platform.tasks.changed.values(),
            *platform.upcoming,
            *(one.task for one in self._scenario.plans),
        ]
        highest = max([platform.tasks.highest_id, *(task.id for task in known)])
        task_id = plan.task.id if "id" in told else highest + 1
        if task_id in platform.tasks or any(task_id == one.id for one in platform.upcoming):
            raise InputError(
                Problem("duplicate-id", f"there is a task {task_id} already", Place("body/id"))
            )
        crowd = self._scenario.crowd
        last = max((subtask.id for task in known for subtask in task.subtasks), default=0)
        last = max(last, crowd.last_subtask_id) if crowd else last
        whole = assign_task_ids(told, task_id, last + 1)
        parse_added_task(whole, self._scenario, self._contract)
        return {"operation": ADD, "task": task_id, "subtask": None, "told": whole}

    def _joined(self, command: Mapping[str, Any], calendar: ocp.TimeMapping) -> ocp.Task:
        plan = parse_added_task(command["told"], self._scenario)
        return start_added_task(
            plan, calendar.to_task_time(datetime.fromisoformat(command["at"])), calendar.origin
        )

    def decide(self, model: Any, call: Call) -> Decision:
        """Look up, or apply a command."""
        name = call.operation.id
        platform: ocp.TaskStore = model
        calendar = platform.time_mapping
        with _refusing():
            if ocp.OPERATIONS[name] is ocp.OperationKind.QUERY:
                now = calendar.to_task_time(call.now)
                return Decision(ocp.answer_query(name, platform.tasks, call.values, now, calendar))
            command = {
                "operation": name,
                "task": call.values["taskInstanceId"],
                "subtask": call.values.get("subtaskInstanceId"),
                "at": call.now.isoformat(),
            }
            after = self.apply_command(platform, command)
        task = after.tasks[command["task"]]
        return Decision(
            ocp.command_response_data(name, task, command["subtask"], ocp.time_formatter(calendar)),
            command,
            after,
        )

    def success_response(
        self, operation: Operation, decision: Decision, stamp: ResponseMeta
    ) -> UnrenderedResponse:
        """Put data into the success envelope."""
        body = ocp.success_envelope(
            decision.data,
            now=stamp.now,
            duration_ms=stamp.duration_ms,
            status=200,
            trace_id=stamp.trace_id,
            server=SERVER,
        )
        return UnrenderedResponse(200, body)

    def error_response(
        self, reason: Any, request: Request, stamp: ResponseMeta
    ) -> UnrenderedResponse:
        """Put a refusal into the error envelope, in the client's language."""
        body = ocp.error_envelope(
            reason,
            language=ocp.language_of(request),
            now=stamp.now,
            duration_ms=stamp.duration_ms,
            trace_id=stamp.trace_id,
            server=SERVER,
        )
        return UnrenderedResponse(
            body["status"], body, _challenge(request) if body["status"] == 401 else ()
        )

    def example_calls(self, model: Any) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Give the list, a task that failed (else any), and the log of one of its subtasks that has run."""
        operations = self._contract.operations
        yield operations["listTaskInstances"], {}
        platform: ocp.TaskStore = model
        found, _ = ocp.select_page(
            platform.tasks, {"status": ["FAILED"]}, ocp.SortOrder("id", descending=False), 0, 1
        )
        task = next(iter(found or platform.tasks.values()), None)
        if task is None:
            return
        yield operations["getTaskInstance"], {"taskInstanceId": task.id}
        subtask = next(
            (s for s in task.subtasks if s.status is ocp.SubtaskStatus.FAILED), task.subtasks[0]
        )
        yield (
            operations["getSubtaskLog"],
            {"taskInstanceId": task.id, "subtaskInstanceId": subtask.id},
        )


def _challenge(request: Request) -> tuple[tuple[str, str], ...]:
    # A page's own fetch must not make the browser open its login box: the page has a login of its own. RFC 9110
    # 11.6.1 asks for a challenge all the same; the signed scheme is one that no browser answers.
    navigates = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return (
        (
            "WWW-Authenticate",
            'Basic realm="OCP", charset="UTF-8"' if navigates else "OCP-ACCESS-KEY-HMACSHA1",
        ),
    )
