"""Whole worlds: scenarios with tasks, what will happen to them, and an account to log on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from hypothesis import strategies as st

from understudy.clock import iso_time
from understudy.messages import dump_json
from understudy.source import dump_yaml
from understudy.strategies.ocp.task_options import STARTS
from understudy.strategies.schema.small_draws import Printer
from understudy.strategies.strategy_options import check_range

_NAMES = st.sampled_from(
    [
        "Check host",
        "Stop server",
        "Upgrade zone 1",
        "Upgrade zone 2",
        "Start server",
        "重启 OBServer",
        "a/b c?d=é&f",
    ]
)
_MAX_ID = 2**63 - 1
_IDS = st.integers(1, _MAX_ID)
_UPSTREAM_BITS = st.integers(0, 7)

Entry = dict[str, Any]
"""A part of a scenario file, by key."""
_OK: Entry = {"takes": "1s"}
_FAILS: Entry = {"takes": "1s", "ends": "FAILED"}
_HANGS: Entry = {"takes": "never"}
_FAILS_WITH_LOG: Entry = {
    "takes": "3s",
    "ends": "FAILED",
    "log": ["cannot reach host 10.0.0.7", "磁盘已满"],
}
_SUBTASK_PLANS: list[Entry] = [
    {},
    {"runs": [_FAILS]},
    {"runs": [{"takes": "0s"}]},
    {"runs": [{"takes": "300ms"}]},
    {"runs": [{"takes": "25s", "log": "preparing\ncopying\n"}], "timeout": 60},
    {"runs": [{"takes": "3m"}], "timeout": 5400},
    {"runs": [_FAILS, {"takes": "2s"}]},
    {"runs": [_FAILS, _OK], "retries": 1},
    {"runs": [_FAILS, {"takes": "1.5s", "ends": "FAILED"}, _OK], "retries": 1},
    {"runs": [_FAILS_WITH_LOG], "retries": 2},
    {"runs": [_HANGS], "timeout": 3},
    {"runs": [{"takes": "1m"}, _OK], "timeout": 1},
    {"runs": [_HANGS]},
    {"runs": [_FAILS], "rollbacks": [_FAILS, _OK]},
    {"runs": [_OK], "rollbacks": [{"takes": "25s"}]},
    {"runs": [_FAILS], "rollbacks": [_HANGS]},
    {"runs": [_OK], "prohibitRollback": True},
]
"""What happens to a subtask: the simplest first, then the simplest that fails."""
_STARTS_AT: list[Entry] = [{"at": at} for at in ("0s", "-2s", "-30s", "-1h", "3s", "1m")]
_FINAL_STATES: list[Entry] = [{"state": state} for state in ("SUCCESSFUL", "FAILED", "RUNNING")]


@dataclass(frozen=True, slots=True, repr=False)
class DrawnWorld:
    """A scenario that was drawn."""

    data: dict[str, Any]
    """The scenario file's data."""

    @property
    def scenario(self) -> str:
        """The scenario as the text of its file (YAML)."""
        return dump_yaml(self.data)

    @property
    def digest(self) -> str:
        """A digest of the data: 12 hexadecimal digits."""
        return blake2b(dump_json(self.data), digest_size=6).hexdigest()

    @property
    def account(self) -> tuple[str, str]:
        """User name and password of an account that has every permission."""
        name, account = next(iter(self.data["accounts"].items()))
        return name, account["password"]

    def __repr__(self) -> str:
        return f"DrawnWorld of the scenario\n{self.scenario}"

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis prints it with a failing example


@st.composite
def worlds(
    draw: st.DrawFn,
    *,
    min_tasks: int = 1,
    max_tasks: int = 3,
    min_subtasks: int = 1,
    max_subtasks: int = 4,
    history: bool | None = None,
    throttle: bool | None = False,
) -> DrawnWorld:
    """Return worlds: scenarios that can be served, with tasks and what will happen to them.

    Runs fail, hang, time out and are retried; tasks start before, with or after the clock, which is
    virtual and moves only on command. `history` decides whether tasks are history, which changes
    only by a command (None: some are); `throttle` whether the number of calls is limited. Shrinks
    towards one task with one subtask that succeeds. A draw raises ValueError for impossible
    numbers.
    """
    check_range("tasks", min_tasks, max_tasks, floor=0)
    check_range("subtasks", min_subtasks, max_subtasks, floor=1)
    sizes = _Sizes(min_tasks, max_tasks, min_subtasks, max_subtasks)
    # One flat list, whose items take five choices each: so Hypothesis can remove any of them from
    # an example.
    steps = draw(
        st.lists(_steps(), min_size=min_tasks * min_subtasks, max_size=max_tasks * max_subtasks)
    )
    groups = _group_steps(steps, sizes)
    tasks = [draw(_draw_task(history)) for _ in groups]
    _add_subtasks(tasks, groups)
    has_throttle = draw(st.booleans()) if throttle is None else throttle
    has_cluster = any("cluster" in task for task in tasks)
    return DrawnWorld(
        _without_none(
            understudy=1,
            name="drawn",
            clock={"mode": "virtual", "start": iso_time(draw(STARTS))},
            accounts={"admin": {"password": "admin", "permissions": ["ADMIN"]}},
            clusters={"meta": {"id": 1}} if has_cluster else None,
            throttle=_draw_throttle(draw) if has_throttle else None,
            tasks=tasks,
        )
    )


