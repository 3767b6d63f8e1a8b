"""Invariants that every sequence of commands keeps, on graphs of any shape."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ocp_builders import LATER, subtask, task
from understudy.ocp import COMMANDS, Command, OcpError, Task, TaskStatus, apply_command

ACTIVE = {"READY", "RUNNING", "CANCELING"}


@st.composite
def graphs(draw: st.DrawFn) -> Task:
    """Draw tasks with executed subtasks on a random graph."""
    count = draw(st.integers(1, 8))
    upstreams = [
        draw(st.sets(st.integers(0, i - 1), max_size=3)) if i else set() for i in range(count)
    ]
    status = draw(st.sampled_from(["FAILED", "RUNNING"]))
    choices = (
        ["SUCCESSFUL", "FAILED"]
        if status == "FAILED"
        else ["SUCCESSFUL", "FAILED", "RUNNING", "READY"]
    )
    states: list[str] = []
    for ups in upstreams:
        is_open = all(states[up] == "SUCCESSFUL" for up in ups)
        states.append(draw(st.sampled_from(choices)) if is_open else "PENDING")
    if status == "FAILED" and "FAILED" not in states:
        last = max(i for i, state in enumerate(states) if state == "SUCCESSFUL")
        states[last] = "FAILED"
    if status == "RUNNING" and not ACTIVE.intersection(states):
        status = "FAILED" if "FAILED" in states else "SUCCESSFUL"
    downs = [tuple(j for j, ups in enumerate(upstreams) if i in ups) for i in range(count)]
    subtasks = (
        subtask(i, states[i], upstreams=tuple(sorted(upstreams[i])), downstreams=downs[i])
        for i in range(count)
    )
    return task(*subtasks, status=status)


COMMAND = st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(0, 8))


def is_consistent(each: Task) -> bool:
    """Check the invariants, written here independently of the code."""
    status = {s.id: s.status.value for s in each.subtasks}
    if each.status is not TaskStatus.RUNNING and ACTIVE.intersection(status.values()):
        return False
    return all(
        status[up] == "SUCCESSFUL"
        for s in each.subtasks
        if s.status.value != "PENDING"
        for up in s.upstreams
    )


@given(graphs(), st.lists(COMMAND, max_size=12))
def test_commands_keep_the_invariants(before: Task, commands: list[tuple[str, int]]) -> None:
    """No command leaves an active subtask in a finished task, or one ahead of its upstreams."""
    assert is_consistent(before)
    tasks = {before.id: before}
    for name, subtask_id in commands:
        try:
            tasks = dict(apply_command(tasks, Command(name, before.id, subtask_id, LATER), LATER))
        except OcpError:
            continue
        assert is_consistent(tasks[before.id])


@given(graphs(), st.lists(COMMAND, max_size=12))
def test_allowed_command_runs_the_task(before: Task, commands: list[tuple[str, int]]) -> None:
    """After an allowed command the task is RUNNING, has an active subtask, and no finish time."""
    tasks = {before.id: before}
    for name, subtask_id in commands:
        try:
            tasks = dict(apply_command(tasks, Command(name, before.id, subtask_id, LATER), LATER))
        except OcpError:
            continue
        after = tasks[before.id]
        assert (after.status, after.finish_time) == (TaskStatus.RUNNING, None)
        assert ACTIVE.intersection(s.status.value for s in after.subtasks)


@given(graphs(), st.lists(COMMAND, max_size=12))
def test_commands_keep_graph_and_counts(before: Task, commands: list[tuple[str, int]]) -> None:
    """Commands never change the graph, and never reduce runTime."""
    seen = [before]
    tasks = {before.id: before}
    for name, subtask_id in commands:
        try:
            tasks = dict(apply_command(tasks, Command(name, before.id, subtask_id, LATER), LATER))
        except OcpError:
            continue
        seen.append(tasks[before.id])
    for old, new in pairwise(seen):
        assert [(s.id, s.upstreams, s.downstreams) for s in old.subtasks] == [
            (s.id, s.upstreams, s.downstreams) for s in new.subtasks
        ]
        assert all(
            a.run_time <= b.run_time for a, b in zip(old.subtasks, new.subtasks, strict=True)
        )
