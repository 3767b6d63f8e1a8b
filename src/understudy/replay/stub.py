"""A contract, a scenario and the worlds that were asked for: everything a server needs but the socket."""

import logging
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from threading import Lock
from typing import Any, NewType

from understudy.clock import Clock, ClockState, WallClock
from understudy.config import Settings, overlays_of
from understudy.contract import Contract, Operation, load_contract
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Request, Response
from understudy.replay.example_service import ExampleService
from understudy.replay.ocp_service import OcpService
from understudy.replay.pipeline import problem_response, step
from understudy.replay.service import Service
from understudy.replay.throttle import Limit
from understudy.replay.world import World
from understudy.scenario import Scenario, find_scenario, load_scenario
from understudy.store import MemoryStore, Store

log = logging.getLogger("understudy")

WorldName = NewType("WorldName", str)
_WORLD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z", re.ASCII)
DEFAULT_WORLD = WorldName("default")
IDLE = timedelta(minutes=10)
"""Only a world that nobody asked for so long has to make room for another."""
_REMEMBERED = 10_000
"""Of how many evicted worlds the names are remembered."""
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


@dataclass(slots=True)
class _Place:
    """A world, and when it was last asked for."""

    world: World
    used: datetime


class Stub:
    """Stands in for a server. `handle` takes any request and gives the response; nothing here knows a socket."""

    def __init__(
        self, settings: Settings | None = None, *, store: Store | None = None, wall: Clock | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.contract: Contract = load_contract(self.settings.contract, overlays=overlays_of(self.settings))
        _check_prefixes(self.settings, self.contract)
        self.scenario: Scenario | None = None
        self.service: Service = self._service()
        self._store = store or MemoryStore()
        self._wall = wall or WallClock()
        self._worlds: OrderedDict[str, _Place] = OrderedDict()
        self._evicted: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def handle(self, request: Request) -> Response:
        """Answer a request in the world that it asks for."""
        try:
            name, inner = self._select(request)
            world = self.world(name)
        except StubProblem as problem:
            return problem.response()
        return step(world, inner)

    def world(self, name: str = DEFAULT_WORLD) -> World:
        """Give a world; made on first use. Raises StubProblem for a bad name, an evicted world, and a lack of room."""
        _check_name(name)
        used = self._wall.now()
        with self._lock:
            place = self._worlds.get(name)
            if place is None:
                place = self._worlds[name] = _Place(self._new_world(name, used), used)
            place.used = used
            self._worlds.move_to_end(name)
            return place.world

    def worlds(self) -> tuple[World, ...]:
        """Give the worlds that exist, the one that was used longest ago first."""
        with self._lock:
            return tuple(place.world for place in self._worlds.values())

    def drop(self, name: str) -> None:
        """Forget a world with all that it remembers, also that it was evicted. One that is not there is no error."""
        with self._lock:
            self._evicted.pop(name, None)
            place = self._worlds.pop(name, None)
        if place is not None:
            place.world.forget()

    def reset(self, name: str) -> None:
        """Let a world begin anew: one that is there at once, one that was evicted when it is next asked for.

        Whoever holds the world goes on holding it. Raises StubProblem for a bad name.
        """
        _check_name(name)
        with self._lock:
            self._evicted.pop(name, None)
            place = self._worlds.get(name)
        if place is not None:
            place.world.reset()

    def world_of(self, request: Request) -> str:
        """Give the name of the world that a request asks for."""
        return self._select(request)[0]

    def tour(self) -> Iterator[tuple[Operation, str]]:
        """Give operations with a path that leads somewhere in a fresh world."""
        model = self.service.start(self._new_clock(self._wall.now()).base)
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
        return OcpService(self.contract, self.scenario, auth=self.settings.auth, skew=self.settings.skew)

    def _new_world(self, name: str, wall: datetime) -> World:
        """Make a world, with the lock held."""
        if name in self._evicted:
            detail = "It was idle and had to make room. Reset it to begin anew."
            raise StubProblem(410, "world-evicted", f'The world "{name}" is gone', detail)
        if name != DEFAULT_WORLD and len(self._worlds) >= self.settings.max_worlds:
            self._evict(wall)
        scenario = self.scenario
        seed = self.settings.seed if self.settings.seed is not None else scenario.seed if scenario else 0
        return World(
            name,
            contract=self.contract,
            service=self.service,
            store=self._store,
            wall=self._wall,
            clock=self._new_clock(wall),
            digest=scenario.digest if scenario else "",
            seed=seed,
            limits=[Limit(throttle.limit, throttle.window) for throttle in scenario.throttle] if scenario else [],
            validate_request=self.settings.validate_request,
        )

    def _evict(self, wall: datetime) -> None:
        """Let the world go that was used longest ago, if it has been idle long enough; say so."""
        name, place = next(iter(self._worlds.items()))
        if wall - place.used < IDLE:
            detail = (
                f"{len(self._worlds)} worlds exist, and all were used within the last {IDLE.seconds // 60} minutes. "
                "Drop some, or serve with a larger --max-worlds."
            )
            raise StubProblem(503, "too-many-worlds", "There is no room for another world", detail)
        del self._worlds[name]
        place.world.forget()
        self._evicted[name] = None
        if len(self._evicted) > _REMEMBERED:
            self._evicted.popitem(last=False)
        log.warning("world %s: evicted to make room; it was last used at %s", name, place.used.isoformat())

    def _new_clock(self, wall: datetime) -> ClockState:
        told = self.scenario.clock if self.scenario else None
        mode = self.settings.clock or (str(told.mode.value) if told else "real")
        start = told.start if told else None
        base = start or (wall if mode == "real" else VIRTUAL_START)
        speed = self.settings.speed if self.settings.speed is not None else told.speed if told else 1.0
        return ClockState(mode, base, wall, speed, told.step if told else timedelta(seconds=1))

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


def _check_name(name: str) -> None:
    if not _WORLD_NAME.match(name):
        detail = "A world's name is a letter or digit, then up to 99 letters, digits, dots, underscores or hyphens."
        raise StubProblem(400, "bad-world-name", f'"{name[:120]}" cannot be the name of a world', detail)


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
