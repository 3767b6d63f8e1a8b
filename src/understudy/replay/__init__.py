"""The heart: a world takes a request and returns the response. No web framework, no socket."""

from understudy.replay.file_stamp import ReloadStatus
from understudy.replay.pipeline import step
from understudy.replay.stub import Stub
from understudy.replay.stub_problem import StubProblem
from understudy.replay.thread_limit import ThreadLimit
from understudy.replay.world import World
from understudy.replay.world_journal import Journal, JournalTruncatedError
from understudy.replay.world_registry import WorldName

__all__ = [
    "Journal",
    "JournalTruncatedError",
    "ReloadStatus",
    "Stub",
    "StubProblem",
    "ThreadLimit",
    "World",
    "WorldName",
    "step",
]
