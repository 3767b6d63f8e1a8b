"""One running instance of a scenario: its own state, clock, seed, throttle and journal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from understudy.clock import Clock, ClockState
from understudy.config import ValidateRequest
from understudy.contract import Contract
from understudy.messages import parse_json
from understudy.replay.journal import Journal
from understudy.replay.service import Service
from understudy.replay.state import MOST_COMMANDS, State
from understudy.replay.throttle import Limit
from understudy.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Materialised:
    """The model as it stands after `revision` commands: a cache, never the truth."""

    start: datetime
    revision: int
    model: Any


class World:
    """A private server: what one test or one browser sees. Two worlds share nothing that changes."""

    def __init__(
        self,
        name: str,
        *,
        contract: Contract,
        service: Service,
        store: Store,
        wall: Clock,
        clock: ClockState,
        digest: str = "",
        seed: int = 0,
        limits: Sequence[Limit] = (),
        validate_request: ValidateRequest = ValidateRequest.ENFORCE,
    ) -> None:
        self.name = name
        self.contract = contract
        self.service = service
        self.seed = seed
        self.limits = limits
        self.validate_request = validate_request
        self.journal = Journal()
        self.wall = wall
        self._store = store
        self._initial = State(digest, clock.base, clock)
        self._cache: _Materialised | None = None
        self._parsed: tuple[str, State] | None = None

    def __repr__(self) -> str:
        return f"World({self.name!r})"

    def update(self, function: Callable[[State], tuple[State, T]]) -> T:
        """Change the world atomically: only here does it change. The function is pure; it may be called again."""

        def change(text: str | None) -> tuple[str | None, T]:
            state = self._read(text)
            after, result = function(state)
            if after is state:
                return None, result
            if len(after.commands) > MOST_COMMANDS:
                after = after.folded_to(self.service.fold(self._made(after)))
            written = after.to_text()
            self._parsed = (written, after)
            return written, result

        return self._store.update(self._key, change)

    def state(self) -> State:
        """Give what the world remembers."""
        return self._read(self._store.read(self._key))

    def now(self) -> datetime:
        """Give the world's moment."""
        return self.state().clock.now(self.wall.now())

    def model(self) -> Any:
        """Give the model as it stands now. Looking changes nothing that anybody sees."""
        state = self.state()
        return self.model_of(state, state.clock.now(self.wall.now()))

    def model_of(self, state: State, now: datetime | None = None) -> Any:
        """Give the model of a state that was read: after its commands, and at `now` when it is given."""
        model = self._made(state)
        if now is not None:
            model = self.service.advance(model, now)
        self.keep(state, model)
        return model

    def _made(self, state: State) -> Any:
        # A cache of another start or of a later revision (a reset, a slower process) is of no use; an older one only
        # lacks the commands since.
        cache = self._cache
        if cache is None or cache.start != state.start or not state.folded <= cache.revision <= state.revision:
            model = self.service.start(state.start)
            if state.checkpoint:
                model = self.service.unfold(model, parse_json(state.checkpoint))
            cache = _Materialised(state.start, state.folded, model)
        model = cache.model
        for command in state.commands[cache.revision - state.folded :]:
            model = self.service.redo(model, command)
        return model

    def keep(self, state: State, model: Any) -> None:
        """Remember the model of a state, so that it need not be made again."""
        if self._cache is None or self._cache.model is not model or self._cache.revision != state.revision:
            self._cache = _Materialised(state.start, state.revision, model)

    def advance(self, by: timedelta) -> datetime:
        """Move the world's clock forward; give its moment. Raises ValueError for a step back."""
        return self._with_clock(lambda clock, wall: clock.advanced(by, wall))

    def freeze(self) -> datetime:
        """Let the world's clock stand still; give its moment."""
        return self._with_clock(lambda clock, wall: clock.frozen(wall))

    def scale(self, speed: float) -> datetime:
        """Let the world's clock run, `speed` times as fast as the wall. Raises ValueError."""
        return self._with_clock(lambda clock, wall: clock.scaled(speed, wall))

    def reset(self) -> None:
        """Go back to the start of the scenario. A clock that is real goes on; the journal is emptied."""
        wall, initial = self.wall.now(), self._initial.clock
        if initial.mode == "real":
            base = initial.now(wall)
            self._initial = replace(self._initial, start=base, clock=replace(initial, base=base, wall=wall))
        self._store.clear(self._key)
        self._cache = self._parsed = None
        self.journal.clear()

    def forget(self) -> None:
        """Take the world's state out of the store: nobody will ask for it again."""
        self._store.clear(self._key)

    def _with_clock(self, change: Callable[[ClockState, datetime], ClockState]) -> datetime:
        wall = self.wall.now()

        def function(state: State) -> tuple[State, datetime]:
            clock = change(state.clock, wall)
            return replace(state, clock=clock), clock.now(wall)

        return self.update(function)

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
