"""Checks of tasks that are history: their states must agree, and their times must be in order."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from understudy.durations import MAX_DURATION, Moment
from understudy.errors import ProblemReport
from understudy.ocp import ACTIVE, Execution, Subtask, Task, TaskStatus, find_contradictions
from understudy.scenario.initial_states import DeclaredState
from understudy.scenario.past_times import RUN_OPERATIONS, find_last_moment, measure_history
from understudy.scenario.scenario_model import UNSCHEDULED, TaskPlan

Pointers = Mapping[int, str]
"""The JSON pointers of the subtasks of a task, by id."""


class HistoryChecker:
    """Checks plans against the engine's rules and against the clock's start."""

    def __init__(self, clock_start: datetime | None, report: ProblemReport) -> None:
        self._has_start = clock_start is not None
        self._start = clock_start or UNSCHEDULED
        self._report = report

    def check(self, plan: TaskPlan, declared: DeclaredState, pointers: Pointers) -> None:
        """Report what is impossible in a plan.

        Times are only checked if the states are possible.
        """
        starts_allowed = self._check_run_starts(plan)
        if plan.is_history and self._check_states(plan, declared, pointers) and starts_allowed:
            self._check_times(plan, pointers)

    def _check_run_starts(self, plan: TaskPlan) -> bool:
        """Return whether the runs may have `at`.

        Report them if the task is not history with a start.
        """
        if not plan.run_starts or (plan.is_history and plan.at is not None):
            return True
        message = 'a run has the key "at", but its task does not have a start and a state'
        expected = 'the keys "at" and "state" of the task'
        self._report.add("run-without-history", message, plan.pointer, expected=expected)
        return False

    def _check_states(self, plan: TaskPlan, declared: DeclaredState, pointers: Pointers) -> bool:
        """Return whether the engine can reach the states. Report each contradiction."""
        task = plan.task
        contradictions = list(find_contradictions(task))
        for contradiction in contradictions:
            subject, pointer = f"task {task.id} contradicts itself", plan.pointer
            if contradiction.subtask_id is not None:
                subject = f"subtask {contradiction.subtask_id} contradicts its task"
                pointer = pointers[contradiction.subtask_id]
            message = f"{subject}: {contradiction.detail}"
            self._report.add("impossible-state", message, f"{pointer}/state")
        statuses = {subtask.status for subtask in task.subtasks}
        is_idle = declared.status is TaskStatus.RUNNING and not statuses & ACTIVE
        if is_idle:
            message = (
                f"task {task.id} contradicts itself: it is RUNNING, but no subtask is READY, "
                "RUNNING or CANCELING"
            )
            self._report.add("impossible-state", message, f"{plan.pointer}/state")
        return not contradictions and not is_idle

    def _check_times(self, plan: TaskPlan, pointers: Pointers) -> None:
        """Report history that is too long, out of order, or later than the clock's start."""
        if _is_too_long(plan):
            message = f"task {plan.task.id} is history that lasts longer than 100 years"
            self._report.add("bad-time", message, f"{plan.pointer}/subtasks", key=True)
            return
        moments = _list_given_moments(plan)
        has_times = any(isinstance(moment, datetime) for moment in moments)
        has_offsets = any(isinstance(moment, timedelta) for moment in moments)
        if not self._has_start and has_times and has_offsets:
            return  # their order depends on when the clock will start
        task = plan.task_at_start(self._start)
        self._check_sequence(plan, task, pointers)
        last = find_last_moment(task)
        if last > self._start and (self._has_start or not has_times):
            self._report_late_history(plan, last - self._start)

    def _report_late_history(self, plan: TaskPlan, late: timedelta) -> None:
        """Report history that is not over at the clock's start. `late` is the time after it."""
        seconds = -(-late // timedelta(seconds=1))  # rounded up
        message = (
            f"task {plan.task.id} is history, but its runs last until {timedelta(seconds=seconds)} "
            "after the clock's start"
        )
        hint = 'Give an earlier "at", or leave it out.'
        self._report.add("late-history", message, f"{plan.pointer}/at", hint=hint)

    def _check_sequence(self, plan: TaskPlan, task: Task, pointers: Pointers) -> None:
        """Report every given start of a run that is before the end of an execution it waits for."""
        runs = {subtask.id: _list_runs(subtask) for subtask in task.subtasks}
        for subtask in task.subtasks:
            for index, moment in enumerate(plan.run_starts.get(subtask.id, ())):
                if moment is None:
                    continue
                pointer = f"{pointers[subtask.id]}/runs/{index}/at"
                executions = runs[subtask.id]
                if index >= len(executions):
                    message = 'a run has the key "at", but in the state of its subtask it never ran'
                    self._report.add("run-without-history", message, pointer)
                    continue
                earliest = _find_earliest_start(task, subtask, index, runs)
                late = earliest - executions[index].started
                if late > timedelta(0):
                    message = f"the run starts {late} before the executions that it waits for end"
                    expected = f"a time at least {late} later"
                    self._report.add("bad-sequence", message, pointer, expected=expected)


def _list_given_moments(plan: TaskPlan) -> list[Moment]:
    """Return the start of the task and the starts of its runs, as far as the file gives them."""
    moments = [plan.at]
    for starts in plan.run_starts.values():
        moments += starts
    return [moment for moment in moments if moment is not None]


def _list_runs(subtask: Subtask) -> list[Execution]:
    """Return the executions of a subtask that correspond to `runs`, in order."""
    executions = subtask.executions
    return [execution for execution in executions if execution.operation in RUN_OPERATIONS]


def _find_earliest_start(
    task: Task,
    subtask: Subtask,
    index: int,
    runs: Mapping[int, list[Execution]],
) -> datetime:
    """Return the first moment at which a run may start.

    That is the end of the run before it, or for the first run the end of all upstreams.
    """
    awaited: list[Execution] = []
    if index:
        awaited.append(runs[subtask.id][index - 1])
    else:
        for upstream in subtask.upstreams:
            awaited += runs[upstream][-1:]
    earliest = task.start_time
    for execution in awaited:
        if execution.ended is not None:
            earliest = max(earliest, execution.ended)
    return earliest


def _is_too_long(plan: TaskPlan) -> bool:
    """Return whether the history is longer than any duration of the format."""
    try:
        return measure_history(plan.task, plan.order) > MAX_DURATION
    except OverflowError:  # beyond the calendar of datetime
        return True
