"""Finding, parsing and checking scenario files."""

from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from understudy.contract import Contract
from understudy.disk_cache import DiskCache
from understudy.durations import parse_duration, parse_time
from understudy.errors import InputError, Problem, ProblemReport, nearest_name
from understudy.messages import Json, dump_json
from understudy.ocp import CATALOGUE
from understudy.resources import resource_path
from understudy.rules import parse_rule_set
from understudy.scenario.crowd import Crowd
from understudy.scenario.declared_names import DeclaredNames, parse_declared_names
from understudy.scenario.format_schema import check_format, copy_checked_data
from understudy.scenario.format_types import ClockData, CrowdData, ScenarioData, ThrottleData
from understudy.scenario.scenario_cache import CheckedFile, open_scenario_cache
from understudy.scenario.scenario_model import (
    ClockMode,
    ClockSettings,
    Scenario,
    TaskPlan,
    Throttle,
)
from understudy.scenario.task_parser import parse_tasks

if TYPE_CHECKING:
    from understudy.source import Source

_CROWD_HINT = 'The key "crowd" generates many tasks in one line: crowd: {count: 20000}.'
T = TypeVar("T")
MAX_ID = 2**63 - 1
"""The highest id of the API's int64 fields."""
SUFFIXES = (".yaml", ".yml", ".json")
"""Endings that make a text the path of a scenario file, not the name of a shipped scenario."""


def find_scenario(name_or_path: str) -> Path:
    """Return the file of a shipped scenario, by its name, or of any scenario, by its path.

    A text with a slash, a backslash or an ending of SUFFIXES is a path; the file need not exist.
    Raises InputError with the nearest name for an unknown name.
    """
    if name_or_path.endswith(SUFFIXES) or "/" in name_or_path or "\\" in name_or_path:
        return Path(name_or_path)  # load_scenario reports a missing file
    shipped = {path.stem: path for path in sorted(resource_path("scenarios").glob("*.yaml"))}
    # The name selects one of the existing files; it never becomes a part of a path.
    if name_or_path in shipped:
        return shipped[name_or_path]
    message = f'unknown scenario "{name_or_path}"'
    near = nearest_name(name_or_path, shipped)
    expected = f"{', '.join(shipped)}, or the path of a file"
    raise InputError(Problem("no-such-scenario", message, expected=expected, nearest=near))


def load_scenario(
    path: Path,
    *,
    contract: Contract | None = None,
    text: str | None = None,
    cache: DiskCache | None = None,
) -> Scenario:
    """Parse and check a scenario file.

    Validate its tasks and rules against the contract, if there is one.

    `text` replaces the content of the file. `cache` has the data of files that passed the checks:
    those are not checked again. Raises InputError with all problems, each with its line and column.
    """
    if text is not None:
        return _load_and_check(path, contract, text)
    entry = open_scenario_cache(cache, path, contract)
    if entry is None:
        return _load_and_check(path, contract)
    checked = entry.read()
    if checked is not None:
        report = ProblemReport(checked)
        cleaned = copy_checked_data(checked.data)
        scenario = _build_scenario(checked, cleaned, report, contract, is_checked=True)
        if not report.has_problems:
            return scenario
    hashes = entry.hash_file()
    scenario = _load_and_check(path, contract)
    entry.write(scenario.data, hashes)
    return scenario


def _load_and_check(path: Path, contract: Contract | None, text: str | None = None) -> Scenario:
    """Load a scenario without the cache. Raises InputError with all problems."""
    # Imported late: a warm start needs no parser of YAML.
    from understudy.source import Limits, read_yaml

    source = read_yaml(path, text=text, limits=Limits(hint=_CROWD_HINT))
    # One report for all checks: a user sees every problem of the file at once.
    report = ProblemReport(source)
    cleaned = check_format(source.data, report)
    scenario = _build_scenario(source, cleaned, report, contract)
    report.raise_if_any()
    return scenario


def _build_scenario(
    source: "Source | CheckedFile",
    cleaned: object,
    report: ProblemReport,
    contract: Contract | None,
    *,
    is_checked: bool = False,
) -> Scenario:
    """Build a scenario from a file, and report its problems.

    `cleaned` is its data as `check_format` returned it. `is_checked`: the tasks are not validated
    against the contract again.
    """
    data = cast(ScenarioData, cleaned)
    clock = _parse_clock(data.get("clock", {}), report)
    names = parse_declared_names(data, report)
    plans = parse_tasks(data, names, clock.start, report)
    crowd = _parse_crowd(data, names, plans, report)
    if contract is not None and not is_checked:
        # Imported late: a warm start validates no task.
        from understudy.scenario.task_contract_check import validate_tasks

        validate_tasks(plans, clock.start, contract, report)
    throttle = tuple(_parse_throttle(data.get("throttle", []), report))
    codes = list_error_codes(contract)
    rules = parse_rule_set(cast(dict[str, Json], data), report, contract=contract, codes=codes)
    return Scenario(
        name=data.get("name", Path(source.file).stem),
        description=data.get("description", ""),
        seed=data.get("seed", 0),
        clock=clock,
        accounts=names.accounts,
        # Of the data, not of the text: comments and layout do not matter.
        digest=blake2b(dump_json(source.data), digest_size=16).hexdigest(),
        file=source.file,
        throttle=throttle,
        plans=plans,
        crowd=crowd,
        script=rules,
        world=data.get("world"),
        data=source.data,
    )


