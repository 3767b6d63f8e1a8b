"""A server of private OCPs: one in this process, or one that already runs and is shared."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from understudy.config import Settings
from understudy.control.client import ControlClient
from understudy.errors import InputError, Problem, nearest_name
from understudy.harness.failure_artifacts import ArtifactLocation, SavedWorld, build_replay_scenario
from understudy.harness.private_ocp import Ocp
from understudy.harness.world_session import Credentials, WorldSession
from understudy.live import LiveServer
from understudy.scenario import SUFFIXES, load_scenario
from understudy.source import dump_yaml

if TYPE_CHECKING:  # optional libraries
    import httpx
    import requests

    from understudy.harness.in_process import StubConnection

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

Options = dict[str, Any]
"""Settings or options of a world, by name."""
ScenarioSource = str | Path | Mapping[str, Any]
"""The name of a scenario of the server, the path of a file, or data in the scenario format."""

_MAX_WORLDS = 10_000
_MAX_NAME = 60
"""The number of characters of a test's name that the name of its world shows."""
_WORLD_SETTINGS = ("scenario", "dialect", "seed")
"""Settings that a world on a shared server can have of its own."""


class OcpServer:
    """A server of worlds: `with OcpServer() as server, server.world() as ocp: …`.

    It listens on a free port of this machine, and its worlds have virtual clocks.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        url: str = "",
        token: str = "",
        ca: str | Path | None = None,
        strict: bool = True,
        replay: Path | None = None,
        **overrides: Any,
    ) -> None:
        """Prepare a server; `start` starts it.

        - `settings`, `overrides`: the settings, and single ones such as `scenario="upgrade"`.
        - `url`: a running server to use instead of an own one. Its worlds start with `scenario`,
          `dialect` and `seed` of the overrides, if these are present. `token` is that of its
          control API, `ca` the file of its authority, for an `https` URL.
        - `strict`: whether worlds report contract violations and unused replies.
        - `replay`: a saved world from which every world starts.

        Raises InputError for an unknown setting, a wrong value and a wrong URL, MissingExtraError
        for `tls=True` without its library.
        """
        _check_arguments(url, overrides)
        if settings is None:
            overrides = {"clock": "virtual", "max_worlds": _MAX_WORLDS, **overrides}
        self.settings = replace(settings or Settings(), **overrides)
        self.strict = strict
        self.live = None if url else LiveServer(self.settings)
        self.on_close: Callable[[ControlClient], None] | None = None
        """Called with the control client of each world before the world is deleted."""
        self._url = url.rstrip("/")
        self._ca = str(ca) if ca and url else None
        self._replay = replay
        self._uploaded: set[str] = set()
        """The names of the scenarios that were uploaded to the server."""
        self._open: dict[str, Ocp] = {}
        self._failures: list[SavedWorld] = []
        """The worlds whose blocks have failed with `_error`."""
        self._error: BaseException | None = None
        self._world_defaults: Options = {}
        if url:
            self._world_defaults = _select_world_settings(overrides)
        self.control = self._build_control(token)
        """The control API of the server."""

    def _build_control(self, token: str) -> ControlClient:
        """Return a control client: of the server in this process, or over HTTP."""
        if self.live is not None:
            return ControlClient.inside(self.live.control, self.live.url)
        return ControlClient(self._url, token, prefix=self.settings.admin_prefix, ca=self._ca)

    def __repr__(self) -> str:
        return f"<ocp server {self.url}>"

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return self.live.url if self.live else self._url

    @property
    def ca(self) -> str | None:
        """The file of the authority that clients of an `https` URL have to trust, if it is known.

        None for a server without TLS.
        """
        return self.live.ca if self.live else self._ca

    @contextmanager
    def tls_fault(self, fault: str) -> Iterator[None]:
        """Give connections that are made inside the block a certificate with a fault.

        It is `tls-expired`, `tls-self-signed` or `tls-wrong-host`. The server sends it before it
        knows the world, so the fault is for all worlds. Connections that are open keep their
        certificate: use a new client. Raises ControlError for an unknown fault, and for a server
        without `tls`; InputError for a server elsewhere, to which this one would not connect again.
        """
        if self.live is None:
            message = "the certificate of a running server cannot be changed by its tests"
            raise InputError(Problem("no-own-server", message, expected="a server without url="))
        before = self.control.get_tls()["fault"]
        self.control.change_tls(fault=fault)
        try:
            yield
        finally:
            self.control.change_tls(fault=before)

    @property
    def address(self) -> str:
        """Host and port."""
        return self.url.partition("://")[2]

    @property
    def world_prefix(self) -> str:
        """The path before the name of a world."""
        return self.settings.world_prefix

    @property
    def serve_options(self) -> tuple[str, ...]:
        """Options of `understudy serve` that select the same contract."""
        settings = self.settings
        options: list[str] = []
        if settings.contract is not None:
            options += ["--contract", str(settings.contract)]
        for overlay in settings.overlays:
            options += ["--overlay", str(overlay)]
        if settings.dialect != Settings().dialect:
            options += ["--dialect", settings.dialect]
        return tuple(options)

    def world(
        self,
        name: str = "",
        *,
        scenario: ScenarioSource | None = None,
        clock: str | None = None,
        speed: float | None = None,
        dialect: str | None = None,
        seed: int | None = None,
        strict: bool | None = None,
    ) -> Ocp:
        """Create a world: `with server.world(scenario="upgrade") as ocp: …`.

        - `name`: the start of the world's name, which is made unique.
        - `scenario`: the name of a scenario, the path of a file, or a mapping in the scenario
          format.
        - `clock`: `virtual`, `real` (`speed` times as fast as the wall clock) or `per-call`.
        - `dialect`: `documented` or `observed`.

        An argument with the value None is that of the server. Raises InputError and ControlError
        with all problems.
        """
        if speed is not None and clock not in (None, "real"):
            message = f"speed= needs a real clock, and the clock is {clock}"
            expected = 'clock="real", or no clock='
            raise InputError(Problem("bad-speed", message, expected=expected))
        unique = f"{_make_name(name)}-{uuid4().hex[:8]}"
        options: Options = {
            "clock": clock or None,
            "speed": speed,
            "dialect": dialect,
            "seed": seed,
            "scenario": scenario,
        }
        if clock is None and speed is not None:
            options["clock"] = "real"
        self._create(unique, options)
        session = WorldSession(
            self,
            unique,
            self.control.in_world(unique),
            strict=self.strict if strict is None else strict,
        )
        self._open[unique] = Ocp(session)
        return self._open[unique]

    def _create(self, name: str, options: Options) -> None:
        """Create a world on the server: at once, so that it shows calls with wrong passwords."""
        arguments = {key: value for key, value in options.items() if value is not None}
        if self.live is None:
            arguments = {"clock": "virtual", **self._world_defaults, **arguments}
        if "scenario" in arguments:
            arguments["scenario"] = self._provide_scenario(arguments["scenario"])
        if arguments or self.live is None:
            self.control.make_world(name, **arguments)
        else:
            self.live.stub.world(name)
        if self._replay is not None:
            # The accounts of the test's own scenario have the secrets that the saved world lacks.
            accounts = self.control.in_world(name).list_accounts()["accounts"]
            text = build_replay_scenario(self._replay, accounts)
            arguments["scenario"] = self._upload(self._replay.stem, text)
            self.control.make_world(name, **arguments)

    @property
    def open(self) -> tuple[Ocp, ...]:
        """The worlds that have not been closed, oldest first."""
        return tuple(self._open.values())

    def requests_session(self, base_url: str, auth: Credentials | None) -> "requests.Session":
        """Return a `requests` session for a world. Raise ImportError without the library."""
        try:
            from understudy.harness.requests_client import requests_session
        except ModuleNotFoundError as error:
            message = "ocp.requests() needs the package requests: pip install requests"
            raise ImportError(f"{message} ({error})") from error
        return requests_session(self._connect(), base_url, auth, others=(self.url,), ca=self._ca)

    def httpx_client(self, base_url: str, auth: Credentials | None) -> "httpx.Client":
        """Return an `httpx` client for a world. Raise ImportError without the library."""
        from understudy.harness.httpx_client import httpx_client

        client: httpx.Client = httpx_client(self._connect(), base_url, auth, self._ca)
        return client

    def httpx_async_client(self, base_url: str, auth: Credentials | None) -> "httpx.AsyncClient":
        """Return an `httpx` client for asyncio and trio. Raise ImportError without the library."""
        from understudy.harness.httpx_client import httpx_async_client

        client: httpx.AsyncClient = httpx_async_client(self._connect(), base_url, auth, self._ca)
        return client

    def _connect(self) -> "StubConnection | None":
        """Return a connection to the stub in this process, or None for a server elsewhere."""
        from understudy.harness.in_process import StubConnection
        from understudy.harness.repeated_calls import RepeatingHandler
        from understudy.server.cross_origin import CrossOrigin

        if self.live is None:
            return None
        stub = self.live.stub
        return StubConnection(RepeatingHandler(stub), CrossOrigin(stub.settings))

    def before_close(self, name: str) -> None:
        """Call `on_close` for a world that is about to be deleted."""
        self._open.pop(name, None)
        if self.on_close is not None:
            self.on_close(self.control.in_world(name))

    def record_failure(self, world: SavedWorld, error: BaseException) -> None:
        """Store a world whose block has failed, until `take_failures` returns it.

        Worlds of outer blocks that the same error leaves are added; another error replaces them.
        """
        if error is not self._error:
            self.forget_failures()
        self._error = error
        self._failures.append(world)

    def take_failures(self, location: ArtifactLocation) -> list[str]:
        """Save the worlds whose blocks have failed, return their stories, and forget them."""
        stories = []
        for number, world in enumerate(self._failures, start=1):
            stories.append(world.save(location, number))
        self.forget_failures()
        return stories

    def forget_failures(self) -> None:
        """Forget the worlds whose blocks have failed."""
        self._failures = []
        self._error = None

    def start(self) -> "OcpServer":
        """Start to serve in a thread, and return the server."""
        if self.live:
            self.live.start()
        return self

    def stop(self) -> None:
        """Verify and close all open worlds, and stop serving.

        Raises the first error of a world. Further errors are added to it as notes.
        """
        first: Exception | None = None
        failures = self._failures
        try:
            for ocp in self.open:
                try:
                    ocp.__exit__(None, None, None)
                except Exception as error:
                    failures = [*failures, *self._failures]
                    if first is None:
                        first = error
                    else:
                        first.add_note(str(error))
        finally:
            self._failures = failures
            if self.live:
                self.live.stop()
        if first is not None:
            raise first

    def __enter__(self) -> "OcpServer":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _provide_scenario(self, scenario: ScenarioSource) -> str:
        """Return the name of a scenario on the server. Upload a file or a mapping first."""
        match scenario:
            case Mapping():
                name = str(scenario.get("name", "inline"))
                return self._upload(name, dump_yaml({"understudy": 1, **scenario}))
            case str() if not scenario.endswith(SUFFIXES) and "/" not in scenario:
                return scenario
            case str() | Path():
                path = Path(scenario)
                load_scenario(path)  # reports problems with the file's own name
                return self._upload(path.stem, path.read_text("utf-8"))
            case _:
                message = f"the scenario is {scenario!r}"
                expected = "a name, the path of a file, or a mapping in the scenario format"
                raise InputError(Problem("bad-scenario", message, expected=expected))

    def _upload(self, name: str, text: str) -> str:
        """Upload a scenario once, and return its name: the same text has the same name."""
        digest = blake2b(text.encode(), digest_size=4).hexdigest()
        unique = f"{_make_name(name)}-{digest}"
        if unique not in self._uploaded:
            self.control.upload_scenario(unique, text)
            self._uploaded.add(unique)
        return unique


def _select_world_settings(overrides: Options) -> Options:
    """Return the settings with which the worlds of a shared server start."""
    selected = {key: overrides.get(key) for key in _WORLD_SETTINGS}
    return {key: value for key, value in selected.items() if value not in (None, "")}


def _check_arguments(url: str, settings: Options) -> None:
    """Raise InputError for a wrong URL, and for unknown settings."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        message = f'"{url}" is not the URL of a server'
        expected = "a URL such as http://127.0.0.1:4010"
        raise InputError(Problem("bad-url", message, expected=expected))
    known = [field.name for field in fields(Settings)]
    problems = []
    for name in settings:
        if name in known:
            continue
        near = nearest_name(name, known)
        expected = "" if near else f"one of {', '.join(known)}"
        message = f'unknown setting "{name}"'
        problems.append(Problem("no-such-setting", message, expected=expected, nearest=near))
    if problems:
        raise InputError(problems)


def _make_name(text: str) -> str:
    """Return a name for a world or scenario: letters, digits and hyphens of a text."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
    return name[:_MAX_NAME].strip("-") or "world"
