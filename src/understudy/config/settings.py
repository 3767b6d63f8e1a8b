"""The settings of `understudy serve`, `create_app` and the live server.

`Settings` accepts what users write in code (a string for a path, one value for several) and
converts it when it is built.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path

from understudy.clock import MAX_SPEED, MIN_SPEED
from understudy.config.tls_settings import check_tls
from understudy.config.web_origins import check_origins
from understudy.errors import InputError, Problem, nearest_name
from understudy.resources import resource_path

DIALECTS = ("documented", "observed")
"""The names that the server can speak: those of the documents, or those seen on the wire."""


class ValidateRequest(Enum):
    """How the stub handles a request that breaks the contract."""

    ENFORCE = "enforce"
    """The stub answers with the service's own error."""
    REPORT = "report"
    """The stub answers as well as it can; the journal lists the violations."""
    OFF = "off"
    """The stub does not validate requests."""


class UnknownQuery(Enum):
    """How the stub handles a query parameter that the operation does not have."""

    IGNORE = "ignore"
    """The stub does not look for unknown query parameters."""
    REPORT = "report"
    """The stub answers as the real server does; journal and log have a warning."""
    ENFORCE = "enforce"
    """The stub answers with the service's own error."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a stub. `Settings()` serves the shipped contract and scenario.

    Raises InputError for a value that is out of range or of the wrong type.
    """

    contract: Path | None = None
    """An OpenAPI document; None: the shipped one."""
    strict_contract: bool = False
    """True: a flaw of the contract is an error; otherwise it is a warning."""
    fetch_remote_refs: bool = False
    """True: URLs that the contract refers to are fetched."""
    overlays: tuple[Path, ...] = ()
    """Overlays to apply after the dialect's own: files, or names of shipped ones (`english`)."""
    dialect: str = "documented"
    """One of `DIALECTS`."""
    scenario: str = ""
    """The name of a scenario (shipped, or in the folder), or a path.

    Empty: `demo` for OCP's contract, no scenario for other contracts.
    """
    scenarios: Path | None = None
    """A folder of scenarios, which clients can select by name."""
    clock: str = ""
    """`real`, `virtual` or `per-call`; empty: the scenario's clock."""
    speed: float | None = None
    """The speed of a real clock, 0.1 to 10 000 times the wall's; None: the scenario's speed."""
    auth: bool = True
    """False: every caller may do everything, without credentials."""
    skew: timedelta = timedelta(minutes=15)
    """How far the date of a signed request may be from the wall clock, either way."""
    seed: int | None = None
    """The seed of random values, ids and samples; None: the scenario's seed."""
    validate_request: ValidateRequest = ValidateRequest.ENFORCE
    unknown_query: UnknownQuery = UnknownQuery.REPORT
    """Without effect where `validate_request` is off."""
    errors: bool = False
    """True: a violation that would only be reported is answered with an error, and a response that
    breaks the contract becomes a problem (500). For one release, it implies `strict_preferences`.
    """
    strict_preferences: bool = False
    """True: a call with an unknown preference is answered with a problem (400)."""
    dynamic: bool = False
    """True: responses have generated data, another one at each call, although there are examples.
    It concerns contracts without a service."""
    allow_hosts: tuple[str, ...] = ()
    """Names a client may use in its Host header, besides localhost and IP addresses."""
    cors: bool = True
    """False: no header fields of CORS are sent, and OPTIONS is answered only by the contract."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the stub, besides those on this machine."""
    token: str = field(default="", repr=False)
    """The token that calls of the control API need; empty: they need none."""
    admin_prefix: str = "/__admin"
    """The path prefix of the control API."""
    world_prefix: str = "/w"
    """The path prefix that selects a world: `/w/<world>/…`."""
    max_worlds: int = 1000
    cache: bool = True
    """False: contract and scenario are read anew, without the cache on disk."""
    tls: bool = False
    """True: the server speaks HTTPS, with a certificate that it makes when it starts."""
    tls_ca: Path | None = None
    """Where the certificate of the authority is written that signs this certificate; None: to a
    temporary file."""
    tls_fault: str = ""
    """What is wrong with this certificate: one of `TLS_FAULTS`, or empty."""
    cert: Path | None = None
    """A certificate of your own, as a PEM file: the server speaks HTTPS with it."""
    key: Path | None = None
    """The key of `cert`; None: it is in the same file."""
    threads: int = 32
    """How many calls are answered at once.

    Half of them may wait (`wait`, event streams). Delayed answers need no thread of a LiveServer.
    """
    connections: int = 1000
    """How many connections a LiveServer holds open; slow and idle ones make room for others."""

    def __post_init__(self) -> None:
        overlays = _items("overlays", self.overlays)
        converted = {
            "contract": _optional_path("contract", self.contract),
            "scenarios": _optional_path("scenarios", self.scenarios),
            "tls_ca": _optional_path("tls_ca", self.tls_ca),
            "cert": _optional_path("cert", self.cert),
            "key": _optional_path("key", self.key),
            "overlays": tuple(_to_path("overlays", overlay) for overlay in overlays),
            "scenario": _optional_text(self.scenario),
            "allow_hosts": tuple(_items("allow_hosts", self.allow_hosts)),
            "cors_origins": tuple(_items("cors_origins", self.cors_origins)),
            "validate_request": _to_choice(
                "validate_request", self.validate_request, ValidateRequest
            ),
            "unknown_query": _to_choice("unknown_query", self.unknown_query, UnknownQuery),
        }
        # The class is frozen for its users; converting happens before they see the value.
        for name, value in converted.items():
            object.__setattr__(self, name, value)
        _check_speed(self.speed)
        if self.connections < 1:
            message = f"the setting connections is {self.connections}"
            raise InputError(Problem("bad-setting", message, expected="at least 1"))
        check_origins(self.cors_origins)
        if self.cors_origins and not self.cors:
            message = "the setting cors is off, but cors_origins allows origins"
            raise InputError(Problem("bad-setting", message, expected="only one of them"))
        # The token travels in a header field, whose values are ASCII (RFC 9110, section 5.5).
        if not self.token.isascii():
            message = "the token of the control API has letters beyond ASCII"
            raise InputError(Problem("bad-token", message))
        check_tls(self.tls, self.tls_ca, self.tls_fault, self.cert, self.key)

    @property
    def has_tls(self) -> bool:
        """Whether the server speaks HTTPS."""
        return self.tls or self.cert is not None

    @property
    def scheme(self) -> str:
        """The scheme of the server's URLs."""
        return "https" if self.has_tls else "http"


