"""One running instance of a scenario: its own state, clock, seed and journal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from understudy.clock import Clock
from understudy.config import ValidateRequest
from understudy.contract import Contract
from understudy.replay.journal import Journal
from understudy.replay.service import Decision, Service
from understudy.replay.state import State
from understudy.store import Store


@dataclass(frozen=True, slots=True)
class _Materialised:
    """The model as it stands after the first `revision` commands: a cache, never the truth."""

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
        clock: Clock,
        digest: str = "",
        seed: int = 0,
        validate_request: ValidateRequest = ValidateRequest.ENFORCE,
    ) -> None:
        self.name = name
        self.contract = contract
        self.service = service
        self.clock = clock
        self.seed = seed
        self.validate_request = validate_request
        self.journal = Journal()
        self._store = store
        self._digest = digest
        self._start = clock.now()
        self._cache: _Materialised | None = None

    def __repr__(self) -> str:
        return f"World({self.name!r})"

    def decide(self, decision_of: Callable[[Any], Decision]) -> Decision:
        """Let `decision_of` look at the model and decide; remember its command. Only here does a world change."""

        def function(text: str | None) -> tuple[str | None, tuple[Decision, State]]:
            state = State(self._digest) if text is None else State.from_text(text)
            decision = decision_of(self._model_of(state))
            if decision.command is None:
                return None, (decision, state)
            after = state.after(decision.command)
            return after.to_text(), (decision, after)

        decision, state = self._store.update(self._key, function)
        if decision.command is not None and decision.model is not None:
            self._cache = _Materialised(self._start, state.revision, decision.model)
        return decision

    def model(self) -> Any:
        """Give the model as it stands."""
        text = self._store.read(self._key)
        return self._model_of(State(self._digest) if text is None else State.from_text(text))

    def reset(self) -> None:
        """Go back to the start of the scenario. The clock goes on; the journal is emptied."""
        self._store.clear(self._key)
        self._start = self.clock.now()
        self._cache = None
        self.journal.clear()

    def forget(self) -> None:
        """Take the world's state out of the store: nobody will ask for it again."""
        self._store.clear(self._key)

    @property
    def _key(self) -> str:
        return f"world/{self.name}"

    def _model_of(self, state: State) -> Any:
        # A cache of another start or of a later revision (a reset, a slower process) is of no use; an older one only
        # lacks the commands since.
        cache = self._cache
        start = self._start
        if cache is None or cache.start != start or cache.revision > state.revision:
            cache = _Materialised(start, 0, self.service.start(start))
        model = cache.model
        for command in state.commands[cache.revision :]:
            model = self.service.redo(model, command)
        if cache.revision != state.revision or self._cache is None:
            self._cache = _Materialised(start, state.revision, model)
        return model