def _draw_throttle(draw: st.DrawFn) -> Entry:
    """Draw a limit of calls within ten seconds."""
    return {"limit": draw(st.integers(1, 20)), "window": "10s"}


def _without_none(**members: Any) -> Entry:
    """Return an entry with the keys that have a value: absent keys have defaults."""
    return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How many tasks, and how many subtasks each of them has."""

    min_tasks: int
    max_tasks: int
    min_subtasks: int
    max_subtasks: int


@dataclass(frozen=True, slots=True)
class _Step:
    """A subtask before it belongs to a task."""

    begins_task: bool
    name: str
    upstream_bits: int
    """Which of the three subtasks before it this one waits for: bit 0 is the last of them."""
    plan: Entry


def _steps() -> st.SearchStrategy[_Step]:
    """Return subtasks that do not belong to a task yet."""
    return st.builds(_Step, st.booleans(), _NAMES, _UPSTREAM_BITS, st.sampled_from(_SUBTASK_PLANS))


def _group_steps(steps: Sequence[_Step], sizes: _Sizes) -> list[list[_Step]]:
    """Divide steps into tasks: a step that says so begins one, as far as the sizes allow it.

    A step is left out when the task before has no room for it and there are too few for another
    task.
    """
    groups: list[list[_Step]] = []
    for index, step in enumerate(steps):
        remaining = len(steps) - index
        if _begins_group(step, groups, remaining, sizes):
            groups.append([step])
        elif len(groups[-1]) < sizes.max_subtasks:
            groups[-1].append(step)
    return [group for group in groups if len(group) >= sizes.min_subtasks]


def _begins_group(
    step: _Step, groups: Sequence[Sequence[_Step]], remaining: int, sizes: _Sizes
) -> bool:
    """Return whether a step begins another task.

    `remaining` counts the steps that are left, this one included.
    """
    if not groups:
        return True
    current = len(groups[-1])
    may_begin = (
        current >= sizes.min_subtasks
        and len(groups) < sizes.max_tasks
        and remaining >= sizes.min_subtasks
    )
    if not may_begin:
        return False
    needed = (sizes.min_tasks - len(groups)) * sizes.min_subtasks
    if remaining <= needed or current >= sizes.max_subtasks:
        return True
    room = (sizes.max_tasks - len(groups)) * sizes.max_subtasks
    return step.begins_task and room >= remaining


def _add_subtasks(tasks: Sequence[Entry], groups: Sequence[Sequence[_Step]]) -> None:
    """Add the subtasks to the tasks, in place, and make ids unique.

    Subtask ids count up over all tasks of the world; a task id that is taken is replaced by the
    next free one.
    """
    taken: set[int] = set()
    subtask_count = 0
    for task, steps in zip(tasks, groups, strict=True):
        while task["id"] in taken:
            task["id"] = task["id"] % _MAX_ID + 1
        taken.add(task["id"])
        ids = range(subtask_count + 1, subtask_count + len(steps) + 1)
        subtask_count += len(steps)
        task["subtasks"] = [
            _without_none(
                id=ids[index],
                name=step.name,
                after=_upstreams(ids[:index], step.upstream_bits),
                **step.plan,
            )
            for index, step in enumerate(steps)
        ]


def _upstreams(ids_before: Sequence[int], bits: int) -> list[int] | None:
    """Return the ids that a subtask waits for, out of the last three.

    None when it waits for none.
    """
    nearest_first = reversed(ids_before[-3:])
    return [id_ for bit, id_ in enumerate(nearest_first) if bits >> bit & 1] or None


@st.composite
def _draw_task(draw: st.DrawFn, history: bool | None) -> Entry:
    """Draw a task without subtasks: id, name, cluster, when it starts or ended.

    `history` as in `worlds`.
    """
    if history is None:
        beginnings = _STARTS_AT + _FINAL_STATES
    else:
        beginnings = _FINAL_STATES if history else _STARTS_AT
    return _without_none(
        id=draw(_IDS),
        name=draw(_NAMES),
        cluster="meta" if draw(st.booleans()) else None,
        **draw(st.sampled_from(beginnings)),
        concurrency=draw(st.sampled_from([None, 1, 2])),
    )
