"""Serves drawn worlds: in this process, or on a real socket."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from understudy import strategies
from understudy.messages import Exchange, Request, Response
from understudy.ocp import Task
from understudy.replay import World, step
from understudy.scenario import Scenario
from understudy.strategies import DrawnWorld
from understudy.testing.failing_worlds import save_on_failure
from understudy.testing.shared_stub import (
    load_drawn_scenario,
    shared_app,
    shared_server,
    shared_stub,
    temporary_world,
)


@dataclass(frozen=True, slots=True)
class ServedOcp:
    """A drawn world while it is served."""

    url: str
    """Base URL; it carries the world. In this process, it is for clients that go through `app`."""
    auth: tuple[str, str]
    """User name and password of an account that may do everything."""
    world: World
    app: Callable[..., Any]
    """The WSGI application: `httpx.Client(transport=httpx.WSGITransport(app=ocp.app), base_url=ocp.url)`."""

    @property
    def calls(self) -> tuple[Exchange, ...]:
        """What the client asked and was answered, oldest first."""
        return self.world.journal.exchanges()

    @property
    def tasks(self) -> dict[int, Task]:
        """How the tasks stand now, by id: the truth, which a client's view can be compared with."""
        return dict(self.world.model().tasks)

    def handle(self, request: Request) -> Response:
        """Answer a request in this world, without any HTTP. Its path is the API's own."""
        return step(self.world, request)

    def advance(self, seconds: float) -> None:
        """Move the world's clock forward."""
        self.world.advance(timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True, repr=False)
class PlayedWorld:
    """A drawn world that is ready to be served."""

    drawn: DrawnWorld
    read: Scenario
    dialect: str = "documented"

    @property
    def scenario(self) -> str:
        """The scenario as the text of its file (YAML)."""
        return self.drawn.scenario

    @contextmanager
    def serve(self, *, socket: bool = False) -> Iterator[ServedOcp]:
        """Serve the world while the block runs: in this process, or on a real socket.

        Each block finds the world as it was drawn. When the block fails, the scenario is kept in
        `.understudy/failures`, and the error's notes tell it and the line that replays it.
        """
        stub = shared_server(self.dialect).stub if socket else shared_stub(self.dialect)
        host = shared_server(self.dialect).url if socket else "http://localhost"
        with save_on_failure(self.drawn), temporary_world(stub, self.read) as world:
            url = f"{host}{stub.settings.world_prefix}/{world.name}"
            yield ServedOcp(url, self.drawn.account, world, shared_app(stub))

    def __repr__(self) -> str:
        return repr(self.drawn)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def worlds(*, dialect: str = "documented", **options: Any) -> st.SearchStrategy[PlayedWorld]:
    """Give worlds that are ready to be served: `with world.serve() as ocp: …`.

    Takes the options of `strategies.worlds`. What takes long is done while a world is drawn, so that the deadline of a
    test counts little but the client.
    """
    return strategies.worlds(**options).map(lambda drawn: _played(drawn, dialect))


@contextmanager
def run_world(
    world: DrawnWorld, *, socket: bool = False, dialect: str = "documented"
) -> Iterator[ServedOcp]:
    """Serve a world of `strategies.worlds` while the block runs; see PlayedWorld.serve."""
    with _played(world, dialect).serve(socket=socket) as ocp:
        yield ocp


def _played(drawn: DrawnWorld, dialect: str) -> PlayedWorld:
    shared_app(shared_stub(dialect))  # made now, not when the clock of a deadline runs
    return PlayedWorld(drawn, load_drawn_scenario(drawn), dialect)
