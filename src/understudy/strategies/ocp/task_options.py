"""What tasks are drawn from: options, and the parts that several strategies share.

The first of several values is the simplest, since Hypothesis shrinks examples towards it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from understudy import ocp

_S = ocp.SubtaskStatus
_T = ocp.TaskStatus
STATUSES = (_T.SUCCESSFUL, _T.FAILED, _T.RUNNING)
"""The simplest first: examples shrink towards it."""
TYPES = ("MANUAL", "SCHEDULED", "SYS_ONECE", "SYS_SCHEDULED")

"""Source: docs/api/task-management.md, the values of `type`; `SYS_ONECE` is its spelling."""

IDS = st.integers(1, 2**63 - 1)
"""Ids are integers of 64 bits; OCP's begin at 1."""
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
"""All characters but surrogates and control characters; these have an edge class of their own."""
NAMES = st.text(LETTERS, min_size=1, max_size=24)
_EPOCH = datetime(2020, 1, 1)  # noqa: DTZ001 - `_write_start` adds the zone
_SECONDS = st.integers(-600_000_000, 2_000_000_000)
_ZONES = (UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=5, minutes=30)))
_MILLISECONDS = (0, 740, 1, 697, 999)
# One draw for both, since each draw costs time.
_ZONES_AND_FRACTIONS = st.sampled_from(
    [(zone, timedelta(milliseconds=ms)) for ms in _MILLISECONDS for zone in _ZONES]
)


def _write_start(seconds: int, zone_and_fraction: tuple[timezone, timedelta]) -> datetime:
    """Return a moment some seconds after _EPOCH, written in a zone, with a fraction of a second."""
    zone, fraction = zone_and_fraction
    return (_EPOCH + timedelta(seconds=seconds) + fraction).replace(tzinfo=zone)


STARTS = st.builds(_write_start, _SECONDS, _ZONES_AND_FRACTIONS)
"""Moments in the years 2001 to 2083."""
CLUSTERS = st.builds(ocp.Cluster, IDS, NAMES, IDS, st.sampled_from(["PRIMARY", "STANDBY"]))
CREATORS = st.sampled_from([ocp.ADMIN, ocp.SYSTEM]) | st.builds(ocp.Creator, IDS, NAMES)
TENANTS = st.builds(ocp.Tenant, IDS, NAMES, IDS, st.sampled_from(["MYSQL", "ORACLE"]))


@dataclass(frozen=True, slots=True)
class SubtaskPlan:
    """What happens to a subtask when it is executed."""

    runs: tuple[ocp.Run, ...]
    """By execution; the last repeats."""
    timeout_s: int = 0
    retries: int = 0

    @property
    def fails(self) -> bool:
        """Whether it fails or hangs however often the engine itself retries it."""
        first = self.runs[0]
        return len(self.runs) == 1 and (first.ends is _S.FAILED or first.takes is None)


def _run(milliseconds: int, ends: ocp.SubtaskStatus = _S.SUCCESSFUL) -> ocp.Run:
    """Return an execution of some duration, and the status that it ends with."""
    return ocp.Run(timedelta(milliseconds=milliseconds), ends)


_HANG = ocp.Run(None)
SUBTASK_PLANS = (
    SubtaskPlan((_run(1000),)),
    SubtaskPlan((_run(1000, _S.FAILED),)),
    SubtaskPlan((_run(0),)),
    SubtaskPlan((_run(2500),), timeout_s=60),
    SubtaskPlan((_run(90_000),), timeout_s=5400),
    SubtaskPlan((_run(1000, _S.FAILED), _run(2000))),
    SubtaskPlan((_run(1000, _S.FAILED), _run(1500)), retries=1),
    SubtaskPlan((_run(300, _S.FAILED), _run(300, _S.FAILED), _run(1000)), retries=3),
    SubtaskPlan((_run(4000, _S.FAILED),), retries=2),
    SubtaskPlan((_HANG,), timeout_s=3),
    SubtaskPlan((_run(5000), _run(1000)), timeout_s=2),
    SubtaskPlan((_HANG,)),
)
"""The simplest comes first, then the simplest that fails: examples shrink towards these."""
SUCCEEDING_PLAN, FAILING_PLAN = SUBTASK_PLANS[0], SUBTASK_PLANS[1]
ROLLBACK_RUNS = ((_run(1000),), (_run(1000, _S.FAILED), _run(500)))
"""What happens to a subtask when it is rolled back: it succeeds at once, or at the second time."""


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """What tasks are drawn from. The default draws any task."""

    min_subtasks: int = 1
    max_subtasks: int = 8
    statuses: tuple[ocp.TaskStatus, ...] = STATUSES
    cluster: bool | None = None
    """Whether there is a cluster; None: sometimes."""
    tenant: bool | None = None
    clusters: st.SearchStrategy[ocp.Cluster] = CLUSTERS
    tenants: st.SearchStrategy[ocp.Tenant] = TENANTS
    id: int | None = None
    """The id of the task and of its first subtask; None for any."""
    names: st.SearchStrategy[str] = NAMES
    start_times: st.SearchStrategy[datetime] = STARTS
    graph: str = ""
    """`wide`, `deep`, `diamond` or `disconnected`; empty for any."""
    type: str = ""
    """One of TYPES; empty for any."""
    commands: tuple[str, ...] | None = None
    """The commands, where they are not drawn; the first subtask then fails. `run` waits for a
    subtask that runs.
    """
    instants: int | None = None
    """After how many events to observe the task, where that is not drawn: 0 is at once."""
    has_log_lines: bool = False
    """Whether the executions write lines into the log."""


ANY_TASK = TaskOptions()
"""The options that draw any task."""
