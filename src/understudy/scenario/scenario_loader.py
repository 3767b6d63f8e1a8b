"""Find, read and check scenarios."""

from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from understudy.contract import Contract
from understudy.durations import parse_duration, parse_time
from understudy.errors import InputError, Problem, ProblemReport, nearest_name
from understudy.messages import dump_json
from understudy.ocp import CATALOGUE
from understudy.resources import resource_path
from understudy.rules import parse_rule_set
from understudy.scenario.crowd import Crowd
from understudy.scenario.declared_names import DeclaredNames, parse_declared_names
from understudy.scenario.format_schema import check_format
from understudy.scenario.scenario_model import (
    ClockMode,
    ClockSettings,
    Scenario,
    TaskPlan,
    Throttle,
)
from understudy.scenario.task_contract_check import validate_tasks
from understudy.scenario.task_parser import parse_tasks
from understudy.source import read_yaml

T = TypeVar("T")
MAX_ID = 2**63 - 1
SUFFIXES = (".yaml", ".yml", ".json")


def find_scenario(name_or_path: str) -> Path:
    """Give the file of a scenario: one that ships, by its name, or any, by its path.

    What ends in `.yaml`, `.yml` or `.json` or holds a slash is a path. Raises InputError, with the nearest name.
    """
    if name_or_path.endswith(SUFFIXES) or "/" in name_or_path or "\\" in name_or_path:
        return Path(name_or_path)  # reading it tells what is wrong with it
    shipped = {path.stem: path for path in sorted(resource_path("scenarios").glob("*.yaml"))}
    # Looked up among the files that are there, never joined to a path.
    if name_or_path in shipped:
        return shipped[name_or_path]
    what = f'no scenario that ships is named "{name_or_path}"'
    near = nearest_name(name_or_path, shipped)
    expected = f"{', '.join(shipped)}, or the path of a file"
    raise InputError(Problem("no-such-scenario", what, expected=expected, nearest=near))


def load_scenario(
    path: Path, *, contract: Contract | None = None, text: str | None = None
) -> Scenario:
    """Read and check a scenario; against the contract too, when one is given.

    `text` stands for what is in the file. Raises InputError with every problem, each with its line and column.
    """
    source = read_yaml(path, text=text)
    report = ProblemReport(source)
    data = check_format(source.data, report)
    clock = _clock(data.get("clock", {}), report)
    registry = parse_declared_names(data, report)
    plans = parse_tasks(data, registry, clock.start, report)
    crowd = _crowd(data, registry, plans, report)
    if contract is not None:
        validate_tasks(plans, clock.start, contract, report)
    throttle = tuple(_throttle(data.get("throttle", []), report))
    script = parse_rule_set(data, report, contract=contract, codes=list_error_codes(contract))
    report.raise_if_any()
    return Scenario(
        name=data.get("name", path.stem),
        description=data.get("description", ""),
        seed=data.get("seed", 0),
        clock=clock,
        accounts=registry.accounts,
        digest=blake2b(dump_json(source.data), digest_size=16).hexdigest(),
        file=source.file,
        throttle=throttle,
        plans=plans,
        crowd=crowd,
        script=script,
        world=data.get("world"),
        data=source.data,
    )


def list_error_codes(contract: Contract | None) -> Collection[int] | None:
    """Give the codes of errors that a contract's service knows by itself; None when it has no service."""
    if contract is None or contract.service != "ocp":
        return None
    return frozenset(
        code for text in CATALOGUE.values() for code in (text.code, text.status) if code
    )


def _clock(told: dict[str, Any], report: ProblemReport) -> ClockSettings:
    default = ClockSettings()
    start = _read(told, "start", "/clock", parse_time, None, report)
    step = _read(told, "step", "/clock", parse_duration, default.step, report)
    return ClockSettings(
        ClockMode(told.get("mode", "real")),
        start,
        float(told.get("speed", 1)),
        default.step if step is None else step,
    )


def _throttle(told: Any, report: ProblemReport) -> Iterator[Throttle]:
    several = (
        [(f"/throttle/{i}", one) for i, one in enumerate(told)] if isinstance(told, list) else []
    )
    limits = [("/throttle", told)] if isinstance(told, dict) else several
    for pointer, limit in limits:
        if limit is None or not {"limit", "window"} <= set(limit):
            continue
        window = _read(limit, "window", pointer, parse_duration, None, report)
        if window is not None and not window:
            report.add(
                "bad-time",
                "a throttle's window is empty",
                f"{pointer}/window",
                expected="a time above 0",
            )
        elif window is not None:
            yield Throttle(limit["limit"], window)


def _crowd(
    data: dict[str, Any], registry: DeclaredNames, plans: Sequence[TaskPlan], report: ProblemReport
) -> Crowd | None:
    told = data.get("crowd")
    if told is None or "count" not in told:
        return None
    ids = {plan.task.id: plan for plan in plans}
    first = told.get("firstId", max(ids, default=0) + 1)
    last = first + told["count"] - 1
    if last > MAX_ID:
        report.add(
            "bad-value",
            f"the ids of the crowd end at {last}",
            "/crowd",
            expected=f"at most {MAX_ID}",
        )
    for task_id in ids:
        if first <= task_id <= last:
            what = f"the task id {task_id} is one of the crowd's ({first} to {last})"
            report.add(
                "duplicate-id",
                what,
                f"{ids[task_id].pointer}/id",
                hint='Give the crowd another "firstId".',
            )
    running, failed = _share(told.get("running", "5%")), _share(told.get("failed", "10%"))
    if running + failed > 1:
        report.add(
            "bad-value",
            "more than 100% of the crowd are running or failed",
            "/crowd",
            expected="at most 100%",
        )
    since = _read(told, "since", "/crowd", parse_duration, Crowd(0).since, report)
    return Crowd(
        told["count"],
        running,
        failed,
        Crowd(0).since if since is None else since,
        first,
        data.get("seed", 0),
        tuple(registry.clusters.values()),
        tuple(registry.tenants.values()),
        tuple(registry.hosts.values()),
    )


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / 100


def _read(
    told: dict[str, Any],
    key: str,
    pointer: str,
    parse: Callable[[str], T],
    default: T | None,
    report: ProblemReport,
) -> T | None:
    try:
        return parse(told[key]) if key in told else default
    except ValueError as error:
        report.add("bad-time", str(error), f"{pointer}/{key}")
        return default
