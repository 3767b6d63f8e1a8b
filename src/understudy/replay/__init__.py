"""The heart: a world takes a request and gives the response, with no web framework and no socket."""

from understudy.replay.journal import Journal, JournalTruncatedError
from understudy.replay.pipeline import step
from understudy.replay.stub import Stub, StubProblem, WorldName
from understudy.replay.world import World

__all__ = ["Journal", "JournalTruncatedError", "Stub", "StubProblem", "World", "WorldName", "step"]
