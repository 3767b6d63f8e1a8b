"""What `understudy serve`, `create_app` and the live server can be told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from understudy.clock import MAX_SPEED, MIN_SPEED
from understudy.errors import InputError, Problem, nearest_name
from understudy.resources import resource_path

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+")
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
    scenario: str = ""
    """The name of a scenario that ships or lies in the folder, or a path. Empty: `demo` for OCP's contract, none for
    others."""
    scenarios: Path | None = None
    """A folder of scenarios, which can be chosen by their names."""
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
    errors: bool = False
    """True: a call that prefers what nobody knows (`Prefer`, `__code=`, the cookie) is refused."""
    allow_hosts: tuple[str, ...] = ()
    """Names a client may use in its Host header beside localhost and IP addresses."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the stub, beside those on this machine."""
    token: str = field(default="", repr=False)
    """What a call of the control API has to show; empty: nothing."""
    admin_prefix: str = "/__admin"
    world_prefix: str = "/w"
    max_worlds: int = 1000
    threads: int = 32
    """How many calls are answered at once; half of them may wait (delays, `wait`, event streams)."""

    def __post_init__(self) -> None:
        for name in ("contract", "scenarios"):
            told = getattr(self, name)
            object.__setattr__(
                self, name, None if told is None or told == "" else _path(name, told)
            )
        object.__setattr__(
            self,
            "overlays",
            tuple(_path("overlays", told) for told in _several("overlays", self.overlays)),
        )
        object.__setattr__(self, "scenario", "" if self.scenario is None else str(self.scenario))
        for name in ("allow_hosts", "cors_origins"):
            object.__setattr__(self, name, tuple(_several(name, getattr(self, name))))
        if self.speed is not None and not MIN_SPEED <= self.speed <= MAX_SPEED:  # NaN is not either
            what = f"the speed of the clock is {self.speed}"
            raise InputError(
                Problem("bad-speed", what, expected=f"a number from {MIN_SPEED} to {MAX_SPEED}")
            )
        for origin in self.cors_origins:
            if not _ORIGIN.fullmatch(origin):
                expected = "a scheme, a name and perhaps a port, such as https://app.example.com"
                raise InputError(
                    Problem("bad-origin", f'"{origin}" is no origin of pages', expected=expected)
                )
        if self.token and not self.token.isascii():
            raise InputError(
                Problem("bad-token", "the token of the control API has letters beyond ASCII")
            )


def _several(name: str, told: Any) -> Iterator[Any]:
    """Give what was told of a setting that may be several: one text or path by itself, any collection, or None."""
    if told is None or told == "":
        return
    if isinstance(told, str | Path):
        yield told
        return
    try:
        yield from told
    except TypeError as error:
        what = f"the setting {name} is {told!r}"
        raise InputError(
            Problem("bad-setting", what, expected="a text or path, or several of them")
        ) from error


def _path(name: str, told: Any) -> Path:
    """Give a path: `create_app(contract="pets.yaml")`, whoever has a text means one."""
    if not isinstance(told, str | Path):
        raise InputError(
            Problem("bad-setting", f"the setting {name} is {told!r}", expected="a text or path")
        )
    return Path(told)


def resolve_overlays(settings: Settings) -> tuple[Path, ...]:
    """Give the files of the overlays to apply at load, in order.

    Raises InputError for an unknown dialect, and for a name that no shipped overlay has.
    """
    if settings.dialect not in DIALECTS:
        what = f'there is no dialect "{settings.dialect}"'
        near = nearest_name(settings.dialect, DIALECTS)
        raise InputError(
            Problem("no-such-dialect", what, expected=" or ".join(DIALECTS), nearest=near)
        )
    own = (
        (resource_path("docs/api/overlays/observed.yaml"),)
        if settings.dialect == "observed"
        else ()
    )
    return own + tuple(_overlay(path) for path in settings.overlays)


def _overlay(path: Path) -> Path:
    """Give the file that a word or path means: what has a suffix or a folder is a path."""
    if path.suffix or path.name != str(path):
        return path
    shipped = {
        file.stem: file for file in sorted(resource_path("docs/api/overlays").glob("*.yaml"))
    }
    if path.name in shipped:
        return shipped[path.name]
    what = f'no overlay that ships is named "{path.name}"'
    expected = f"{', '.join(shipped)}, or the path of a file"
    raise InputError(
        Problem(
            "no-such-overlay", what, expected=expected, nearest=nearest_name(path.name, shipped)
        )
    )
