"""A world: one running instance of a scenario, with its own state, clock, rules and journal."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from understudy.clock import Clock, ClockState
from understudy.config import ValidateRequest
from understudy.contract import Contract
from understudy.replay.checks.call_numbers import CallNumbers
from understudy.replay.journals.journal_budget import JournalBudget
from understudy.replay.known.representation import RepresentationCache
from understudy.replay.model_cache import CachedModel, ModelCache
from understudy.replay.service import AnyService, CommandRecord
from understudy.replay.world_coverage import WorldCoverage
from understudy.replay.world_journal import Journal
from understudy.replay.world_setup import (
    DroppedCommand,
    ReloadedError,
    Setup,
    filter_commands,
    first_call_count,
    have_same_clock,
    initial_state,
    parse_added_rules,
    restarted_state,
)
from understudy.replay.world_state import MAX_COMMANDS, State
from understudy.rules import RuleSet
from understudy.store import Parts, PartStore, Store

if TYPE_CHECKING:  # most servers are never asked for coverage
    from understudy.coverage import Coverage, Report

T = TypeVar("T")

MAX_EVENTS = 500_000
"""How many events of tasks one move of the clock may have."""


def _ignore_use(world: "World") -> None:
    """Do nothing: the world is in no registry."""


class World:
    """A private server of one test or one browser. Two worlds share no state."""

    def __init__(
        self,
        name: str,
        setup: Setup,
        *,
        store: Store,
        wall: Clock,
        created: datetime,
        representations: RepresentationCache | None = None,
        budget: JournalBudget | None = None,
        generation: int = 0,
    ) -> None:
        """Build a world.

        `generation` differs for two worlds of a store that have the same name, one after the
        other: the calls of the earlier one can neither see nor change the later one.
        """
        self.name = name
        self._key = f"world/{name}/{generation}" if generation else f"world/{name}"
        # An empty cache is false: it has a length.
        own = RepresentationCache() if representations is None else representations
        self.representations = own
        """The known answers of this world, in a cache that the worlds of a stub share."""
        self.setup = setup
        """Changes inside of an update only. Each start of the world has another object."""
        coverage = self._coverage = WorldCoverage(lambda: self.contract)
        self.journal = Journal(
            budget=budget, observer=coverage.observe, observer_lock=coverage.lock
        )
        self.wall = wall
        self.on_use: Callable[[World], None] = _ignore_use
        """Called for each call of a known caller: the registry notes that the world is in use."""
        self._store = store
        self._initial = initial_state(setup, created)
        self._next_setup: Setup | None = None
        """The setup after the next reset, when the world could not switch to it before."""
        self._parts = PartStore(store, self._key)
        self._models = ModelCache(self._parts.read)
        self._parsed: tuple[str, State] | None = None
        """The last text of the store, with the state that it stands for."""
        self._rules: tuple[Setup, Mapping[str, Any], RuleSet] | None = None
        """The last rule set with added rules, and what it was parsed from."""
        self.call_numbers = CallNumbers(setup, first_call_count(setup))

    def __repr__(self) -> str:
        return f"World({self.name!r})"

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.setup.contract

    @property
    def service(self) -> AnyService:
        """The rules of the API."""
        return self.setup.service

    @property
    def seed(self) -> int:
        """The seed of ids, samples and random values."""
        return self.setup.seed

    def update(
        self, function: Callable[[State], tuple[State, T]], *, setup: Setup | None = None
    ) -> T:
        """Change the world's state atomically; return the second result of `function`.

        The state changes only here. `function` must be pure: the store may call it again. It
        returns the same state object where nothing changes; then nothing is written.
        Raises ReloadedError when the world's setup is not (or no longer) `setup`, and
        KeyDeletedError when the world was deleted.
        """

        def change(text: str | None) -> tuple[str | None, T]:
            if setup is not None and setup is not self.setup:
                raise ReloadedError
            state = self._parse(text)
            after, result = function(state)
            if after is state:
                return None, result
            # A world without a text begins with an initial state, whose parts are not stored.
            stored = () if text is None else state.checkpoint
            return self._serialise(after, stored), result

        return self._parts.update(change)

    def state(self) -> State:
        """Return the world's state."""
        return self._parse(self._store.read(self._key))

    def now(self) -> datetime:
        """Return the world's moment."""
        return self.state().clock.now(self.wall.now())

    def model(self) -> Any:
        """Return the service's model as it is now. Nothing visible changes."""
        return self.inspect()[1]

    def inspect(self) -> tuple[State, Any, datetime]:
        """Return state, model and moment, all of the same instant."""
        wall = self.wall.now()

        def function(state: State) -> tuple[State, tuple[State, Any, datetime]]:
            now = state.clock.now(wall)
            return state, (state, self.model_of(state, now), now)

        return self.update(function)

    def model_of(self, state: State, now: datetime | None = None) -> Any:
        """Return the model of a state, advanced to `now` if it is given.

        Call it inside of an update only.
        """
        model = self._models.build(state, self.setup)
        if now is not None:
            model = self.service.advance(model, now)
        self.cache_model(state, model, self.setup)
        return model

    def cache_model(self, state: State, model: Any, setup: Setup) -> None:
        """Remember the model of a state, so that it need not be built again."""
        self._models.put(state, model, setup)

    def known_model(self, state: State) -> CachedModel | None:
        """Return the cached model of exactly this state; None when it has to be built."""
        return self._models.find(state, self.setup)

    def command(self, command: CommandRecord) -> None:
        """Apply a command of the control API at the world's moment.

        Raises ApiError and ValueError; then nothing changes.
        """
        wall = self.wall.now()

        def function(state: State) -> tuple[State, None]:
            now = state.clock.now(wall)
            timed = {**command, "at": now.isoformat()}
            # Applied only to find out whether the model allows it; the state remembers it.
            self.service.apply_command(self.model_of(state, now), timed)
            return state.with_command(timed), None

        self.update(function)

    # --- the clock

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward; return its moment.

        Raises ValueError for a step back, and TooManyEventsError where more than `MAX_EVENTS`
        would happen.
        """
        return self._change_clock(lambda clock, wall: clock.advance(by, wall), MAX_EVENTS)

    def move(self, to: datetime) -> datetime:
        """Move the clock to a later moment; return it. Raises the errors of `advance`."""
        return self._change_clock(lambda clock, wall: clock.move_to(to, wall), MAX_EVENTS)

    def freeze(self) -> datetime:
        """Stop the clock; return its moment."""
        return self._change_clock(lambda clock, wall: clock.freeze(wall))

    def scale(self, speed: float) -> datetime:
        """Let the clock run at a speed relative to the wall clock. Raises ValueError."""
        return self._change_clock(lambda clock, wall: clock.set_speed(speed, wall))

    def _change_clock(
        self,
        change: Callable[[ClockState, datetime], ClockState],
        max_events: int | None = None,
    ) -> datetime:
        wall = self.wall.now()

        def function(state: State) -> tuple[State, datetime]:
            clock = change(state.clock, wall)
            now, after = clock.now(wall), replace(state, clock=clock)
            if max_events is not None:
                # Now instead of at the next look: a world that cannot get there must stay.
                model = self.service.advance(self.model_of(state), now, max_events)
                self.cache_model(after, model, self.setup)
            return after, now

        return self.update(function)

    # --- rules and settings of this world only

    def rule_set(self, state: State) -> RuleSet:
        """Return the rules of the world: added ones first, then the scenario's."""
        setup = self.setup
        if not state.added:
            return setup.rule_set
        known = self._rules
        if known is None or known[0] is not setup or known[1] != state.added:
            rules = setup.rule_set.prepend(parse_added_rules(state.added))
            known = self._rules = (setup, state.added, rules)
        return known[2]

    def validate_request(self, state: State) -> ValidateRequest:
        """Return how the world handles requests that break the contract."""
        setting = state.settings.get("validateRequest")
        if not setting:
            return self.setup.validate_request
        return ValidateRequest(setting)

    # --- the whole world

    def reset(self) -> None:
        """Go back to the start of the scenario. A real clock goes on; the journal is emptied."""
        self.restart(None)

    def restart(self, setup: Setup | None) -> None:
        """Begin again, with another setup if it is given."""
        wall = self.wall.now()

        def function(text: str | None) -> tuple[str | None, None]:
            stored = () if text is None else self._parse(text).checkpoint
            new_setup = setup or self._next_setup
            self._next_setup = None
            self._begin_generation(new_setup or self.setup)
            # Inside of the update: a call is in the journal of the state that it saw.
            self.journal.restart()
            self._coverage.clear()
            is_new = new_setup is not None
            self._initial = restarted_state(self.setup, self._initial, wall, is_new=is_new)
            self._models.clear()
            self._parsed = None
            return self._serialise(self._initial, stored), None

        self._parts.update(function)

    def _begin_generation(self, setup: Setup, calls: int | None = None) -> None:
        """Let the calls that have begun begin again; call it inside of an update.

        `calls` is the number of calls so far; None: that of a new world.
        """
        # Another object in any case: it is what a call compares.
        self.setup = replace(setup)
        count = first_call_count(setup) if calls is None else calls
        self.call_numbers.restart(self.setup, count)

    def switch_setup(self, setup: Setup) -> tuple[DroppedCommand, ...]:
        """Use another setup from now on; return the commands that it forbids.

        Clock and start stay. A world past its first checkpoint keeps its setup until it is
        reset. A world without changes begins again if the new scenario has another clock.
        """
        wall = self.wall.now()

        def function(text: str | None) -> tuple[str | None, tuple[DroppedCommand, ...]]:
            state = self._parse(text)
            if state.folded:
                self._next_setup = setup
                return None, ()
            is_unchanged = state == self._initial
            if is_unchanged and not have_same_clock(self.setup, setup):
                self._initial = initial_state(setup, wall)
            else:
                self._initial = replace(self._initial, scenario=setup.digest)
            self.setup, self._parsed, self._next_setup = setup, None, None
            self.call_numbers.switch(setup)
            self._models.clear()
            if is_unchanged:
                return self._serialise(self._initial), ()
            allowed, dropped = filter_commands(self.name, state, setup.service)
            state = replace(state, scenario=setup.digest, commands=allowed)
            return self._serialise(state), dropped

        return self._parts.update(function)

    @property
    def awaits_reset(self) -> bool:
        """Whether the world keeps an older setup until it is reset."""
        return self._next_setup is not None

    def coverage(self) -> "Report":
        """Return the contract coverage of the world's clients since the world began."""
        self.journal.flush_to_observer()
        return self._coverage.report()

    def add_coverage_to(self, total: "Coverage") -> None:
        """Add the world's coverage to that of other worlds of the same contract."""
        self.journal.flush_to_observer()
        self._coverage.add_to(total)

    def snapshot(self) -> dict[str, Any]:
        """Return the whole world as JSON data, for `restore` and for a scenario's key `world`.

        Keys: turns (the number of calls), and those of the state.
        """
        wall = self.wall.now()

        def function(state: State) -> tuple[State, tuple[int, State]]:
            whole = replace(state, checkpoint=self._parts.read(state.checkpoint))
            return state, (self.call_numbers.count, whole)

        calls, state = self.update(function)
        # The wall's moment is of no use to another start: without it, equal runs are equal texts.
        now = state.clock.now(wall)
        clock = replace(state.clock, base=now, wall=now)
        return {"turns": calls, **replace(state, clock=clock).to_record()}

    def restore(self, record: Mapping[str, Any]) -> None:
        """Restore the world from a snapshot. The journal goes on.

        Raises ValueError for a snapshot of another scenario.
        """
        wall = self.wall.now()

        def function(state: State) -> tuple[State, None]:
            if record["scenario"] != self.setup.digest:
                raise ValueError("the snapshot is of another scenario than the world's")
            restored = State.from_record(record)
            # A cached model may be of a later moment than the snapshot.
            self._begin_generation(self.setup, record["turns"])
            return replace(restored, clock=replace(restored.clock, wall=wall)), None

        self.update(function)

    def delete_state(self) -> None:
        """Delete the world's state from the store: the world is not used any more.

        Later updates raise KeyDeletedError. Raises it too when the state was deleted before.
        """

        def find_parts(text: str | None) -> Parts:
            self._begin_generation(self.setup)
            return () if text is None else self._parse(text).checkpoint

        self._parts.delete(find_parts)
        self.journal.close()
        self.representations.drop_world(self.name)

    def _serialise(self, state: State, stored: Parts = ()) -> str:
        """Return the text of a state for the store; many commands become a checkpoint.

        `stored` are the parts of the checkpoint that the store has already.
        """
        if len(state.commands) > MAX_COMMANDS:
            state = self._models.fold(state, self.setup)
        self._parts.replace(stored, state.checkpoint)
        text = state.to_text()
        self._parsed = (text, state)
        return text

    def _parse(self, text: str | None) -> State:
        """Return the state of a text of the store; no text: the initial state."""
        if text is None:
            return self._initial
        parsed = self._parsed
        # The identity first: comparing long texts on each call would be slow.
        if parsed is None or (parsed[0] is not text and parsed[0] != text):
            parsed = self._parsed = (text, State.from_text(text))
        return parsed[1]
