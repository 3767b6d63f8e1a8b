"""A contract, scenarios and the worlds that were asked for: everything a server needs but the socket."""

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from understudy.clock import Clock, WallClock
from understudy.config import Settings, resolve_overlays
from understudy.contract import Contract, Operation, load_contract
from understudy.errors import InputError, Problem
from understudy.messages import Request, Response
from understudy.replay.file_stamp import FileStamp, read_file_stamp
from understudy.replay.pipeline import step
from understudy.replay.scenario_library import ScenarioLibrary, ScenarioSource
from understudy.replay.service import ApiError, Service
from understudy.replay.stub_problem import StubProblem
from understudy.replay.thread_limit import ThreadLimit
from understudy.replay.world import DroppedCommand, World
from understudy.replay.world_registry import DEFAULT_WORLD, WorldRegistry, check_world_name
from understudy.replay.world_setup import DEFAULT_OPTIONS, Setup, WorldOptions, build_setup
from understudy.resources import resource_path
from understudy.scenario import SUFFIXES, Scenario
from understudy.store import MemoryStore, Store

log = logging.getLogger("understudy")

_MOST_DROPPED = 100


@dataclass(frozen=True, slots=True)
class ReloadStatus:
    """What came of saved files since the server started."""

    count: int = 0
    """How often contract or scenarios were taken anew."""
    problems: tuple[Problem, ...] = ()
    """Why the last try left everything as it was; empty when it went well."""
    dropped: tuple[DroppedCommand, ...] = field(default=(), repr=False)
    """The commands that new scenarios refused, the last hundred."""


