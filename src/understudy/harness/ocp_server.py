"""A server of private OCPs: in this process, or one that runs already and is shared."""

import re
from collections.abc import Callable, Mapping
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
from understudy.harness.private_ocp import Ocp, WorldSession
from understudy.live import LiveServer
from understudy.scenario import SUFFIXES, load_scenario
from understudy.source import dump_yaml

if TYPE_CHECKING:  # for their names only
    import httpx
    import requests

    from understudy.harness.in_process import StubConnection

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

_WORLDS = 10_000
_READABLE = 60
_OF_WORLDS = ("scenario", "dialect", "seed")
"""Settings that a world of a server that runs already can have of its own."""


class OcpServer:
    """Gives worlds: `with OcpServer() as server, server.world() as ocp: …`.

    It serves on a free port of this machine, on a virtual clock; `overrides` are single settings, such as
    `scenario="upgrade"`. With `url`, the worlds are those of a server that runs already; they begin with `scenario`,
    `dialect` and `seed` where these are told. Raises InputError for settings that cannot be used.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        url: str = "",
        token: str = "",
        strict: bool = True,
        replay: Path | None = None,
        **overrides: Any,
    ) -> None:
        _check(url, overrides)
        told = (
            {"clock": "virtual", "max_worlds": _WORLDS, **overrides}
            if settings is None
            else overrides
        )
        self.settings = replace(settings or Settings(), **told)
        self.strict = strict
        self.live = None if url else LiveServer(self.settings)
        self._url = url.rstrip("/")
        self._begin = {
            key: overrides[key]
            for key in _OF_WORLDS
            if url and overrides.get(key) not in (None, "")
        }
        self._replay = replay
        self._uploaded: set[str] = set()
        self._open: dict[str, Ocp] = {}
        self.on_close: Callable[[ControlClient], None] | None = None
        """Called with the control of each world before it is forgotten."""
        self._failures: list[SavedWorld] = []
        self._error: BaseException | None = None
        """What they have failed with."""
        self.control = (
            ControlClient.inside(self.live.control, self.live.url)
            if self.live
            else ControlClient(self._url, token, prefix=self.settings.admin_prefix)
        )
        """The control API of the server."""

    def __repr__(self) -> str:
        return f"<ocp server {self.url}>"

    @property
    def url(self) -> str:
        """Where the server is, without a slash at its end."""
        return self.live.url if self.live else self._url

    @property
    def address(self) -> str:
        """Host and port."""
        return self.url.partition("://")[2]

    @property
    def world_prefix(self) -> str:
        """What stands before a world's name in a URL."""
        return self.settings.world_prefix

    @property
    def serve_options(self) -> tuple[str, ...]:
        """Options of `understudy serve` that make it stand in for the same contract."""
        told = self.settings
        words = ["--contract", str(told.contract)] if told.contract is not None else []
        words += [word for overlay in told.overlays for word in ("--overlay", str(overlay))]
        if told.dialect != Settings().dialect:
            words += ["--dialect", told.dialect]
        return tuple(words)

    def world(
        self,
        name: str = "",
        *,
        scenario: str | Path | Mapping[str, Any] | None = None,
        clock: str | None = None,
        speed: float | None = None,
        dialect: str | None = None,
        seed: int | None = None,
        strict: bool | None = None,
    ) -> Ocp:
        """Give a new world: `with server.world(scenario="upgrade") as ocp: …`. What is not told is the server's own.

        `name` is what it is called, made unique; `scenario` a name of the library, the path of a file, or a mapping in
        the words of the scenario format; `clock` is `virtual`, `real` (`speed` times as fast as the wall's) or
        `per-call`; `dialect` is `documented` or `observed`. Raises InputError and ControlError with all that is wrong.
        """
        if speed is not None and clock not in (None, "real"):
            what = f"a clock that is {clock} has no speed"
            raise InputError(
                Problem("bad-speed", what, expected="speed= with the clock real, or without clock=")
            )
        unique = f"{_readable(name)}-{uuid4().hex[:8]}"
        control = self.control.in_world(unique)
        told: dict[str, Any] = {
            "clock": clock or ("real" if speed is not None else None),
            "speed": speed,
        }
        told |= {
            "dialect": dialect,
            "seed": seed,
            "scenario": None if scenario is None else self._named(scenario),
        }
        if self.live is None:
            told["clock"] = told["clock"] or "virtual"
            told |= {key: self._begun(key) for key in self._begin if told[key] is None}
        chosen = {key: value for key, value in told.items() if value is not None}
        if chosen:
            self.control.make_world(unique, **chosen)
        if self._replay is not None:
            accounts = control.list_accounts()["accounts"]
            again = self._uploaded_as(
                self._replay.stem, build_replay_scenario(self._replay, accounts)
            )
            self.control.make_world(unique, **{**chosen, "scenario": again})
        made = Ocp(
            WorldSession(self, unique, control, strict=self.strict if strict is None else strict)
        )
        self._open[unique] = made
        return made

    @property
    def open(self) -> tuple[Ocp, ...]:
        """The worlds that were not closed yet, the oldest first."""
        return tuple(self._open.values())

    def requests_session(self, base_url: str, auth: tuple[str, str] | None) -> "requests.Session":
        """Give a `requests` session for a world. Raises ImportError without the library."""
        try:
            from understudy.harness.requests_client import requests_session
        except ModuleNotFoundError as error:
            raise ImportError(
                f"ocp.requests() needs the package requests: pip install requests ({error})"
            ) from error
        return requests_session(self._inside(), base_url, auth, others=(self.url,))

    def httpx_client(self, base_url: str, auth: tuple[str, str] | None) -> "httpx.Client":
        """Give an `httpx` client for a world. Raises ImportError without the library."""
        from understudy.harness.httpx_client import httpx_client

        made: httpx.Client = httpx_client(self._inside(), base_url, auth)
        return made

    def httpx_async_client(
        self, base_url: str, auth: tuple[str, str] | None
    ) -> "httpx.AsyncClient":
        """Give the same for asyncio. Raises ImportError without the library."""
        from understudy.harness.httpx_client import httpx_async_client

        made: httpx.AsyncClient = httpx_async_client(self._inside(), base_url, auth)
        return made

    def before_close(self, ocp: Ocp) -> None:
        """Hear of a world that is about to be forgotten."""
        self._open.pop(ocp.name, None)
        if self.on_close is not None:
            self.on_close(self.control.in_world(ocp.name))

    def record_failure(self, ocp: Ocp, error: BaseException) -> None:
        """Hear of a world whose block has failed: the last one is remembered, until somebody takes its story.

        Blocks around it that the same error leaves are remembered beside it.
        """
        if error is not self._error:
            self.forget_failures()
        self._error = error
        self._failures.append(ocp.to_saved_world())

    def take_failures(self, place: ArtifactLocation) -> list[str]:
        """Give the stories of worlds whose blocks have failed, each with where it was kept; then they are forgotten."""
        told = [remains.save(place, number) for number, remains in enumerate(self._failures, 1)]
        self.forget_failures()
        return told

    def forget_failures(self) -> None:
        """Forget which worlds have failed."""
        self._failures = []
        self._error = None

    def start(self) -> "OcpServer":
        """Serve in a thread."""
        if self.live:
            self.live.start()
        return self

    def stop(self) -> None:
        """Stop serving. Worlds that were not closed are judged; raises what the first bad one raises.

        What others raise is noted on it.
        """
        found: Exception | None = None
        failures = self._failures
        try:
            for ocp in self.open:
                try:
                    ocp.__exit__(None, None, None)
                except Exception as error:
                    failures = [*failures, *self._failures]
                    if found is not None:
                        found.add_note(str(error))
                    found = found or error
        finally:
            self._failures = failures
            if self.live:
                self.live.stop()
        if found is not None:
            raise found

    def __enter__(self) -> "OcpServer":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _inside(self) -> "StubConnection | None":
        from understudy.harness.in_process import StubConnection

        return StubConnection(self.live.stub.handle) if self.live else None

    def _begun(self, key: str) -> Any:
        return self._named(self._begin[key]) if key == "scenario" else self._begin[key]

    def _named(self, scenario: str | Path | Mapping[str, Any]) -> str:
        """Give the name of a scenario in the server's library; what is not there yet is brought there."""
        if isinstance(scenario, Mapping):
            return self._uploaded_as(
                str(scenario.get("name", "told")), dump_yaml({"understudy": 1, **scenario})
            )
        if isinstance(scenario, str) and not scenario.endswith(SUFFIXES) and "/" not in scenario:
            return scenario
        if not isinstance(scenario, str | Path):
            expected = "a name, the path of a file, or a mapping in the words of the format"
            raise InputError(
                Problem("bad-scenario", f"the scenario is {scenario!r}", expected=expected)
            )
        path = Path(scenario)
        load_scenario(path)  # its problems are told with the file's own name
        return self._uploaded_as(path.stem, path.read_text("utf-8"))

    def _uploaded_as(self, name: str, text: str) -> str:
        unique = f"{_readable(name)}-{blake2b(text.encode(), digest_size=4).hexdigest()}"
        if unique not in self._uploaded:
            self.control.upload_scenario(unique, text)
            self._uploaded.add(unique)
        return unique


def _check(url: str, settings: Mapping[str, Any]) -> None:
    """Raise InputError for a URL that is none, and for names of settings that nobody knows."""
    split = urlsplit(url)
    if url and (split.scheme not in ("http", "https") or not split.hostname):
        raise InputError(
            Problem(
                "bad-url",
                f'"{url}" is no URL of a server',
                expected="one such as http://127.0.0.1:4010",
            )
        )
    known = [field.name for field in fields(Settings)]
    problems = []
    for name in (name for name in settings if name not in known):
        near = nearest_name(name, known)
        expected = "" if near else f"one of {', '.join(known)}"
        problems.append(
            Problem(
                "no-such-setting", f'there is no setting "{name}"', expected=expected, nearest=near
            )
        )
    if problems:
        raise InputError(problems)


def _readable(name: str) -> str:
    """Give what of a name can stand in a world's."""
    told = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return told[:_READABLE].strip("-") or "world"
