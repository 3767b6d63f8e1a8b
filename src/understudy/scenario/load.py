"""Find, read and check scenarios."""

from hashlib import blake2b
from pathlib import Path
from typing import Any

from understudy.contract import Contract
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import dump_json
from understudy.resources import resource
from understudy.scenario.judge import judge
from understudy.scenario.model import ClockMode, ClockSettings, Scenario
from understudy.scenario.registry import read_registry
from understudy.scenario.report import Report
from understudy.scenario.schema import check_shape
from understudy.scenario.tasks import read_tasks
from understudy.scenario.times import parse_duration, parse_time
from understudy.source import read_yaml

SUFFIXES = (".yaml", ".yml", ".json")


def find_scenario(name_or_path: str) -> Path:
    """Give the file of a scenario: one that ships, by its name, or any, by its path.

    What ends in `.yaml`, `.yml` or `.json` or holds a slash is a path. Raises InputError, with the nearest name.
    """
    if name_or_path.endswith(SUFFIXES) or "/" in name_or_path or "\\" in name_or_path:
        return Path(name_or_path)  # reading it tells what is wrong with it
    shipped = {path.stem: path for path in sorted(resource("scenarios").glob("*.yaml"))}
    # Looked up among the files that are there, never joined to a path.
    if name_or_path in shipped:
        return shipped[name_or_path]
    what = f'no scenario that ships is named "{name_or_path}"'
    near = nearest_name(name_or_path, shipped)
    expected = f"{', '.join(shipped)}, or the path of a file"
    raise InputError(Problem("no-such-scenario", what, expected=expected, nearest=near))


def load_scenario(path: Path, *, contract: Contract | None = None) -> Scenario:
    """Read and check a scenario; against the contract too, when one is given.

    Raises InputError with every problem that the file has, each with its line and column.
    """
    source = read_yaml(path)
    report = Report(source)
    data = check_shape(report)
    clock = _clock(data.get("clock", {}), report)
    registry = read_registry(data, report)
    plans = read_tasks(data, registry, clock.start, report)
    if contract is not None:
        judge(plans, clock.start, contract, report)
    report.close()
    return Scenario(
        name=data.get("name", path.stem),
        description=data.get("description", ""),
        seed=data.get("seed", 0),
        clock=clock,
        accounts=registry.accounts,
        digest=blake2b(dump_json(source.data), digest_size=16).hexdigest(),
        file=source.file,
        plans=plans,
    )


def _clock(told: dict[str, Any], report: Report) -> ClockSettings:
    start, step = None, ClockSettings().step
    try:
        start = parse_time(told["start"]) if "start" in told else None
    except ValueError as error:
        report.add("bad-time", str(error), "/clock/start")
    try:
        step = parse_duration(told["step"]) if "step" in told else step
    except ValueError as error:
        report.add("bad-time", str(error), "/clock/step")
    return ClockSettings(ClockMode(told.get("mode", "real")), start, float(told.get("speed", 1)), step)
