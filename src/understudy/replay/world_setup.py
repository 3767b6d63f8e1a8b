"""The setup of a world: contract, service, rules and scenario; and the rules added to a world.

A setup is immutable: a reload builds another one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from understudy.clock import DEFAULT_VIRTUAL_START, ClockState
from understudy.config import Settings, UnknownQuery, ValidateRequest
from understudy.contract import Contract, load_cached_contract
from understudy.disk_cache import DiskCache
from understudy.errors import InputError, Place, Problem, ProblemReport, nearest_name
from understudy.messages import Json
from understudy.replay.path_prefixes import check_prefixes
from understudy.replay.rate_limit import RateLimit
from understudy.replay.service import AnyService, ApiError, CommandRecord
from understudy.replay.world_state import State
from understudy.rules import RuleSet, parse_rule_set
from understudy.scenario import ClockMode, ClockSettings, Scenario
from understudy.store import join_parts


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """The options of one world. An empty value, or None, means the stub's own setting."""

    scenario: str = ""
    """The name of a scenario of the library."""
    dialect: str = ""
    clock: str = ""
    speed: float | None = None
    seed: int | None = None

    @property
    def setup_key(self) -> "WorldOptions":
        """The options that need files of their own; the others only change values."""
        return WorldOptions(self.scenario, self.dialect)


MAX_UNUSED_OPTIONS = 10_000
"""How many options are remembered of worlds that do not exist, and up to a tenth more."""
DEFAULT_OPTIONS = WorldOptions()
"""The options of a world for which a client selected nothing."""


class OptionsTable:
    """The options of worlds by name, bounded for those that do not exist. Not thread-safe."""

    def __init__(
        self, is_in_use: Callable[[str], bool], max_unused: int = MAX_UNUSED_OPTIONS
    ) -> None:
        """`is_in_use` returns whether the world of a name exists."""
        self._table: dict[str, WorldOptions] = {}
        self._is_in_use = is_in_use
        self._max_unused = max_unused
        self._limit = max_unused
        """With more options, those of worlds that do not exist are counted: not at each `put`."""

    def __len__(self) -> int:
        return len(self._table)

    def get(self, name: str) -> WorldOptions:
        """Return the options of a world; where a client selected none, the default ones."""
        return self._table.get(name, DEFAULT_OPTIONS)

    def put(self, name: str, options: WorldOptions) -> None:
        """Remember the options of a world; the oldest of worlds that do not exist are forgotten."""
        self._table.pop(name, None)
        self._table[name] = options
        if len(self._table) <= self._limit:
            return
        unused = [known for known in self._table if not self._is_in_use(known)]
        for known in unused[: -self._max_unused] if self._max_unused else unused:
            del self._table[known]
        self._limit = len(self._table) + self._max_unused // 10

    def remove(self, name: str) -> None:
        """Forget the options of a world."""
        self._table.pop(name, None)