def _optional_text(value: object) -> str:
    return "" if value is None else str(value)


def _optional_path(name: str, value: object) -> Path | None:
    """Return a setting as a path; None for None and for an empty string."""
    if value is None or value == "":
        return None
    return _to_path(name, value)


def _to_path(name: str, value: object) -> Path:
    """Return a setting as a path. Raises InputError when it is neither a string nor a path."""
    if not isinstance(value, str | Path):
        message = f"the setting {name} is {value!r}"
        raise InputError(Problem("bad-setting", message, expected="a string or path"))
    return Path(value)


def _to_choice(name: str, value: object, choices: type[Enum]) -> Enum:
    """Return a setting as a member of its choices, which can be given by its value.

    Raises InputError for any other value.
    """
    try:
        return choices(value)
    except ValueError as error:
        message = f"the setting {name} is {value!r}"
        expected = f"one of {', '.join(choice.value for choice in choices)}"
        raise InputError(Problem("bad-setting", message, expected=expected)) from error


def _items(name: str, value: object) -> Iterator[object]:
    """Yield the values of a setting that can have several.

    `value` is a string or path (one value), a collection, None or empty (no value).
    Raises InputError for anything else.
    """
    if value is None or value == "":
        return
    # A string is a collection of characters, but the user means one value.
    if isinstance(value, str | Path):
        yield value
        return
    try:
        yield from value  # type: ignore[misc]
    except TypeError as error:
        message = f"the setting {name} is {value!r}"
        expected = "a string or path, or several of them"
        raise InputError(Problem("bad-setting", message, expected=expected)) from error


def _check_speed(speed: float | None) -> None:
    # The chained comparison is false for NaN, too.
    if speed is None or MIN_SPEED <= speed <= MAX_SPEED:
        return
    message = f"the speed of the clock is {speed}"
    expected = f"a number from {MIN_SPEED} to {MAX_SPEED}"
    raise InputError(Problem("bad-speed", message, expected=expected))


def resolve_overlays(settings: Settings) -> tuple[Path, ...]:
    """Return the files of the overlays to apply at load, in order: the dialect's own first.

    Raises InputError for an unknown dialect and for an unknown name of an overlay.
    """
    if settings.dialect not in DIALECTS:
        message = f'unknown dialect "{settings.dialect}"'
        nearest = nearest_name(settings.dialect, DIALECTS)
        expected = " or ".join(DIALECTS)
        raise InputError(Problem("no-such-dialect", message, expected=expected, nearest=nearest))
    overlays = [_find_overlay(path) for path in settings.overlays]
    if settings.dialect == "observed":
        overlays.insert(0, resource_path("docs/api/overlays/observed.yaml"))
    return tuple(overlays)


def _find_overlay(path: Path) -> Path:
    """Return the file of an overlay: `path` itself, or the shipped overlay of this name.

    A value with a suffix or a folder is a path, whether or not the file exists.
    """
    if path.suffix or path.name != str(path):
        return path
    files = sorted(resource_path("docs/api/overlays").glob("*.yaml"))
    shipped = {file.stem: file for file in files}
    if path.name in shipped:
        return shipped[path.name]
    message = f'unknown overlay "{path.name}"'
    expected = f"{', '.join(shipped)}, or the path of a file"
    nearest = nearest_name(path.name, shipped)
    raise InputError(Problem("no-such-overlay", message, expected=expected, nearest=nearest))
