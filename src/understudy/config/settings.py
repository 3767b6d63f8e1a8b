"""What `understudy serve`, `create_app` and the live server can be told."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path

from understudy.clock import MAX_SPEED, MIN_SPEED
from understudy.errors import InputError, Problem, nearest_name
from understudy.resources import resource

DIALECTS = ("documented", "observed")


class ValidateRequest(Enum):
    """What happens to a request that breaks the contract."""

    ENFORCE = "enforce"
    """It is refused with the service's own error."""
    REPORT = "report"
    """It is answered as well as can be; the journal tells what was wrong."""
    OFF = "off"
    """It is not looked at."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a stub is set up. Every value has a default: `Settings()` serves the shipped contract and scenario."""

    contract: Path | None = None
    """An OpenAPI document; None for the shipped one."""
    overlays: tuple[Path, ...] = ()
    """Overlays applied to the contract, after the dialect's own: files, or the names of shipped ones (`english`)."""
    dialect: str = "documented"
    scenario: str = "demo"
    """The name of a shipped scenario, or a path."""
    clock: str = ""
    """`real`, `virtual` or `per-call`; empty for what the scenario says."""
    speed: float | None = None
    """How fast a real clock runs, 0.1 to 10 000 times the wall's; None for what the scenario says."""
    auth: bool = True
    """False: everybody may do everything, without saying who it is."""
    skew: timedelta = timedelta(minutes=15)
    """How far the date of a signed request may be from the wall clock."""
    seed: int | None = None
    """Replaces the scenario's seed."""
    validate_request: ValidateRequest = ValidateRequest.ENFORCE
    allow_hosts: tuple[str, ...] = ()
    """Names a client may use in its Host header beside localhost and IP addresses."""
    admin_prefix: str = "/__admin"
    world_prefix: str = "/w"
    max_worlds: int = 1000

    def __post_init__(self) -> None:
        if self.speed is not None and not MIN_SPEED <= self.speed <= MAX_SPEED:  # NaN is not either
            what = f"the speed of the clock is {self.speed}"
            raise InputError(Problem("bad-speed", what, expected=f"a number from {MIN_SPEED} to {MAX_SPEED}"))


def overlays_of(settings: Settings) -> tuple[Path, ...]:
    """Give the files of the overlays to apply at load, in order.

    Raises InputError for an unknown dialect, and for a name that no shipped overlay has.
    """
    if settings.dialect not in DIALECTS:
        what = f'there is no dialect "{settings.dialect}"'
        near = nearest_name(settings.dialect, DIALECTS)
        raise InputError(Problem("no-such-dialect", what, expected=" or ".join(DIALECTS), nearest=near))
    own = (resource("docs/api/overlays/observed.yaml"),) if settings.dialect == "observed" else ()
    return own + tuple(_overlay(path) for path in settings.overlays)


def _overlay(path: Path) -> Path:
    """Give the file that a word or path means: what has a suffix or a folder is a path."""
    if path.suffix or path.name != str(path):
        return path
    shipped = {file.stem: file for file in sorted(resource("docs/api/overlays").glob("*.yaml"))}
    if path.name in shipped:
        return shipped[path.name]
    what = f'no overlay that ships is named "{path.name}"'
    expected = f"{', '.join(shipped)}, or the path of a file"
    raise InputError(Problem("no-such-overlay", what, expected=expected, nearest=nearest_name(path.name, shipped)))
