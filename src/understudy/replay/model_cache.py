"""The cache of a world's model: never the truth, which is the scenario and the commands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from understudy.messages import parse_json
from understudy.replay.world_setup import Setup
from understudy.replay.world_state import State


@dataclass(frozen=True, slots=True)
class CachedModel:
    """A model after the first `revision` commands."""

    setup: Setup
    start: datetime
    revision: int
    model: Any


class ModelCache:
    """Holds the last model of a world, so that a call applies new commands only."""

    def __init__(self) -> None:
        self._cached: CachedModel | None = None

    def build(self, state: State, setup: Setup) -> Any:
        """Build the model of a state: after all of its commands."""
        cached = self._cached
        if cached is None or not _is_usable(cached, state, setup):
            cached = _load(state, setup)
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
        self._cached = None


def _is_usable(cached: CachedModel, state: State, setup: Setup) -> bool:
    """Return whether a state's model can be built from a cached one.

    One of another start or of a later revision (after a reset, or by a slower process) cannot
    be used; an older one only lacks the commands since.
    """
    if cached.setup is not setup or cached.start != state.start:
        return False
    return state.folded <= cached.revision <= state.revision


def _load(state: State, setup: Setup) -> CachedModel:
    """Build the model of a state's checkpoint, or of the start."""
    model = setup.service.start(state.start)
    if state.checkpoint:
        model = setup.service.unfold(model, parse_json(state.checkpoint))
    return CachedModel(setup, state.start, state.folded, model)
