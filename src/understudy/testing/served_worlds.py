"""Serves drawn worlds: in this process, or on a real socket."""

from collections.abc import Iterator
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
from understudy.strategies.schema.small_draws import Printer
from understudy.testing.failing_worlds import save_on_failure
from understudy.testing.shared_stub import (
    WsgiApp,
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
    """Base URL, which selects the world. In this process, it is for clients that go through
    `app`.
    """
    auth: tuple[str, str]
    """User name and password of an account that has every permission."""
    world: World
    app: WsgiApp
    """The WSGI application: `httpx.Client(transport=httpx.WSGITransport(app=ocp.app),
    base_url=ocp.url)`.
    """

    @property
    def calls(self) -> tuple[Exchange, ...]:
        """The requests of the client with their responses, oldest first."""
        return self.world.journal.exchanges()

    @property
    def tasks(self) -> dict[int, Task]:
        """The tasks as they are now, by id: what a client's view can be compared with."""
        return dict(self.world.model().tasks)

    def handle(self, request: Request) -> Response:
        """Return the response to a request in this world, without any HTTP.

        The path of the request is the API's own, without the prefix of the world.
        """
        return step(self.world, request)

    def advance(self, seconds: float) -> None:
        """Advance the world's clock."""
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

        Each block begins with the world as it was drawn. When the block fails, the scenario is
        saved in `.understudy/failures`, and the error's notes contain it and the line that replays
        it.
        """
        if socket:
            server = shared_server(self.dialect)
            stub, host = server.stub, server.url
        else:
            stub, host = shared_stub(self.dialect), "http://localhost"
        with save_on_failure(self.drawn), temporary_world(stub, self.read) as world:
            url = f"{host}{stub.settings.world_prefix}/{world.name}"
            yield ServedOcp(url, self.drawn.account, world, shared_app(stub))

    def __repr__(self) -> str:
        return repr(self.drawn)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        """Print the scenario when Hypothesis prints an example."""
        printer.text(repr(self))


def worlds(*, dialect: str = "documented", **options: Any) -> st.SearchStrategy[PlayedWorld]:
    """Return worlds that are ready to be served: `with world.serve() as ocp: …`.

    Takes the options of `strategies.worlds`. What takes long happens while a world is drawn, so
    that the deadline of a test measures little except the client.
    """
    return strategies.worlds(**options).map(lambda drawn: _prepare(drawn, dialect))


@contextmanager
def run_world(
    world: DrawnWorld, *, socket: bool = False, dialect: str = "documented"
) -> Iterator[ServedOcp]:
    """Serve a world of `strategies.worlds` while the block runs; see PlayedWorld.serve."""
    with _prepare(world, dialect).serve(socket=socket) as ocp:
        yield ocp


def _prepare(drawn: DrawnWorld, dialect: str) -> PlayedWorld:
    """Return a drawn world that is ready to be served."""
    shared_app(shared_stub(dialect))  # built now, not while a deadline is measured
    return PlayedWorld(drawn, load_drawn_scenario(drawn), dialect)
