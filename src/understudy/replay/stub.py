"""A contract, a scenario and the worlds that were asked for: everything a server needs but the socket."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from threading import Lock
from typing import Any, NewType

from understudy.clock import Clock, VirtualClock, WallClock
from understudy.config import Settings, overlays_of
from understudy.contract import Contract, Operation, load_contract
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Request, Response
from understudy.replay.example_service import ExampleService
from understudy.replay.ocp_service import OcpService
from understudy.replay.pipeline import problem_response, step
from understudy.replay.service import Service
from understudy.replay.world import World
from understudy.scenario import Scenario, find_scenario, load_scenario
from understudy.store import MemoryStore, Store

WorldName = NewType("WorldName", str)
_WORLD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z", re.ASCII)
DEFAULT_WORLD = WorldName("default")
VIRTUAL_START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=timezone(timedelta(hours=8)))
"""Where a virtual clock starts when the scenario does not say."""


@dataclass(frozen=True, slots=True)
class StubProblem(Exception):  # noqa: N818 - named for the RFC 9457 problem that it becomes
    """What only the tool can say about a request: becomes a problem document."""

    status: int
    slug: str
    title: str
    detail: str

    def response(self) -> Response:
        """Give the problem document."""
        return problem_response(self.status, self.slug, self.title, self.detail)


class Stub:
    """Stands in for a server. `handle` takes any request and gives the response; nothing here knows a socket."""

    def __init__(self, settings: Settings | None = None, *, store: Store | None = None) -> None:
        self.settings = settings or Settings()
        self.contract: Contract = load_contract(self.settings.contract, overlays=overlays_of(self.settings))
        _check_prefixes(self.settings, self.contract)
        self.scenario: Scenario | None = None
        self.service: Service = self._service()
        self._store = store or MemoryStore()
        self._wall = WallClock()
        self._worlds: dict[str, World] = {}
        self._lock = Lock()

    def handle(self, request: Request) -> Response:
        """Answer a request in the world that it asks for."""
        try:
            name, inner = self._select(request)
            world = self.world(name)
        except StubProblem as problem:
            return problem.response()
        return step(world, inner, world.clock.now(), self._wall.now())

    def world(self, name: str = DEFAULT_WORLD) -> World:
        """Give a world; made on first use. Raises StubProblem for a name that cannot be one."""
        if not _WORLD_NAME.match(name):
            detail = "A world's name is a letter or digit, then up to 99 letters, digits, dots, underscores or hyphens."
            raise StubProblem(400, "bad-world-name", f'"{name[:120]}" cannot be the name of a world', detail)
        with self._lock:
            world = self._worlds.get(name)
            if world is None:
                world = self._worlds[name] = self._new_world(name)
            return world

    def worlds(self) -> tuple[World, ...]:
        """Give the worlds that exist, oldest first."""
        with self._lock:
            return tuple(self._worlds.values())

    def drop(self, name: str) -> None:
        """Forget a world with all that it remembers. One that is not there is no error."""
        with self._lock:
            world = self._worlds.pop(name, None)
        if world is not None:
            world.forget()

    def tour(self) -> Iterator[tuple[Operation, str]]:
        """Give operations with a path that leads somewhere in a fresh world."""
        model = self.service.start(self._new_clock().now())
        for operation, values in self.service.tour(model):
            yield operation, operation.path.format_map(values)

    def _service(self) -> Service:
        name = self.contract.service
        if not name:
            return ExampleService(self.contract)
        if name != "ocp":
            what = f'the contract asks for the service "{name}" (info.x-understudy-service)'
            near = nearest_name(name, ["ocp"])
            raise InputError(
                Problem("no-such-service", what, self.contract.place("/info"), expected='"ocp"', nearest=near)
            )
        self.scenario = load_scenario(find_scenario(self.settings.scenario), contract=self.contract)
        return OcpService(self.contract, self.scenario)

    def _new_world(self, name: str) -> World:
        if len(self._worlds) >= self.settings.max_worlds:
            detail = f"{len(self._worlds)} worlds exist already. Drop some, or serve with a larger --max-worlds."
            raise StubProblem(503, "too-many-worlds", "There is no room for another world", detail)
        seed = self.settings.seed if self.settings.seed is not None else self.scenario.seed if self.scenario else 0
        return World(
            name,
            contract=self.contract,
            service=self.service,
            store=self._store,
            clock=self._new_clock(),
            digest=self.scenario.digest if self.scenario else "",
            seed=seed,
            validate_request=self.settings.validate_request,
        )

    def _new_clock(self) -> Clock:
        told = self.scenario.clock if self.scenario else None
        mode = self.settings.clock or (str(told.mode.value) if told else "real")
        if mode == "real":
            return self._wall
        return VirtualClock((told.start if told else None) or VIRTUAL_START)

    def _select(self, request: Request) -> tuple[str, Request]:
        """Give the world's name and the request as that world sees it. What is most explicit wins."""
        prefix, inner = _split_prefix(request, self.settings.world_prefix)
        chosen = (
            request.headers.get("X-Understudy-World")
            or prefix
            or self.service.world_of(inner)
            or _cookie(request, "understudy-world")
        )
        return chosen or DEFAULT_WORLD, inner


def _split_prefix(request: Request, prefix: str) -> tuple[str, Request]:
    if not request.path.startswith(f"{prefix}/"):
        return "", request
    name, slash, rest = request.path[len(prefix) + 1 :].partition("/")
    return name, replace(request, path=slash + rest or "/")


def _cookie(request: Request, name: str) -> str:
    for part in request.headers.get("Cookie").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


def _check_prefixes(settings: Settings, contract: Contract) -> None:
    options: dict[str, Any] = {"--admin-prefix": settings.admin_prefix, "--world-prefix": settings.world_prefix}
    problems = []
    for option, prefix in options.items():
        if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", prefix):
            what = f'{option} is "{prefix}"'
            problems.append(Problem("bad-prefix", what, expected="a path such as /__admin, without a slash at its end"))
        for operation in contract.operations.values():
            if operation.path == prefix or operation.path.startswith(f"{prefix}/"):
                what = (
                    f"the operation {operation.id} has the path {operation.path}, which lies under {option} ({prefix})"
                )
                hint = f"Move the prefix with {option}."
                problems.append(Problem("prefix-taken", what, contract.place(operation.pointer), hint=hint))
    if problems:
        raise InputError(problems)
