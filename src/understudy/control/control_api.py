"""The control API of one stub."""

from collections.abc import Callable

from understudy.control.api.api_call import Call, Stream
from understudy.control.api.control_problems import ControlProblem
from understudy.control.api.snapshots import Snapshots
from understudy.messages import Request, Response
from understudy.replay import Stub, StubProblem
from understudy.replay.world_registry import DEFAULT_WORLD


class Control:
    """The control API of a stub: knows no socket and no web framework."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.snapshots = Snapshots()

    def handle(
        self, request: Request, world: str = DEFAULT_WORLD, gone: Callable[[], bool] | None = None
    ) -> Response | Stream:
        """Answer a call whose path is inside of the control API, for the world that `Stub.select` gave.

        `gone` tells whether the client has gone. Never raises for what a caller can send.
        """
        from understudy.control.dispatch import (
            answer,
        )  # late: a server starts without the table of routes

        try:
            return answer(Call(self.stub, self.snapshots, world, request, is_client_gone=gone))
        except (ControlProblem, StubProblem) as problem:
            return problem.to_response()
