"""Tasks as values of the engine.

A drawn plan is played by the engine, with drawn commands, up to a drawn moment. So every task is
one that the engine reaches: states, operations, run counts and times follow its rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import TypeVar

from hypothesis import strategies as st

from understudy import ocp
from understudy.strategies.ocp.task_options import (
    ANY_TASK,
    CREATORS,
    FAILING_PLAN,
    IDS,
    LETTERS,
    ROLLBACK_RUNS,
    SUBTASK_PLANS,
    SUCCEEDING_PLAN,
    TYPES,
    SubtaskPlan,
    TaskOptions,
)
from understudy.strategies.ocp.task_play import Commands, play_task
from understudy.strategies.schema.small_draws import pick

T = TypeVar("T")
COMMAND_NAMES = ("retryTask", "skipSubtask", "retrySubtask", "rollbackTask", "cancelSubtask")
"""The commands on tasks and subtasks: their operationIds, the simplest first."""
_MAX_INSTANTS = 12
"""How many events of the engine are played at most before a task is observed."""
_MAX_EDGE = 11
"""The greatest number that selects the upstreams of a subtask."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A subtask before it has a place in a graph."""

    id: int
    name: str
    plan: SubtaskPlan
    edge: int
    """Selects the upstreams, out of those that are possible."""
    prohibits_rollback: bool
    lines: tuple[str, ...] = ()


@st.composite
def _nodes(draw: st.DrawFn, options: TaskOptions) -> _Node:
    """Draw a subtask without upstreams."""
    plan, edge, prohibits_rollback = draw(_PLANS)
    lines = tuple(draw(_LINES)) if options.has_log_lines else ()
    return _Node(draw(IDS), draw(options.names), plan, edge, prohibits_rollback, lines)


# One draw for several values, since each draw costs time.
_PLANS = st.sampled_from(
    [(plan, edge, edge == _MAX_EDGE) for edge in range(_MAX_EDGE + 1) for plan in SUBTASK_PLANS]
)
_TASK_PROPERTIES = st.sampled_from(
    [
        (task_type, concurrency, number == 7)
        for number in range(8)
        for concurrency in (10, 1, 2)
        for task_type in TYPES
    ]
)
"""Type, concurrency, and whether rollback is prohibited, which is rare."""
_LINES = st.lists(st.text(LETTERS, max_size=60), max_size=4)
_COMMANDS = st.lists(st.tuples(st.sampled_from(COMMAND_NAMES), st.integers(0, 3)), max_size=3)
_INSTANTS = st.integers(0, _MAX_INSTANTS)


def task_models(options: TaskOptions = ANY_TASK) -> st.SearchStrategy[ocp.Task]:
    """Return tasks as values of the engine.

    They shrink towards one successful task with one subtask.

    Each is observed at a moment when it has one of the statuses of the options: RUNNING after some
    events of the engine, FAILED or SUCCESSFUL when nothing more happens without a command.
    """
    nodes = st.lists(
        _nodes(options),
        min_size=options.min_subtasks,
        max_size=options.max_subtasks,
        unique_by=lambda node: node.id,
    )
    return _tasks(options, nodes)


@st.composite
def _tasks(
    draw: st.DrawFn, options: TaskOptions, node_lists: st.SearchStrategy[list[_Node]]
) -> ocp.Task:
    """Draw a task and the commands, and play it until it has the drawn status."""
    status = pick(draw, options.statuses)
    nodes = draw(node_lists)
    start = draw(options.start_times)
    commands = _draw_commands(draw, options)
    task = _draw_task(draw, options, _prepare(nodes, options, status), start)
    instants = 0
    if status is ocp.TaskStatus.RUNNING:
        instants = draw(_INSTANTS) if options.instants is None else options.instants
    return play_task(task, status, commands, instants)


def _draw_commands(draw: st.DrawFn, options: TaskOptions) -> Commands:
    """Return the commands of the options, or drawn ones when these leave it open."""
    if options.commands is None:
        return draw(_COMMANDS)
    return [(name, 0) for name in options.commands]


