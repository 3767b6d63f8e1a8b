"""The cache of a world's model: never the truth, which is the scenario and the commands."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from understudy.replay.world_setup import Setup
from understudy.replay.world_state import State
from understudy.store import Parts, join_parts


@dataclass(frozen=True, slots=True)
class CachedModel:
    """A model after the first `revision` commands."""

    setup: Setup
    start: datetime
    revision: int
    model: Any


class ModelCache:
    """Holds the last model of a world, so that a call applies new commands only."""

    def __init__(self, read_parts: Callable[[Parts], Parts]) -> None:
        self._cached: CachedModel | None = None
        self._saved: tuple[Parts, Any] | None = None
        """The last checkpoint, and its model: only what differs from it need be written."""
        self._read_parts = read_parts

    def fold(self, state: State, setup: Setup) -> State:
        """Return a state in which a checkpoint replaces its commands."""
        model = self.build(state, setup)
        saved, before = self._saved, None
        if state.checkpoint and saved is not None and saved[0] == state.checkpoint:
            before = saved[1]
            state = replace(state, checkpoint=self._read_parts(state.checkpoint))
        else:
            state = replace(state, checkpoint=())
        folded = state.fold_to(setup.service.fold(model, before))
        self._saved = (folded.checkpoint, model)
        return folded

    def build(self, state: State, setup: Setup) -> Any:
        """Build the model of a state: after all of its commands."""
        cached = self._cached
        if cached is None or not _is_usable(cached, state, setup):
            cached = self._load(state, setup)
        model = cached.model
        for command in state.commands[cached.revision - state.folded :]:
            model = setup.service.apply_command(model, command)
        return model

    def find(self, state: State, setup: Setup) -> CachedModel | None:
        """Return the held model if it is the one of exactly this state."""
        cached = self._cached
        if cached is None or not _is_usable(cached, state, setup):
            return None
        return cached if cached.revision == state.revision else None

    def put(self, state: State, model: Any, setup: Setup) -> None:
        """Hold the model of a state."""
        cached = self._cached
        if cached is None or cached.model is not model or cached.revision != state.revision:
            self._cached = CachedModel(setup, state.start, state.revision, model)

    def clear(self) -> None:
        """Drop the model."""
        self._cached = self._saved = None

    def _load(self, state: State, setup: Setup) -> CachedModel:
        """Build the model of a state's checkpoint, or of the start. Raises PartMissingError."""
        model = setup.service.start(state.start)
        if state.checkpoint:
            checkpoint = join_parts(self._read_parts(state.checkpoint))
            model = setup.service.unfold(model, checkpoint)
            self._saved = (state.checkpoint, model)
        return CachedModel(setup, state.start, state.folded, model)


def _is_usable(cached: CachedModel, state: State, setup: Setup) -> bool:
    """Return whether a state's model can be built from a cached one.

    One of another start or of a later revision (after a reset, or by a slower process) cannot
    be used; an older one only lacks the commands since.
    """
    if cached.setup is not setup or cached.start != state.start:
        return False
    return state.folded <= cached.revision <= state.revision
