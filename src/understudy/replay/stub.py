"""The stub: a contract, scenarios and worlds. Everything that a server needs except the socket."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock

from understudy.clock import Clock, WallClock
from understudy.config import Settings, resolve_overlays
from understudy.contract import Contract, Operation
from understudy.errors import InputError
from understudy.messages import Json, Request, Response
from understudy.replay.checks.known_callers import is_known_caller
from understudy.replay.exchange_trace import Report
from understudy.replay.file_stamp import FileStamps, ReloadStatus
from understudy.replay.journals.journal_budget import JournalBudget
from understudy.replay.journals.outside_calls import (
    build_outside_journal,
    build_outside_world,
    record_problem,
)
from understudy.replay.known.representation import RepresentationCache
from understudy.replay.known.short_way import KnownAnswer, KnownCall, Recognised, ShortWay, repeat
from understudy.replay.path_prefixes import select_world
from understudy.replay.pipeline import always_reserve, step
from understudy.replay.scenario_library import ScenarioLibrary, ScenarioSource, export_scenario
from understudy.replay.service import AnyService
from understudy.replay.stub_problem import StubProblem
from understudy.replay.thread_limit import ThreadLimit
from understudy.replay.world import World
from understudy.replay.world_registry import DEFAULT_WORLD, WorldRegistry, check_world_name
from understudy.replay.world_setup import (
    DEFAULT_OPTIONS,
    OptionsTable,
    Setup,
    WorldOptions,
    build_setup,
    load_served_contract,
)
from understudy.resources import resource_path
from understudy.scenario import Scenario
from understudy.store import KeyDeletedError, MemoryStore, Store

log = logging.getLogger("understudy")


class Stub:
    """Stands in for a server: `handle` takes a request and returns the response.

    It knows no web framework and no socket. Thread-safe.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        store: Store | None = None,
        wall: Clock | None = None,
        remember: bool = True,
    ) -> None:
        """Load contract and scenario. Raises InputError when they have problems.

        `remember`: False takes the whole way for every call and holds no representations. The
        answers are the same; a test compares them.
        """
        self.settings = settings or Settings()
        self.library = ScenarioLibrary(self.settings.scenarios, use_cache=self.settings.cache)
        self.thread_limit = ThreadLimit(max(1, self.settings.threads // 2))
        self.reload_status = ReloadStatus()
        self.is_watched = False
        """Whether saved files are reloaded; the server sets this."""
        self.journal_budget = JournalBudget()
        """The bytes that all journals may hold together."""
        self.outside_calls = build_outside_journal(self.journal_budget)
        """The calls that reached no world."""
        # An empty store is false: it has a length.
        self._store = MemoryStore() if store is None else store
        self._wall = wall or WallClock()
        self.registry = WorldRegistry(self._build_world, self._wall, self.settings.max_worlds)
        self._options = OptionsTable(lambda name: self.registry.find(name) is not None)
        limits = {} if remember else {"max_entries": 0}
        self._representations = RepresentationCache(**limits)
        self.short_way = ShortWay(**limits)
        """The calls that a server recognises by their bytes."""
        self._stamps = FileStamps()
        self._contracts: dict[str, Contract] = {}
        """By dialect; the stub's own dialect has an empty name."""
        self._contracts[""] = self._load_contract("")
        self._setups = {DEFAULT_OPTIONS: self._load_setup(DEFAULT_OPTIONS)}
        """By scenario and dialect."""
        self._lock = Lock()

    @property
    def setup(self) -> Setup:
        """The setup of new worlds."""
        return self._setups[DEFAULT_OPTIONS]

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.setup.contract

    @property
    def scenario(self) -> Scenario | None:
        """The scenario of new worlds; None when examples alone answer the contract."""
        return self.setup.scenario

    @property
    def service(self) -> AnyService:
        """The rules of the API, for the stub's own scenario."""
        return self.setup.service

    # --- requests

    def handle(
        self, request: Request, reserve_thread: Callable[[], bool] = always_reserve
    ) -> Response:
        """Answer a request in the world that it selects. `reserve_thread`: see `step`."""
        name, inner = self.select_world(request)
        return self.handle_in_world(name, inner, reserve_thread)

    def handle_in_world(
        self,
        name: str,
        request: Request,
        reserve_thread: Callable[[], bool] = always_reserve,
        learn: Callable[[KnownCall], None] | None = None,
        report: Report | None = None,
    ) -> Response:
        """Answer a request in a world; both as `select_world` returned them.

        `learn` gets the call if later ones like it may take the short way: see `repeat`.
        `report` gets its exchange: see `step`.
        """
        while True:
            try:
                return step(self._world_for(name, request), request, reserve_thread, learn, report)
            except KeyDeletedError:  # dropped since: the name has another world now, or none
                continue
            except StubProblem as problem:
                return self.record_problem(name, request, problem)

    def record_problem(self, name: str, request: Request, problem: StubProblem) -> Response:
        """Record a call that reaches no world, and return the problem as its response."""
        record_problem(self.outside_calls, name, request, problem, self._wall.now())
        return problem.to_response()

    def repeat(
        self, recognised: Recognised, *, is_quick: bool = False
    ) -> tuple[KnownAnswer, bytes] | None:
        """Answer a known call: see `short_way.repeat`."""
        call, world = recognised.call, recognised.call.world()
        if world is None or recognised.selector is not self.service:
            return None
        if not self.registry.touch(world):
            return None
        return repeat(call, world, is_quick=is_quick)

    def select_world(self, request: Request) -> tuple[str, Request]:
        """Return the world's name, and the request as the world sees it.

        The most explicit selection wins: header, path prefix, user name, then cookie.
        """
        name, inner = select_world(request, self.settings.world_prefix, self.service.world_of)
        return name or DEFAULT_WORLD, inner

    def _world_for(self, name: str, request: Request) -> World:
        world = self.registry.find_usable(name)
        if world is not None:
            return world
        # An unknown caller builds no world: wrong passwords must not fill the registry.
        is_known = is_known_caller(self.service, self.contract, request, self._wall.now())
        if name == DEFAULT_WORLD or (is_known and request.method != "OPTIONS"):
            return self.world(name)
        return build_outside_world(name, self._setup_of(name), self._wall, self.outside_calls)

    # --- worlds

    def world(self, name: str = DEFAULT_WORLD) -> World:
        """Return a world; build it on first use.

        Raises StubProblem for an invalid name, a world that is gone, and too many worlds.
        """
        return self.registry.get(name)

    def find_world(self, name: str) -> World | None:
        """Return a world if it exists."""
        return self.registry.find(name)

    def worlds(self) -> tuple[World, ...]:
        """Return the existing worlds, the least recently used first."""
        return self.registry.list_worlds()

    def last_used(self, name: str) -> datetime | None:
        """Return when a world was last used; None when it does not exist."""
        return self.registry.last_used(name)

    def drop(self, name: str, *, closed: bool = False) -> None:
        """Delete a world and its state, and forget that it was evicted.

        `closed`: later callers get a problem (410) and do not build the world again. An
        unknown name is not an error.
        """
        self.registry.drop(name, closed=closed)
        self._options.remove(name)

    def reset(self, name: str) -> None:
        """Let a world begin again: an existing one at once, an evicted one on its next use.

        The World object stays the same. Raises StubProblem for an invalid name.
        """
        world = self.registry.reopen(name)
        if world is None:
            return
        with suppress(KeyDeletedError):  # dropped at the same time: it begins on its next use
            world.reset()
        with self._lock:
            self.reload_status = self.reload_status.without_world(name)

    def scenario_name(self, name: str) -> str:
        """Return the scenario that a client selected for a world; empty: the stub's own."""
        return self._options.get(name).scenario

    def activate(self, name: str, scenario: str) -> World:
        """Let a world begin again with another scenario.

        Raises InputError for an unknown scenario, and for one with problems.
        """
        options = self._options.get(name)
        return self.start_world(name, replace(options, scenario=scenario))

    def start_world(self, name: str, options: WorldOptions) -> World:
        """Let a world begin, or begin again, with options.

        Raises InputError for an unknown scenario or dialect, and for one with problems;
        StubProblem for an invalid name.
        """
        check_world_name(name)
        if options.dialect == self.settings.dialect:
            options = replace(options, dialect="")
        with self._lock:
            setup = self._get_setup(options)
            self._options.put(name, options)
        while (world := self.registry.reopen(name)) is not None:
            with suppress(KeyDeletedError):  # dropped at the same time
                world.restart(setup)
                return world
        return self.world(name)

    def start_scenario(self, name: str, scenario: Scenario) -> World:
        """Let a world begin with a scenario that is not in the library: a generated one."""
        world = self.world(name)
        world.restart(build_setup(self.settings, self.contract, scenario))
        return world

    def example_calls(self) -> Iterator[tuple[Operation, str]]:
        """Yield operations with paths that exist in a fresh world."""
        start = self.setup.new_clock(self._wall.now()).base
        model = self.service.start(start)
        for operation, values in self.service.example_calls(model):
            yield operation, operation.path.format_map(values)

    def export(self, world: World) -> dict[str, Json]:
        """Return a world as the data of a scenario that replays it."""
        return export_scenario(world.setup.scenario, world.seed, world.snapshot())

    def _build_world(self, name: str, wall: datetime, generation: int) -> World:
        return World(
            name,
            self._setup_of(name),
            store=self._store,
            wall=self._wall,
            created=wall,
            representations=self._representations,
            budget=self.journal_budget,
            generation=generation,
        )

    def _setup_of(self, name: str) -> Setup:
        options = self._options.get(name)
        return self._setups.get(options.setup_key, self.setup).with_options(options)

    # --- files and setups

    def upload(self, name: str, text: str) -> Scenario:
        """Add a scenario under a name; worlds with a scenario of this name go on with it.

        Raises InputError.
        """
        check_world_name(name)
        scenario = self.library.upload(name, text, self.contract)
        with self._lock:
            own = self._own_scenario(self.contract)
            for options in self._setups:
                if (options.scenario or own) == name:
                    contract = self._contracts[options.dialect]
                    self._setups[options] = build_setup(self.settings, contract, scenario)
        self._switch_worlds()
        return scenario

    def files(self) -> tuple[Path, ...]:
        """Return the files of the contract, its overlays and the scenarios in use."""
        options, dialects = list(self._setups), list(self._contracts)
        contracts = [path for dialect in dialects for path in self._contract_files(dialect)]
        sources = [self._find_source(option.scenario) for option in options]
        scenarios = [source.path for source in sources if source and source.text is None]
        return tuple(dict.fromkeys((*contracts, *scenarios)))

    def changed_files(self) -> tuple[Path, ...]:
        """Return the files that were saved since they were read."""
        return self._stamps.find_changed(self.files())

    def reload(self, changed: Collection[Path] | None = None) -> ReloadStatus:
        """Read contract and scenarios again; every world goes on with them.

        `changed`: only the contracts that these files are part of are read again. When a file
        has problems, nothing changes. Returns the new status.
        """
        with self._lock:
            before = self._contracts
            try:
                self._contracts = {name: self._reload_contract(name, changed) for name in before}
                self._setups = {options: self._load_setup(options) for options in self._setups}
            except InputError as error:
                self._contracts = before
                self.reload_status = replace(self.reload_status, problems=error.problems)
                return self.reload_status
            count = self.reload_status.count + 1
            self.reload_status = replace(self.reload_status, count=count, problems=())
        self._switch_worlds()
        return self.reload_status

    def _switch_worlds(self) -> None:
        """Let every world switch to the present setup of its options."""
        for world in self.worlds():
            options = self._options.get(world.name)
            setup = self._setups.get(options.setup_key)
            if setup is None or world.setup.service is setup.service:
                continue
            with suppress(KeyDeletedError):  # deleted at the same time
                dropped = world.switch_setup(setup.with_options(options))
                with self._lock:
                    self.reload_status = self.reload_status.with_dropped(dropped)

    def _get_setup(self, options: WorldOptions) -> Setup:
        """Return the setup of options; its files are read on first use. Raises InputError."""
        if options.dialect not in self._contracts:
            self._contracts[options.dialect] = self._load_contract(options.dialect)
        key = options.setup_key
        if key not in self._setups:
            self._setups[key] = self._load_setup(key)
        return self._setups[key].with_options(options)

    def _reload_contract(self, dialect: str, changed: Collection[Path] | None) -> Contract:
        """Return the contract of a dialect, read again unless none of its files has changed."""
        if changed is not None and set(changed).isdisjoint(self._contract_files(dialect)):
            return self._contracts[dialect]
        return self._load_contract(dialect)

    def _load_contract(self, dialect: str) -> Contract:
        files = self._contract_files(dialect)
        self._stamps.record(files)
        overlays = self._overlay_files(dialect)
        contract = load_served_contract(self.settings, overlays, self.library.cache)
        self._stamps.record(set(contract.files).difference(files))
        return contract

    def _overlay_files(self, dialect: str) -> tuple[Path, ...]:
        dialect = dialect or self.settings.dialect
        return resolve_overlays(replace(self.settings, dialect=dialect))

    def _contract_files(self, dialect: str) -> tuple[Path, ...]:
        contract = self.settings.contract or resource_path("openapi.yaml")
        loaded = self._contracts.get(dialect)
        # The files that the document refers to are known once it was read.
        return (contract, *self._overlay_files(dialect), *(loaded.files if loaded else ()))

    def _load_setup(self, options: WorldOptions) -> Setup:
        contract = self._contracts[options.dialect]
        source = self._find_source(options.scenario, contract)
        if source is None:
            return build_setup(self.settings, contract, None)
        if source.text is None:
            self._stamps.record((source.path,))
        return build_setup(self.settings, contract, self.library.load(source, contract))

    def _own_scenario(self, contract: Contract) -> str:
        """Return the name or path of the stub's own scenario; empty when it has none."""
        return self.settings.scenario or ("demo" if contract.service else "")

    def _find_source(self, name: str, contract: Contract | None = None) -> ScenarioSource | None:
        """Return the source of a scenario; an empty name is the stub's own, if it has one."""
        if name:
            return self.library.find(name)
        own = self._own_scenario(contract or self.contract)
        return self.library.find_own(own) if own else None