class Stub:
    """Stands in for a server. `handle` takes any request and gives the response; nothing here knows a socket."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        store: Store | None = None,
        wall: Clock | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.library = ScenarioLibrary(self.settings.scenarios)
        self.thread_limit = ThreadLimit(max(1, self.settings.threads // 2))
        self.reload_status = ReloadStatus()
        self._store = store or MemoryStore()
        self._wall = wall or WallClock()
        self._worlds = WorldRegistry(self._new_world, self._wall, self.settings.max_worlds)
        self._plays: dict[str, WorldOptions] = {}
        """By world: what was chosen for it, where that is anything."""
        self._looks: dict[Path, FileStamp | None] = {}
        """How each file looked before it was last read, or tried."""
        self._contracts: dict[str, Contract] = {"": self._load_contract("")}
        """By dialect; the stub's own has an empty name."""
        self._setups: dict[WorldOptions, Setup] = {
            DEFAULT_OPTIONS: self._make_setup(DEFAULT_OPTIONS)
        }
        """By scenario and dialect."""
        self._lock = Lock()

    @property
    def setup(self) -> Setup:
        """What new worlds play by."""
        return self._setups[DEFAULT_OPTIONS]

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.setup.contract

    @property
    def scenario(self) -> Scenario | None:
        """The scenario that new worlds begin with; None when the contract is answered by examples alone."""
        return self.setup.scenario

    @property
    def service(self) -> Service:
        """The rules of the API, for the stub's own scenario."""
        return self.setup.service

    def handle(
        self, request: Request, reserve_thread: Callable[[], bool] | None = None
    ) -> Response:
        """Answer a request in the world that it asks for. `hold` is asked for a thread that may wait (see `step`)."""
        return self.handle_in_world(*self.select_world(request), reserve_thread)

    def handle_in_world(
        self, name: str, request: Request, reserve_thread: Callable[[], bool] | None = None
    ) -> Response:
        """Answer a request in a world; both as `select` gave them."""
        try:
            # A stranger makes no world: wrong passwords must not fill the table.
            world = (
                self.world(name)
                if self._is_known(name, request)
                else self._worlds.get_or_build_temporary(name)
            )
        except StubProblem as problem:
            return problem.to_response()
        return step(world, request, reserve_thread) if reserve_thread else step(world, request)

    def world(self, name: str = DEFAULT_WORLD) -> World:
        """Give a world; made on first use. Raises StubProblem for a bad name, an evicted world, and a lack of room."""
        return self._worlds.get(name)

    def find_world(self, name: str) -> World | None:
        """Give a world if it exists."""
        return self._worlds.find(name)

    def worlds(self) -> tuple[World, ...]:
        """Give the worlds that exist, the one that was used longest ago first."""
        return self._worlds.list_worlds()

    def last_used(self, name: str) -> datetime | None:
        """Give when a world was last asked for."""
        return self._worlds.last_used(name)

    def drop(self, name: str, *, closed: bool = False) -> None:
        """Forget a world with all that it remembers, also that it was evicted. One that is not there is no error.

        `closed`: whoever still asks for it is told that (410), and does not make it anew.
        """
        self._worlds.drop(name, closed=closed)
        self._plays.pop(name, None)

    def reset(self, name: str) -> None:
        """Let a world begin anew: one that is there at once, one that was evicted when it is next asked for.

        Whoever holds the world goes on holding it. Raises StubProblem for a bad name.
        """
        world = self._worlds.reopen(name)
        if world is not None:
            world.reset()
            with self._lock:
                dropped = tuple(one for one in self.reload_status.dropped if one.world != name)
                self.reload_status = replace(self.reload_status, dropped=dropped)

    def scenario_name(self, name: str) -> str:
        """Give the name of the scenario that was chosen for a world; empty for the stub's own."""
        return self._plays.get(name, DEFAULT_OPTIONS).scenario

    def activate(self, name: str, scenario: str) -> World:
        """Let a world begin anew with another scenario. Raises InputError for one that is not there or has problems."""
        return self.start_world(
            name, replace(self._plays.get(name, DEFAULT_OPTIONS), scenario=scenario)
        )

    def start_world(self, name: str, play: WorldOptions) -> World:
        """Let a world begin, or begin anew, as was chosen.

        Raises InputError for a scenario or dialect that is not there or has problems, StubProblem for a bad name.
        """
        check_world_name(name)
        play = replace(play, dialect="" if play.dialect == self.settings.dialect else play.dialect)
        with self._lock:
            setup = self._setup_of(play)
            self._plays[name] = play
        world = self._worlds.reopen(name)
        if world is None:
            return self.world(name)
        world.restart(setup)
        return world

    def start_scenario(self, name: str, scenario: Scenario) -> World:
        """Give a world that begins with a scenario which has no name here: one that was drawn, say."""
        world = self.world(name)
        world.restart(build_setup(self.settings, self.contract, scenario))
        return world

    def upload(self, name: str, text: str) -> Scenario:
        """Take a scenario in under a name; worlds that play one of this name go on with it. Raises InputError."""
        check_world_name(name)
        scenario = self.library.upload(name, text, self.contract)
        with self._lock:
            own = self._own_name(self.contract)
            for play in self._setups:
                if (play.scenario or own) == name:
                    self._setups[play] = build_setup(
                        self.settings, self._contracts[play.dialect], scenario
                    )
        self._adopt()
        return scenario

    def files(self) -> tuple[Path, ...]:
        """Give the files that the stub's contract and scenarios were read from."""
        plays, dialects = list(self._setups), list(self._contracts)
        scenarios = [
            entry.path
            for play in plays
            if (entry := self._entry(play.scenario)) and entry.text is None
        ]
        contracts = [path for dialect in dialects for path in self._contract_files(dialect)]
        return tuple(dict.fromkeys((*contracts, *scenarios)))

    def changed_files(self) -> tuple[Path, ...]:
        """Give the files that were saved since they were read. One that is away for a moment is being written."""
        looks = {path: read_file_stamp(path) for path in self.files()}
        return tuple(
            path
            for path, look in looks.items()
            if look is not None and look != self._looks.get(path)
        )

    def reload(self, changed: Collection[Path] | None = None) -> ReloadStatus:
        """Read contract and scenarios anew (only what `changed` says, if it does), and let every world go on with them.

        When one has problems, everything stays as it is. Gives and keeps what came of it.
        """
        with self._lock:
            before = self._contracts
            try:
                self._contracts = {
                    dialect: self._read_again(dialect, changed) for dialect in before
                }
                self._setups = {play: self._make_setup(play) for play in self._setups}
            except InputError as error:
                self._contracts = before
                self.reload_status = replace(self.reload_status, problems=error.problems)
                return self.reload_status
            self.reload_status = replace(
                self.reload_status, count=self.reload_status.count + 1, problems=()
            )
        self._adopt()
        return self.reload_status

    def select_world(self, request: Request) -> tuple[str, Request]:
        """Give the world's name and the request as that world sees it. What is most explicit wins."""
        prefix, inner = _split_prefix(request, self.settings.world_prefix)
        chosen = (
            request.headers.get("X-Understudy-World")
            or prefix
            or self.service.world_of(inner)
            or _cookie(request, "understudy-world")
        )
        return chosen or DEFAULT_WORLD, inner

    def example_calls(self) -> Iterator[tuple[Operation, str]]:
        """Give operations with a path that leads somewhere in a fresh world."""
        model = self.service.start(self.setup.new_clock(self._wall.now()).base)
        for operation, values in self.service.example_calls(model):
            yield operation, operation.path.format_map(values)

    def export(self, world: World) -> dict[str, Any]:
        """Give a world as the data of a scenario that replays it."""
        scenario = world.setup.scenario
        told = dict(scenario.data) if scenario else {"understudy": 1}
        name = scenario.name if scenario else "exported"
        return {**told, "name": name, "seed": world.seed, "world": world.snapshot()}

    def _adopt(self) -> None:
        for world in self.worlds():
            play = self._plays.get(world.name, DEFAULT_OPTIONS)
            setup = self._setups.get(play.setup_key)
            if setup is None or world.setup.service is setup.service:
                continue
            dropped = world.switch_setup(setup.with_options(play))
            with self._lock:
                kept = (*self.reload_status.dropped, *dropped)[-_MOST_DROPPED:]
                self.reload_status = replace(self.reload_status, dropped=kept)

    def _is_known(self, name: str, request: Request) -> bool:
        if name == DEFAULT_WORLD or self._worlds.find(name) is not None:
            return True
        try:
            self.service.authenticate(request, self._wall.now())
        except ApiError:
            return False
        return request.method != "OPTIONS"

    def _new_world(self, name: str, wall: datetime) -> World:
        play = self._plays.get(name, DEFAULT_OPTIONS)
        setup = self._setups.get(play.setup_key, self.setup).with_options(play)
        return World(name, setup, store=self._store, wall=self._wall, created=wall)

    def _setup_of(self, play: WorldOptions) -> Setup:
        """Give the setup for what was chosen; read when it is first needed. Raises InputError."""
        if play.dialect not in self._contracts:
            self._contracts[play.dialect] = self._load_contract(play.dialect)
        if play.setup_key not in self._setups:
            self._setups[play.setup_key] = self._make_setup(play.setup_key)
        return self._setups[play.setup_key].with_options(play)

    def _read_again(self, dialect: str, changed: Collection[Path] | None) -> Contract:
        """Give the contract of a dialect: read anew when its files have changed, or nobody knows which have."""
        anew = changed is None or bool(set(changed) & set(self._contract_files(dialect)))
        return self._load_contract(dialect) if anew else self._contracts[dialect]

    def _load_contract(self, dialect: str) -> Contract:
        self._look(self._contract_files(dialect))
        contract = load_contract(self.settings.contract, overlays=self._overlays(dialect))
        _check_prefixes(self.settings, contract)
        return contract

    def _look(self, paths: Iterable[Path]) -> None:
        self._looks |= {path: read_file_stamp(path) for path in paths}

    def _overlays(self, dialect: str) -> tuple[Path, ...]:
        return resolve_overlays(
            replace(self.settings, dialect=dialect) if dialect else self.settings
        )

    def _contract_files(self, dialect: str) -> tuple[Path, ...]:
        return (self.settings.contract or resource_path("openapi.yaml"), *self._overlays(dialect))

    def _make_setup(self, play: WorldOptions) -> Setup:
        contract = self._contracts[play.dialect]
        entry = self._entry(play.scenario, contract)
        self._look((entry.path,) if entry is not None and entry.text is None else ())
        return build_setup(
            self.settings, contract, self.library.load(entry, contract) if entry else None
        )

    def _own_name(self, contract: Contract) -> str:
        """Give the name or path of the stub's own scenario; empty when it has none."""
        return self.settings.scenario or ("demo" if contract.service else "")

    def _entry(self, name: str, contract: Contract | None = None) -> ScenarioSource | None:
        """Give where a scenario comes from: the stub's own for an empty name, if it has one."""
        own = self._own_name(contract or self.contract)
        if name or not own:
            return self.library.find(name) if name else None
        # What ends like a file or holds a slash is a path; reading it tells what is wrong with it.
        is_path = own.endswith(SUFFIXES) or "/" in own or "\\" in own
        return ScenarioSource("file", Path(own)) if is_path else self.library.find(own)


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
    options: dict[str, Any] = {
        "--admin-prefix": settings.admin_prefix,
        "--world-prefix": settings.world_prefix,
    }
    problems = []
    if settings.admin_prefix == settings.world_prefix:
        what = f"--admin-prefix and --world-prefix are both {settings.admin_prefix}"
        problems.append(Problem("bad-prefix", what, expected="two different paths"))
    for option, prefix in options.items():
        if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", prefix):
            what = f'{option} is "{prefix}"'
            problems.append(
                Problem(
                    "bad-prefix",
                    what,
                    expected="a path such as /__admin, without a slash at its end",
                )
            )
        for operation in contract.operations.values():
            if operation.path == prefix or operation.path.startswith(f"{prefix}/"):
                what = f"the operation {operation.id} has the path {operation.path}, which lies under {option} ({prefix})"
                hint = f"Move the prefix with {option}."
                problems.append(
                    Problem("prefix-taken", what, contract.place(operation.pointer), hint=hint)
                )
    if problems:
        raise InputError(problems)
