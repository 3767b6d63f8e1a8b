"""Plans of tasks to draw, and how to compare a plan with a task of the engine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from naive_engine import NaiveEngine, NaiveError, Plan, PlannedNode, PlannedRun
from understudy.ocp import (
    Command,
    OcpError,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    apply_to_task,
    begin,
)

ORIGIN = datetime(2021, 8, 25, 15, 9, 31, 697_000, tzinfo=UTC)
"""The clock's start: not a whole second, since ticks count from it."""
MS = timedelta(milliseconds=1)
NODE = "10.0.0.7"

TASK_COMMANDS = ("retryTask", "rollbackTask")
SUBTASK_COMMANDS = ("retrySubtask", "skipSubtask", "cancelSubtask")
COMMANDS = (*TASK_COMMANDS, *SUBTASK_COMMANDS)
MISSING = 99

# Drawing


def slots(first: int, last: int) -> list[int]:
    """Return milliseconds in steps of 100.

    Whole seconds, with many events at one instant, are there three times.
    """
    return [
        *range(first * 1000, last * 1000 + 1, 100),
        *(2 * [n * 1000 for n in range(first, last + 1)]),
    ]


def weighted_choice(*choices: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Draw from one of several strategies, each as often as its weight."""
    pool = [choice for weight, choice in choices for _ in range(weight)]
    return st.sampled_from(pool).flatmap(lambda choice: choice)


# Pools to take from with one draw: drawing is what costs time in these tests.
TAKES = [*slots(0, 3), 0, 0, 0, *([None] * 5)]
RUNS = st.lists(
    st.sampled_from(
        [PlannedRun(takes, fails) for fails in [False] * 7 + [True] * 3 for takes in TAKES]
    ),
    min_size=1,
    max_size=3,
).map(tuple)
SELDOM = st.sampled_from([False] * 29 + [True])


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Draw the upstreams of each subtask by number: chains, diamonds, wide graphs, any other."""
    count = draw(st.integers(1, 7))
    shape = draw(st.sampled_from(["any", "any", "wide", "chain", "diamond"]))
    if shape == "wide":
        return [()] * count
    if shape == "chain":
        return [(i - 1,) if i else () for i in range(count)]
    if shape == "diamond" and count > 2:
        return [(), *([(0,)] * (count - 2)), tuple(range(1, count - 1))]
    return [
        tuple(draw(st.sets(st.integers(0, i - 1), max_size=3))) if i else () for i in range(count)
    ]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw tasks that have not begun. The ids are in no order; the series is."""
    graph = draw(graphs())
    ids = draw(st.permutations(range(1, len(graph) + 1)))
    nodes = tuple(
        PlannedNode(
            id=ids[number],
            upstreams=tuple(ids[up] for up in upstreams),
            timeout=draw(st.sampled_from([0, 0, 1, 2, 3])) * 1000,
            retries=draw(st.sampled_from([0, 0, 1, 2])),
            prohibits=draw(SELDOM),
            runs=draw(RUNS),
            rollbacks=draw(RUNS),
        )
        for number, upstreams in enumerate(graph)
    )
    limit = draw(st.sampled_from([1, 2, 3, *range(1, 11)]))
    return Plan(nodes, limit=limit, prohibits=draw(SELDOM), at=draw(st.sampled_from(slots(-5, 2))))


AIMS = st.tuples(st.sampled_from(COMMANDS), st.integers(0, 7))
"""A command, and the number of its subtask; too high a number is a missing subtask."""


def target_id(plan: Plan, name: str, number: int) -> int | None:
    """Return the id that a command acts on."""
    if name in TASK_COMMANDS:
        return None
    return plan.nodes[number].id if number < len(plan.nodes) else MISSING


# Between the two


def moment(ms: int) -> datetime:
    """Return the moment some milliseconds after the clock's start."""
    return ORIGIN + ms * MS


def build_task(plan: Plan) -> Task:
    """Build the engine's task of a plan; it has not begun."""
    downstreams = {
        node.id: tuple(n.id for n in plan.nodes if node.id in n.upstreams) for node in plan.nodes
    }
    subtasks = tuple(
        Subtask(
            id=node.id,
            name=f"Step {number}",
            series_id=number,
            create_time=ORIGIN,
            timeout_s=node.timeout // 1000,
            retries=node.retries,
            upstreams=node.upstreams,
            downstreams=downstreams[node.id],
            prohibit_rollback=node.prohibits,
            runs=tuple(_run(run) for run in node.runs),
            rollbacks=tuple(_run(run) for run in node.rollbacks),
        )
        for number, node in enumerate(plan.nodes)
    )
    return Task(
        id=plan.id,
        name="Prepare host",
        create_time=ORIGIN,
        subtasks=subtasks,
        executor=NODE,
        concurrency=plan.limit,
        prohibit_rollback=plan.prohibits,
    )


def begin_task(plan: Plan) -> Task:
    """Build the engine's task of a plan, as it begins."""
    return begin(build_task(plan), moment(plan.at), ORIGIN)


def command(task: Task, name: str, target: int | None, at: int) -> Task:
    """Return the engine's task after a command at the moment up to which it was advanced.

    Raises OcpError.
    """
    return apply_to_task(task, Command(name, task.id, target, moment(at)), ORIGIN)


def try_command(task: Task, name: str, target: int | None, at: int) -> Task:
    """Return the same, or the unchanged task when the command is rejected."""
    try:
        return command(task, name, target, at)
    except OcpError:
        return task


def try_naive_command(naive: NaiveEngine, name: str, target: int | None) -> None:
    """Give a command to the naive engine; a rejected one changes nothing."""
    try:
        naive.command(name, target)
    except NaiveError:
        return


def _run(plan: PlannedRun) -> Run:
    takes = None if plan.takes is None else plan.takes * MS
    return Run(takes, SubtaskStatus.FAILED if plan.fails else SubtaskStatus.SUCCESSFUL)


# What is compared


def view(task: Task) -> dict[str, Any]:
    """Return everything that a client can see of a task, as the naive engine shows it."""
    return {
        "task": (task.status, task.operation, _ms(task.start_time), _ms(task.finish_time)),
        "rollback prohibited": task.rollback_prohibited,
        "subtasks": {subtask.id: dict(_visible_fields(subtask)) for subtask in task.subtasks},
    }


def _visible_fields(subtask: Subtask) -> Iterator[tuple[str, Any]]:
    yield "status", subtask.status
    yield "operation", subtask.operation
    yield "run_time", subtask.run_time
    yield "executor", {None: False, NODE: True}[subtask.executor]
    yield "start", _ms(subtask.start_time)
    yield "finish", _ms(subtask.finish_time)
    yield (
        "executions",
        [
            (
                e.operation,
                _planned_run(e.operation, e.run),
                _ms(e.started),
                _ms(e.ended),
                e.outcome,
                e.cause,
            )
            for e in subtask.executions
        ],
    )


def _planned_run(operation: Operation, run: Run) -> PlannedRun | None:
    if operation is Operation.SKIP:
        return None
    return PlannedRun(
        None if run.takes is None else run.takes // MS, run.ends is SubtaskStatus.FAILED
    )


def _ms(at: datetime | None) -> float | None:
    return None if at is None else (at - ORIGIN) / MS
