"""Whole worlds: scenarios with tasks, what will happen to them, and who may log on."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from hypothesis import strategies as st

from understudy.clock import iso_time
from understudy.messages import dump_json
from understudy.source import dump_yaml
from understudy.strategies.ocp.played_tasks import STARTS

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
_IDS = st.integers(1, 2**63 - 1)
_EDGES = st.integers(0, 7)
_OK, _FAILS, _HANGS = {"takes": "1s"}, {"takes": "1s", "ends": "FAILED"}, {"takes": "never"}
_LOGGED = {"takes": "3s", "ends": "FAILED", "log": ["cannot reach host 10.0.0.7", "磁盘已满"]}
_FATES: list[dict[str, Any]] = [
    {},
    {"runs": [_FAILS]},
    {"runs": [{"takes": "0s"}]},
    {"runs": [{"takes": "300ms"}]},
    {"runs": [{"takes": "25s", "log": "preparing\ncopying\n"}], "timeout": 60},
    {"runs": [{"takes": "3m"}], "timeout": 5400},
    {"runs": [_FAILS, {"takes": "2s"}]},
    {"runs": [_FAILS, _OK], "retries": 1},
    {"runs": [_FAILS, {"takes": "1.5s", "ends": "FAILED"}, _OK], "retries": 1},
    {"runs": [_LOGGED], "retries": 2},
    {"runs": [_HANGS], "timeout": 3},
    {"runs": [{"takes": "1m"}, _OK], "timeout": 1},
    {"runs": [_HANGS]},
    {"runs": [_FAILS], "rollbacks": [_FAILS, _OK]},
    {"runs": [_OK], "rollbacks": [{"takes": "25s"}]},
    {"runs": [_FAILS], "rollbacks": [_HANGS]},
    {"runs": [_OK], "prohibitRollback": True},
]
"""What will happen to a subtask: the simplest first, then the simplest that fails."""
_MOMENTS: list[dict[str, str]] = [{"at": at} for at in ("0s", "-2s", "-30s", "-1h", "3s", "1m")]
_STATES: list[dict[str, str]] = [{"state": state} for state in ("SUCCESSFUL", "FAILED", "RUNNING")]


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
        """What tells it from others: 12 hexadecimal digits."""
        return blake2b(dump_json(self.data), digest_size=6).hexdigest()

    @property
    def account(self) -> tuple[str, str]:
        """User name and password of somebody who may do everything."""
        name, told = next(iter(self.data["accounts"].items()))
        return name, told["password"]

    def __repr__(self) -> str:
        return f"DrawnWorld of the scenario\n{self.scenario}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis shows it with a failing example


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
    """Give worlds: scenarios that can be served, each with its tasks and what will happen to them.

    Runs fail, hang, time out and are tried again; tasks begin before, with or after the clock, which is virtual and
    stands still unless it is moved. `history` says whether tasks are history, which stands still until a command (None:
    some are); `throttle` whether calls are limited. Shrinks towards one task with one subtask that succeeds.
    """
    _check("tasks", min_tasks, max_tasks, 0)
    _check("subtasks", min_subtasks, max_subtasks, 1)
    most = max_tasks * max_subtasks
    # One flat list, whose items take five choices each: so that Hypothesis can take any of them out of an example.
    steps = draw(st.lists(_steps(), min_size=min_tasks * min_subtasks, max_size=most))
    groups = _grouped(steps, min_tasks, max_tasks, min_subtasks, max_subtasks)
    tasks = [draw(_task(history)) for _ in groups]
    _fill(tasks, groups)
    limit = draw(st.booleans()) if throttle is None else throttle
    return DrawnWorld(
        _told(
            understudy=1,
            name="drawn",
            clock={"mode": "virtual", "start": iso_time(draw(STARTS))},
            accounts={"admin": {"password": "admin", "permissions": ["ADMIN"]}},
            clusters={"meta": {"id": 1}} if any("cluster" in task for task in tasks) else None,
            throttle={"limit": draw(st.integers(1, 20)), "window": "10s"} if limit else None,
            tasks=tasks,
        )
    )


def _check(what: str, least: int, most: int, floor: int) -> None:
    if not floor <= least <= most:
        raise ValueError(f"{floor} <= min_{what} <= max_{what} is needed, not {least} and {most}")


def _told(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Step:
    """A subtask before it belongs to a task. `edge` tells by its bits which of the three before it waits for."""

    begins: bool
    name: str
    edge: int
    fate: dict[str, Any]


def _steps() -> st.SearchStrategy[_Step]:
    return st.builds(_Step, st.booleans(), _NAMES, _EDGES, st.sampled_from(_FATES))


def _grouped(
    steps: list[_Step], min_tasks: int, max_tasks: int, min_subtasks: int, max_subtasks: int
) -> list[list[_Step]]:
    """Part the steps into tasks: where a step says that it begins one, as far as the numbers let it."""
    groups: list[list[_Step]] = []
    for place, step in enumerate(steps):
        left = len(steps) - place
        may = not groups or (
            len(groups[-1]) >= min_subtasks and len(groups) < max_tasks and left >= min_subtasks
        )
        lack = (min_tasks - len(groups)) * min_subtasks
        room = (max_tasks - len(groups)) * max_subtasks
        must = not groups or left <= lack or len(groups[-1]) >= max_subtasks
        # What does not fit into the task before and is too little for one of its own is left out.
        if may and (must or (step.begins and room >= left)):
            groups.append([step])
        elif len(groups[-1]) < max_subtasks:
            groups[-1].append(step)
    return [group for group in groups if len(group) >= min_subtasks]


def _fill(tasks: list[dict[str, Any]], groups: list[list[_Step]]) -> None:
    """Give the tasks their subtasks, and ids that no other has."""
    taken: set[int] = set()
    number = 0
    for task, steps in zip(tasks, groups, strict=True):
        while task["id"] in taken:
            task["id"] = task["id"] % (2**63 - 1) + 1
        taken.add(task["id"])
        ids = range(number + 1, number + len(steps) + 1)
        number += len(steps)
        task["subtasks"] = [
            _told(id=ids[place], name=step.name, after=_before(ids[:place], step.edge), **step.fate)
            for place, step in enumerate(steps)
        ]


def _before(ids: Sequence[int], edge: int) -> list[int] | None:
    return [id_ for place, id_ in enumerate(reversed(ids[-3:])) if edge >> place & 1] or None


@st.composite
def _task(draw: st.DrawFn, history: bool | None) -> dict[str, Any]:
    when = _MOMENTS + _STATES if history is None else _STATES if history else _MOMENTS
    return _told(
        id=draw(_IDS),
        name=draw(_NAMES),
        cluster="meta" if draw(st.booleans()) else None,
        **draw(st.sampled_from(when)),
        concurrency=draw(st.sampled_from([None, 1, 2])),
    )