@dataclass(
    frozen=True,
    slots=True,
    eq=False,
    weakref_slot=True,
)
class Setup:
    """Everything that a world is built from. A call sees one setup from its start to its end."""

    contract: Contract
    service: AnyService
    scenario: Scenario | None = None
    rule_set: RuleSet = field(default_factory=RuleSet)
    """The scenario's replies and faults."""
    seed: int = 0
    limits: tuple[RateLimit, ...] = ()
    validate_request: ValidateRequest = ValidateRequest.ENFORCE
    unknown_query: UnknownQuery = UnknownQuery.REPORT
    errors: bool = False
    """Whether violations that would only be reported become errors."""
    strict_preferences: bool = False
    """Whether a call with an unknown preference is answered with a problem."""
    dynamic: bool = False
    """Whether responses have generated data although the contract has examples."""
    answers_options: bool = True
    """Whether OPTIONS is answered for a path that documents no such operation."""
    clock: str = ""
    """`real`, `virtual` or `per-call`; empty: the scenario's."""
    speed: float | None = None
    """The speed of a real clock; None: the scenario's."""

    def with_options(self, options: WorldOptions) -> "Setup":
        """Return the setup of a world with a clock, speed or seed of its own.

        Returns the same object when the options have none of them.
        """
        if options == options.setup_key:
            return self
        setup = self
        if options.seed is not None:
            setup = replace(setup, seed=options.seed)
        if options.speed is not None:
            setup = replace(setup, speed=options.speed)
        if options.clock:
            setup = replace(setup, clock=options.clock)
        return setup

    def rejects_unknown_preferences(self, state: State) -> bool:
        """Return whether a world answers a call with an unknown preference with a problem."""
        setting = state.settings.get("strictPreferences", self.strict_preferences)
        # Until the next release, `errors` implies it, as it had this meaning before.
        return bool(setting) or self.turns_violations_into_errors(state)

    def turns_violations_into_errors(self, state: State) -> bool:
        """Return whether a world answers violations with errors that it would only report."""
        return bool(state.settings.get("errors", self.errors))

    @property
    def digest(self) -> str:
        """The digest of the scenario; empty without one."""
        return self.scenario.digest if self.scenario else ""

    @property
    def world(self) -> Mapping[str, Any] | None:
        """The saved world in an exported scenario, as `World.snapshot` returns it; else None."""
        return self.scenario.world if self.scenario else None

    def new_clock(self, wall: datetime) -> ClockState:
        """Return the clock of a new world.

        A real clock starts now, a virtual one at a fixed moment, unless the scenario has a
        start.
        """
        settings = ClockSettings(ClockMode.REAL)
        if self.scenario is not None:
            settings = self.scenario.clock
        mode = self.clock or str(settings.mode.value)
        start = settings.start
        if start is None:
            start = wall if mode == "real" else DEFAULT_VIRTUAL_START
        speed = settings.speed if self.speed is None else self.speed
        return ClockState(
            mode,
            start,
            wall,
            speed,
            settings.step,
        )


class ReloadedError(Exception):
    """The world has another setup than a call began with: the call has to begin again.

    A reset and a restored snapshot give the world another setup, too.
    """


def load_served_contract(
    settings: Settings, overlays: tuple[Path, ...], cache: DiskCache | None
) -> Contract:
    """Load the contract of a stub's settings with some overlays. Raises InputError."""
    contract = load_cached_contract(
        settings.contract,
        overlays=overlays,
        strict=settings.strict_contract,
        fetch_remote=settings.fetch_remote_refs,
        cache=cache,
    )
    check_prefixes(settings, contract)
    return contract


def build_setup(settings: Settings, contract: Contract, scenario: Scenario | None) -> Setup:
    """Build a setup. Raises InputError when the contract cannot be served with the scenario."""
    service = _build_service(settings, contract, scenario)
    setup = Setup(
        contract,
        service,
        seed=settings.seed or 0,
        validate_request=settings.validate_request,
        unknown_query=settings.unknown_query,
        errors=settings.errors,
        strict_preferences=settings.strict_preferences,
        dynamic=settings.dynamic,
        answers_options=settings.cors,
        clock=settings.clock,
        speed=settings.speed,
    )
    if scenario is None:
        return setup
    if scenario.world:
        _check_world(service, scenario, scenario.world)
    limits = (RateLimit(throttle.limit, throttle.window) for throttle in scenario.throttle)
    seed = settings.seed
    if seed is None:
        seed = scenario.seed
    return replace(
        setup,
        scenario=scenario,
        rule_set=scenario.script,
        seed=seed,
        limits=tuple(limits),
    )


def _build_service(settings: Settings, contract: Contract, scenario: Scenario | None) -> AnyService:
    """Build the service that the contract names in `info.x-understudy-service`."""
    name = contract.service
    if not name:
        return _build_example_service(settings, contract)
    if name != "ocp":
        message = f'unknown service "{name}" (info.x-understudy-service)'
        place = contract.place("/info")
        nearest = nearest_name(name, ["ocp"])
        problem = Problem(
            "no-such-service",
            message,
            place,
            expected='"ocp"',
            nearest=nearest,
        )
        raise InputError(problem)
    if scenario is None:
        # The stub falls back to the scenario `demo` for this service.
        raise ValueError('the service "ocp" needs a scenario')
    from understudy.replay.ocp_service import OcpService

    return OcpService(contract, scenario, auth=settings.auth, skew=settings.skew)