def _draw_task(
    draw: st.DrawFn, options: TaskOptions, nodes: Sequence[_Node], start: datetime
) -> ocp.Task:
    """Draw a task that has not started, with subtasks for the nodes."""
    task_type, concurrency, prohibits_rollback = draw(_TASK_PROPERTIES)
    task_type = options.type or task_type
    return ocp.Task(
        id=draw(IDS) if options.id is None else options.id,
        name=draw(options.names),
        create_time=start,
        subtasks=_build_subtasks(nodes, options.graph, start),
        type=task_type,
        # A manual task has no definition: -1, the default of the engine.
        definition_id=-1 if task_type == "MANUAL" else draw(IDS),
        cluster=_draw_optional(draw, options.cluster, options.clusters),
        tenant=_draw_optional(draw, options.tenant, options.tenants),
        creator=draw(CREATORS),
        concurrency=concurrency,
        prohibit_rollback=prohibits_rollback and options.commands is None,
    )


def _prepare(nodes: list[_Node], options: TaskOptions, status: ocp.TaskStatus) -> list[_Node]:
    """Return nodes with the plans and ids that the options and the wanted status need.

    The first subtask fails when there are commands, so that these apply to it; of a task that has
    to fail without commands, the last one does.
    """
    if options.commands is not None:
        nodes = [replace(node, prohibits_rollback=False) for node in nodes]
        plan = FAILING_PLAN if options.commands else SUCCEEDING_PLAN
        nodes[0] = replace(nodes[0], plan=plan)
    elif status is ocp.TaskStatus.FAILED and not any(node.plan.fails for node in nodes):
        nodes = [*nodes[:-1], replace(nodes[-1], plan=FAILING_PLAN)]
    if options.id is not None:
        # Another node that has this id by chance gets the one below.
        others = [replace(node, id=node.id - (node.id == options.id)) for node in nodes[1:]]
        nodes = [replace(nodes[0], id=options.id), *others]
    return nodes


def _draw_optional(draw: st.DrawFn, present: bool | None, values: st.SearchStrategy[T]) -> T | None:
    """Draw a value that is present, absent, or (None) sometimes present."""
    if present is None:
        present = draw(st.booleans())
    if present:
        return draw(values)
    return None


# Graphs


def _build_subtasks(nodes: Sequence[_Node], graph: str, start: datetime) -> tuple[ocp.Subtask, ...]:
    """Return the subtasks of nodes, with `upstreams` and `downstreams` that agree."""
    upstreams = [
        _upstreams(index, node.edge, graph, len(nodes)) for index, node in enumerate(nodes)
    ]
    downstreams: list[list[int]] = [[] for _ in nodes]
    for index, indexes in enumerate(upstreams):
        for upstream in indexes:
            downstreams[upstream].append(nodes[index].id)
    return tuple(
        _build_subtask(
            node,
            index,
            start,
            upstreams=tuple(nodes[upstream].id for upstream in upstreams[index]),
            downstreams=tuple(downstreams[index]),
        )
        for index, node in enumerate(nodes)
    )


def _build_subtask(
    node: _Node,
    index: int,
    start: datetime,
    upstreams: tuple[int, ...],
    downstreams: tuple[int, ...],
) -> ocp.Subtask:
    """Return the subtask of a node, before anything has been executed."""
    log = tuple(map(ocp.LogLine, node.lines))
    return ocp.Subtask(
        id=node.id,
        name=node.name,
        series_id=index,
        create_time=start,
        timeout_s=node.plan.timeout_s,
        retries=node.plan.retries,
        parallel_idx=node.edge - 1,
        upstreams=upstreams,
        downstreams=downstreams,
        prohibit_rollback=node.prohibits_rollback,
        runs=tuple(replace(run, log=log) for run in node.plan.runs),
        rollbacks=ROLLBACK_RUNS[node.edge % 2],
    )


def _upstreams(index: int, edge: int, graph: str, count: int) -> tuple[int, ...]:
    """Return the indexes of the subtasks that one waits for.

    All are smaller, so that the graph is acyclic.

    Without a wanted form, `edge` selects none, one or two of the three subtasks before this one;
    the nearest come first, so that examples shrink to chains.
    """
    match graph:
        case "wide":
            return ()
        case "deep":
            if index:
                return (index - 1,)
            return ()
        case "diamond":
            return _diamond_upstreams(index, count)
        case "disconnected":  # two chains that have nothing in common
            if index > 1:
                return (index - 2,)
            return ()
        case _:
            near = range(max(index - 3, 0), index)
            choices = [chosen for size in range(3) for chosen in combinations(reversed(near), size)]
            return tuple(sorted(choices[edge % len(choices)]))


def _diamond_upstreams(index: int, count: int) -> tuple[int, ...]:
    """Return the upstreams in a graph that parts after the first subtask and joins in the last."""
    if not index:
        return ()
    if index < count - 1:
        return (0,)
    return tuple(range(1, count - 1))
