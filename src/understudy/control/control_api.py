"""The control API of one stub."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from understudy.control.api.snapshots import Snapshots
from understudy.messages import Request, Response
from understudy.replay import Stub, StubProblem
from understudy.replay.world_registry import DEFAULT_WORLD
from understudy.store import KeyDeletedError

if TYPE_CHECKING:
    from understudy.control.api.api_call import CertificateSwitch, Stream


class Control:
    """The control API of a stub, without a socket or a web framework."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.snapshots = Snapshots()
        self.tls: CertificateSwitch | None = None
        """The certificates of the server; set by the server that speaks HTTPS."""

    def handle(
        self,
        request: Request,
        world: str = DEFAULT_WORLD,
        is_client_gone: Callable[[], bool] | None = None,
    ) -> "Response | Stream":
        """Answer a call; every error of the caller becomes a problem document.

        The path of `request` is relative to the prefix of the control API; `world` is the name
        from `Stub.select_world`. `is_client_gone` returns whether the client has hung up.
        """
        # Imported late: a server starts faster without the routes and problems of this API.
        from understudy.control.api.api_call import Call
        from understudy.control.api.control_problems import ControlProblem
        from understudy.control.dispatch import answer

        call = Call(
            self.stub,
            self.snapshots,
            world,
            request,
            is_client_gone=is_client_gone,
            tls=self.tls,
        )
        while True:
            try:
                return answer(call)
            except (ControlProblem, StubProblem) as problem:
                return problem.to_response()
            except KeyDeletedError:  # dropped since: the name has another world now, or none
                continue