def _build_example_service(settings: Settings, contract: Contract) -> AnyService:
    # Imported late, as the other service is: no server needs both.
    from understudy.replay.example_service import ExampleService

    return ExampleService(contract, is_dynamic=settings.dynamic, auth=settings.auth)


def _check_world(service: AnyService, scenario: Scenario, world: Mapping[str, Any]) -> None:
    """Check that the saved world of an exported scenario can be used. Raises InputError."""
    try:
        state = State.from_record(world)
        model = service.start(state.start)
        if state.checkpoint:
            model = service.unfold(model, join_parts(state.checkpoint))
        for command in state.commands:
            model = service.apply_command(model, command)
        parse_added_rules(state.added)
        int(world["turns"])
    except (ApiError, InputError, LookupError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        message = f'the key "world" is not what an export writes ({reason})'
        hint = "Export the world again, or remove the key to begin at the start."
        problem = Problem("bad-world", message, Place(scenario.file), hint=hint)
        raise InputError(problem) from error


@dataclass(frozen=True, slots=True)
class _CallBody:
    """The source of problems in the body of a call: it has pointers, but no lines."""

    name: str = "the call's body"

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the JSON pointer as the place."""
        return Place(f"{self.name} {pointer}".rstrip())


def parse_added_rules(added: Mapping[str, Json]) -> RuleSet:
    """Parse the rules that were added to a world; they were checked when they were added."""
    return parse_rule_set(added, ProblemReport(_CallBody())).as_added()


def initial_state(setup: Setup, wall: datetime) -> State:
    """Return the state of a new world: that of an exported scenario, or the clock's start."""
    if setup.world:
        exported = State.from_record(setup.world)
        clock = replace(exported.clock, wall=wall, mode=setup.clock or exported.clock.mode)
        return replace(exported, scenario=setup.digest, clock=clock)
    clock = setup.new_clock(wall)
    return State(setup.digest, clock.base, clock)


def first_call_count(setup: Setup) -> int:
    """Return how many calls a new world has had: those of an exported scenario."""
    return int(setup.world["turns"]) if setup.world else 0


def have_same_clock(old: Setup, new: Setup) -> bool:
    """Return whether a world can go on with its clock when another setup replaces its own."""
    return _clock_settings(old) == _clock_settings(new) and not new.world


def _clock_settings(setup: Setup) -> tuple[object, ...]:
    if setup.scenario is None:
        return setup.clock, setup.speed, None
    return setup.clock, setup.speed, setup.scenario.clock


def restarted_state(setup: Setup, before: State, wall: datetime, *, is_new: bool) -> State:
    """Return the state of a world that begins again; `before` is that of its last beginning."""
    clock = before.clock
    if is_new or setup.world or clock.mode != "real":
        return initial_state(setup, wall)
    # A real clock goes on: clients see no step back of the time.
    base = clock.now(wall)
    return replace(before, start=base, clock=replace(clock, base=base, wall=wall))


@dataclass(frozen=True, slots=True)
class DroppedCommand:
    """A command that a new scenario forbids: it is no longer a part of the world."""

    world: str
    command: Mapping[str, Any]
    reason: str


def filter_commands(
    world: str, state: State, service: AnyService
) -> tuple[tuple[CommandRecord, ...], tuple[DroppedCommand, ...]]:
    """Return the commands that a service accepts, one after the other, and the others."""
    model = service.start(state.start)
    allowed, dropped = [], []
    for command in state.commands:
        try:
            model = service.apply_command(model, command)
            allowed.append(command)
        except (ApiError, InputError, ValueError, LookupError) as error:
            dropped.append(DroppedCommand(world, command, str(error)))
    return tuple(allowed), tuple(dropped)
