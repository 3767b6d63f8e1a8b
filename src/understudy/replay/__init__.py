"""The heart: a world takes a request and gives the response, with no web framework and no socket."""

from understudy.replay.journal import Journal, JournalTruncatedError
from understudy.replay.pipeline import step
from understudy.replay.problems import StubProblem
from understudy.replay.stub import Reloads, Stub
from understudy.replay.waiting import Waiting
from understudy.replay.world import World
from understudy.replay.worlds import WorldName

__all__ = [
    "Journal",
    "JournalTruncatedError",
    "Reloads",
    "Stub",
    "StubProblem",
    "Waiting",
    "World",
    "WorldName",
    "step",
]
