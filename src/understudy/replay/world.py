"""One running instance of a scenario: its own state, clock, seed, rules, throttle and journal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from understudy.clock import Clock, ClockState
from understudy.config import ValidateRequest
from understudy.contract import Contract
from understudy.errors import InputError
from understudy.messages import parse_json
from understudy.replay.added_rules import parse_added_rules
from understudy.replay.service import ApiError, Service
from understudy.replay.world_coverage import WorldCoverage
from understudy.replay.world_journal import Journal
from understudy.replay.world_setup import Setup
from understudy.replay.world_state import MAX_COMMANDS, State
from understudy.rules import RuleSet
from understudy.store import Store

if TYPE_CHECKING:
    from understudy.coverage import Coverage, Report

T = TypeVar("T")


class ReloadedError(Exception):
    """The world plays by another setup than the one that a call began with: the call has to begin anew."""


@dataclass(frozen=True, slots=True)
class DroppedCommand:
    """A command that a new scenario refuses: it is not part of the world any more."""

    world: str
    command: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class _Materialised:
    """The model as it stands after `revision` commands: a cache, never the truth."""

    setup: Setup
    start: datetime
    revision: int
    model: Any


class World:
    """A private server: what one test or one browser sees. Two worlds share nothing that changes."""

    def __init__(
        self, name: str, setup: Setup, *, store: Store, wall: Clock, created: datetime
    ) -> None:
        self.name = name
        self.setup = setup
        """Changes inside of an update only."""
        self._exercised = WorldCoverage(lambda: self.contract)
        self.journal = Journal(observer=self._exercised.observe)
        self.wall = wall
        self._store = store
        self._initial = _opening(setup, created)
        self._next: Setup | None = None
        """What the world plays by after its next reset, when it could not change before."""
        self._cache: _Materialised | None = None
        self._parsed: tuple[str, State] | None = None
        self._script: tuple[Setup, Mapping[str, Any], RuleSet] | None = None
        self._turns = self._first_turn
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"World({self.name!r})"

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.setup.contract

    @property
    def service(self) -> Service:
        """The rules of the API."""
        return self.setup.service

    @property
    def seed(self) -> int:
        """Where ids, samples and dice come from."""
        return self.setup.seed

    @property
    def call_count(self) -> int:
        """How many calls the world has had since it began: dice and trace ids follow it."""
        return self._turns

    def next_call_number(self) -> int:
        """Count a call; give its number."""
        with self._lock:
            self._turns += 1
            return self._turns

    def update(
        self, function: Callable[[State], tuple[State, T]], *, setup: Setup | None = None
    ) -> T:
        """Change the world atomically: only here does it change. The function is pure; it may be called again.

        Raises ReloadedError when the world does not play by `setup` (any more).
        """

        def change(text: str | None) -> tuple[str | None, T]:
            if setup is not None and setup is not self.setup:
                raise ReloadedError
            state = self._read(text)
            after, result = function(state)
            if after is state:
                return None, result
            return self._written(after), result

        return self._store.update(self._key, change)

    def state(self) -> State:
        """Give what the world remembers."""
        return self._read(self._store.read(self._key))

    def now(self) -> datetime:
        """Give the world's moment."""
        return self.state().clock.now(self.wall.now())

    def model(self) -> Any:
        """Give the model as it stands now. Looking changes nothing that anybody sees."""
        return self.inspect()[1]

    def inspect(self) -> tuple[State, Any, datetime]:
        """Give state, model and moment, all of the same instant."""
        wall = self.wall.now()

        def function(state: State) -> tuple[State, tuple[State, Any, datetime]]:
            now = state.clock.now(wall)
            return state, (state, self.model_of(state, now), now)

        return self.update(function)

    def model_of(self, state: State, now: datetime | None = None) -> Any:
        """Give the model of a state, inside of an update: after its commands, and at `now` when it is given."""
        model = self._made(state)
        if now is not None:
            model = self.service.advance(model, now)
        self.cache_model(state, model, self.setup)
        return model

    def _made(self, state: State) -> Any:
        # A cache of another start or of a later revision (a reset, a slower process) is of no use; an older one only
        # lacks the commands since.
        cache, setup = self._cache, self.setup
        fits = cache is not None and cache.setup is setup and cache.start == state.start
        if cache is None or not fits or not state.folded <= cache.revision <= state.revision:
            model = setup.service.start(state.start)
            if state.checkpoint:
                model = setup.service.unfold(model, parse_json(state.checkpoint))
            cache = _Materialised(setup, state.start, state.folded, model)
        model = cache.model
        for command in state.commands[cache.revision - state.folded :]:
            model = setup.service.apply_command(model, command)
        return model

    def cache_model(self, state: State, model: Any, setup: Setup) -> None:
        """Remember the model of a state, so that it need not be made again."""
        if (
            self._cache is None
            or self._cache.model is not model
            or self._cache.revision != state.revision
        ):
            self._cache = _Materialised(setup, state.start, state.revision, model)

    def command(self, command: dict[str, Any]) -> None:
        """Apply a command of the tool's at the world's moment. Raises Refused and ValueError; then nothing changes."""
        wall = self.wall.now()

        def function(state: State) -> tuple[State, None]:
            now = state.clock.now(wall)
            told = {**command, "at": now.isoformat()}
            self.service.apply_command(self.model_of(state, now), told)
            return state.with_command(told), None

        self.update(function)

    # --- the clock

    def advance(self, by: timedelta) -> datetime:
        """Move the world's clock forward; give its moment. Raises ValueError for a step back."""
        return self._with_clock(lambda clock, wall: clock.advance(by, wall))

    def move(self, to: datetime) -> datetime:
        """Move the world's clock to a later moment; give it. Raises ValueError for an earlier one."""
        return self._with_clock(lambda clock, wall: clock.move_to(to, wall))

    def freeze(self) -> datetime:
        """Let the world's clock stand still; give its moment."""
        return self._with_clock(lambda clock, wall: clock.freeze(wall))

    def scale(self, speed: float) -> datetime:
        """Let the world's clock run, `speed` times as fast as the wall. Raises ValueError."""
        return self._with_clock(lambda clock, wall: clock.set_speed(speed, wall))

    def _with_clock(self, change: Callable[[ClockState, datetime], ClockState]) -> datetime:
        wall = self.wall.now()

        def function(state: State) -> tuple[State, datetime]:
            clock = change(state.clock, wall)
            return replace(state, clock=clock), clock.now(wall)

        return self.update(function)

    # --- replies, faults and settings of this world alone

    def rule_set(self, state: State) -> RuleSet:
        """Give the rules of replies and faults: those that were added first, then the scenario's."""
        setup = self.setup
        if not state.added:
            return setup.rule_set
        known = self._script
        if known is None or known[0] is not setup or known[1] != state.added:
            known = (setup, state.added, setup.rule_set.prepend(parse_added_rules(state.added)))
            self._script = known
        return known[2]

    def validate_request(self, state: State) -> ValidateRequest:
        """Give what happens to a request that breaks the contract."""
        told = state.settings.get("validateRequest")
        return ValidateRequest(told) if told else self.setup.validate_request

    def rejects_unknown_preferences(self, state: State) -> bool:
        """Give whether a preference that nobody knows is refused."""
        return bool(state.settings.get("errors", self.setup.errors))

    # --- the whole world

    def reset(self) -> None:
        """Go back to the start of the scenario. A clock that is real goes on; the journal is emptied."""
        self.restart(None)

    def restart(self, setup: Setup | None) -> None:
        """Begin anew, with another setup if one is given."""
        wall = self.wall.now()

        def function(text: str | None) -> tuple[str | None, None]:
            initial = self._initial.clock
            other = setup or self._next
            changed = other is not None
            self.setup = other or replace(
                self.setup
            )  # another object: a call under way begins anew
            self._next = None
            if changed or self.setup.world or initial.mode != "real":
                self._initial = _opening(self.setup, wall)
            else:
                base = initial.now(wall)
                clock = replace(initial, base=base, wall=wall)
                self._initial = replace(self._initial, start=base, clock=clock)
            self._cache = self._parsed = None
            return self._written(self._initial), None

        self._store.update(self._key, function)
        self.journal.clear(flush=False)
        self._exercised.clear()
        self._turns = self._first_turn

    def switch_setup(self, setup: Setup) -> tuple[DroppedCommand, ...]:
        """Play by another setup from now on; give the commands that it refuses. Clock and start stay.

        A world past its first checkpoint keeps its setup until it is reset. One whose clock the new scenario sets
        otherwise, and that nobody has touched, begins anew.
        """
        wall = self.wall.now()

        def function(text: str | None) -> tuple[str | None, tuple[DroppedCommand, ...]]:
            state = self._read(text)
            if state.folded:
                self._next = setup
                return None, ()
            untouched = state == self._initial
            if untouched and not _same_clock(self.setup, setup):
                self._initial = _opening(setup, wall)
            else:
                self._initial = replace(self._initial, scenario=setup.digest)
            self.setup, self._cache, self._parsed, self._next = setup, None, None, None
            if untouched:
                return self._written(self._initial), ()
            kept, dropped = self._kept(state, setup.service)
            return self._written(replace(state, scenario=setup.digest, commands=kept)), dropped

        return self._store.update(self._key, function)

    @property
    def awaits_reset(self) -> bool:
        """Whether the world plays by an older setup, until it is reset."""
        return self._next is not None

    def coverage(self) -> "Report":
        """Give what of the contract the world's clients were exercised with since it began."""
        self.journal.flush_to_observer()
        return self._exercised.report()

    def add_coverage_to(self, total: "Coverage") -> None:
        """Add what the world's clients were exercised with to that of others, of the same contract."""
        self.journal.flush_to_observer()
        self._exercised.add_to(total)

    def snapshot(self) -> dict[str, Any]:
        """Give all that the world is, as JSON data: `restore` takes it, and a scenario's key `world` does."""
        wall = self.wall.now()
        state = self.state()
        clock = replace(state.clock, base=state.clock.now(wall), wall=wall)
        return {"turns": self._turns, **replace(state, clock=clock).to_record()}

    def restore(self, record: Mapping[str, Any]) -> None:
        """Be what a snapshot says. The journal goes on. Raises ValueError for a snapshot of another scenario."""
        wall = self.wall.now()

        def function(state: State) -> tuple[State, None]:
            if record["scenario"] != self.setup.digest:
                raise ValueError(
                    "the snapshot was taken of another scenario than the one that the world plays"
                )
            told = State.from_record(record)
            self.setup = replace(
                self.setup
            )  # another object: no model of a later moment is of use any more
            return replace(told, clock=replace(told.clock, wall=wall)), None

        self.update(function)
        self._turns = record["turns"]

    def delete_state(self) -> None:
        """Take the world's state out of the store: nobody will ask for it again."""
        self._store.clear(self._key)

    def _kept(
        self, state: State, service: Service
    ) -> tuple[tuple[dict[str, Any], ...], tuple[DroppedCommand, ...]]:
        """Give the commands that a service accepts, one after the other, and those that it refuses."""
        model = service.start(state.start)
        kept, dropped = [], []
        for command in state.commands:
            try:
                model = service.apply_command(model, command)
                kept.append(command)
            except (ApiError, InputError, ValueError, LookupError) as error:
                dropped.append(DroppedCommand(self.name, command, str(error)))
        return tuple(kept), tuple(dropped)

    def _written(self, state: State) -> str:
        if len(state.commands) > MAX_COMMANDS:
            state = state.fold_to(self.service.fold(self._made(state)))
        written = state.to_text()
        self._parsed = (written, state)
        return written

    @property
    def _first_turn(self) -> int:
        told = self.setup.world
        return int(told["turns"]) if told else 0

    @property
    def _key(self) -> str:
        return f"world/{self.name}"

    def _read(self, text: str | None) -> State:
        if text is None:
            return self._initial
        parsed = self._parsed
        if parsed is None or (parsed[0] is not text and parsed[0] != text):
            parsed = self._parsed = (text, State.from_text(text))
        return parsed[1]


def _opening(setup: Setup, wall: datetime) -> State:
    """Give the state of a world that begins: as its scenario was exported, or at the clock's start."""
    if setup.world:
        told = State.from_record(setup.world)
        clock = replace(told.clock, wall=wall, mode=setup.clock or told.clock.mode)
        return replace(told, scenario=setup.digest, clock=clock)
    clock = setup.new_clock(wall)
    return State(setup.digest, clock.base, clock)


def _same_clock(one: Setup, other: Setup) -> bool:
    clocks = [
        (setup.clock, setup.speed, setup.scenario.clock if setup.scenario else None)
        for setup in (one, other)
    ]
    return clocks[0] == clocks[1] and not other.world