def list_error_codes(contract: Contract | None) -> Collection[int] | None:
    """Return the error codes and HTTP statuses of the service, or None without a service."""
    if contract is None or contract.service != "ocp":
        return None
    codes = set()
    for text in CATALOGUE.values():
        codes |= {text.code, text.status}
    return frozenset(codes - {0})  # 0: the entries of HTTP errors have no code of their own


def _parse_clock(data: ClockData, report: ProblemReport) -> ClockSettings:
    """Return the clock. A time that cannot be parsed is reported and replaced by its default."""
    default = ClockSettings()
    start = _parse_or_report(data.get("start"), "/clock/start", parse_time, report)
    step = _parse_or_report(data.get("step"), "/clock/step", parse_duration, report)
    if step is None:
        step = default.step
    return ClockSettings(
        ClockMode(data.get("mode", "real")),
        start,
        float(data.get("speed", 1)),
        step,
    )


def _parse_throttle(
    data: ThrottleData | Sequence[ThrottleData | None],
    report: ProblemReport,
) -> Iterator[Throttle]:
    """Yield the limits that can be used, and report the others."""
    for pointer, limit in _list_limits(data):
        if limit is None or "limit" not in limit or "window" not in limit:
            continue  # check_format has reported it
        place = f"{pointer}/window"
        window = _parse_or_report(limit["window"], place, parse_duration, report)
        if window is None:
            continue
        if window:
            yield Throttle(limit["limit"], window)
        else:
            message = "the window of a throttle must not be empty"
            report.add("bad-time", message, place, expected="a time above 0")


def _list_limits(
    data: ThrottleData | Sequence[ThrottleData | None],
) -> list[tuple[str, ThrottleData | None]]:
    """Return each limit with its pointer. The file may have one mapping or a list of them."""
    if isinstance(data, Sequence):
        return [(f"/throttle/{i}", limit) for i, limit in enumerate(data)]
    return [("/throttle", data)]


def _parse_crowd(
    data: ScenarioData,
    names: DeclaredNames,
    plans: Sequence[TaskPlan],
    report: ProblemReport,
) -> Crowd | None:
    """Return the crowd, or None if the file has none or has no usable `count`."""
    crowd = data.get("crowd")
    if crowd is None or "count" not in crowd:
        return None
    first_id = _check_crowd_ids(crowd, plans, report)
    running = _parse_share(crowd.get("running", "5%"))
    failed = _parse_share(crowd.get("failed", "10%"))
    if running + failed > 1:
        message = "more than 100% of the crowd are running or failed"
        report.add("bad-value", message, "/crowd", expected="at most 100%")
    since = _parse_or_report(crowd.get("since"), "/crowd/since", parse_duration, report)
    if since is None:
        since = Crowd(0).since  # the default of the format
    return Crowd(
        crowd["count"],
        running,
        failed,
        since,
        first_id,
        data.get("seed", 0),
        tuple(names.clusters.values()),
        tuple(names.tenants.values()),
        tuple(names.hosts.values()),
    )


def _check_crowd_ids(crowd: CrowdData, plans: Sequence[TaskPlan], report: ProblemReport) -> int:
    """Return the first id of the crowd.

    Report ids above MAX_ID, and ids that tasks of the file have.
    """
    by_id = {plan.task.id: plan for plan in plans}
    first = crowd.get("firstId", max(by_id, default=0) + 1)
    last = first + crowd["count"] - 1
    if last > MAX_ID:
        message = f"the ids of the crowd end at {last}"
        report.add("bad-value", message, "/crowd", expected=f"at most {MAX_ID}")
    for task_id, plan in by_id.items():
        if first <= task_id <= last:
            message = f"the task id {task_id} is an id of the crowd ({first} to {last})"
            hint = 'Give the crowd another "firstId".'
            report.add("duplicate-id", message, f"{plan.pointer}/id", hint=hint)
    return first


def _parse_share(text: str) -> float:
    """Return a percentage such as `12.5%` as a number from 0 to 1."""
    return float(text.removesuffix("%")) / 100


def _parse_or_report(
    text: str | None,
    pointer: str,
    parse: Callable[[str], T],
    report: ProblemReport,
) -> T | None:
    """Return the parsed text. Report a text that cannot be parsed, and return None."""
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        report.add("bad-time", str(error), pointer)
        return None
