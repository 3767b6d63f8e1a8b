"""Whole worlds: scenarios with tasks, what will happen to them, and who may log on."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from hypothesis import strategies as st

from understudy.clock import iso_time
from understudy.messages import dump_json
from understudy.source import dump_yaml
from understudy.strategies.models import LETTERS, STARTS

_WORDS = ("Check host", "Stop server", "Upgrade zone", "Start server", "Check cluster")
_IDS = st.integers(1, 2**53 - 1) | st.integers(1, 2**63 - 1)
_NAMES = st.sampled_from(_WORDS) | st.text(LETTERS, min_size=1, max_size=16).filter(lambda name: bool(name.strip()))
_TAKES = st.sampled_from(["1s", "2s", "300ms", "1.5s", "0s", "25s", "3m", "never"])
_ENDS = st.sampled_from([None, None, "FAILED"])
_LOGS = st.none() | st.lists(st.text(LETTERS, max_size=40), min_size=1, max_size=3)
_ENTRY = st.builds(
    lambda takes, ends, log: _told(takes=takes, ends=ends, log=log),
    _TAKES,
    _ENDS,
    _LOGS,
)
_SELDOM = st.sampled_from([False] * 7 + [True])
_RUNS = st.lists(_ENTRY, max_size=3)
_ROLLBACKS: st.SearchStrategy[list[dict[str, Any]]] = st.just([]) | st.lists(_ENTRY, min_size=1, max_size=2)
_MOMENTS = st.sampled_from(["0s", "-2s", "-30s", "-1h", "3s", "1m"])


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
        return f"DrawnWorld(scenario below)\n{self.scenario}"


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
    task = _task(min_subtasks, max_subtasks, history)
    tasks = draw(st.lists(task, min_size=min_tasks, max_size=max_tasks, unique_by=lambda told: told["id"]))
    _number(tasks)
    named = sorted({told["cluster"] for told in tasks if "cluster" in told})
    limit = draw(st.booleans()) if throttle is None else throttle
    return DrawnWorld(
        _told(
            understudy=1,
            name="drawn",
            clock={"mode": "virtual", "start": iso_time(draw(STARTS))},
            accounts={"admin": {"password": "admin", "permissions": ["ADMIN"]}},
            clusters={name: {"id": number + 1} for number, name in enumerate(named)} or None,
            throttle={"limit": draw(st.integers(1, 20)), "window": "10s"} if limit else None,
            tasks=tasks,
        )
    )


def _check(what: str, least: int, most: int, floor: int) -> None:
    if not floor <= least <= most:
        raise ValueError(f"{floor} <= min_{what} <= max_{what} is needed, not {least} and {most}")


def _told(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _number(tasks: list[dict[str, Any]]) -> None:
    """Give the subtasks ids that are unique in the scenario, and tell what each waits for by them."""
    number = 0
    for task in tasks:
        ids = []
        for subtask in task["subtasks"]:
            number += 1
            ids.append(number)
            edge, before = subtask.pop("after"), reversed(ids[:-1][-3:])
            subtask["after"] = [id_ for place, id_ in enumerate(before) if edge >> place & 1] or None
        task["subtasks"] = [_told(id=id_, **told) for id_, told in zip(ids, task["subtasks"], strict=True)]


@st.composite
def _task(draw: st.DrawFn, least: int, most: int, history: bool | None) -> dict[str, Any]:
    is_history = draw(_SELDOM) if history is None else history
    subtasks = draw(st.lists(_SUBTASKS, min_size=least, max_size=most))
    return _told(
        id=draw(_IDS),
        name=draw(_NAMES),
        cluster="meta" if draw(st.booleans()) else None,
        at=None if is_history else draw(_MOMENTS),
        state=draw(st.sampled_from(["SUCCESSFUL", "FAILED", "RUNNING"])) if is_history else None,
        prohibitRollback=True if draw(_SELDOM) else None,
        concurrency=draw(st.sampled_from([None, 1, 2])),
        subtasks=subtasks,
    )


_SUBTASKS = st.builds(
    lambda name, edge, timeout, retries, prohibits, runs, rollbacks: _told(
        name=name,
        after=edge,
        timeout=timeout,
        retries=retries,
        prohibitRollback=True if prohibits else None,
        runs=runs or None,
        rollbacks=rollbacks or None,
    ),
    _NAMES,
    st.integers(0, 7),
    st.sampled_from([None, None, 1, 3, 60]),
    st.sampled_from([None, None, 1, 2]),
    _SELDOM,
    _RUNS,
    _ROLLBACKS,
)
