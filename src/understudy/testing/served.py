"""Serves drawn worlds: in this process, or on a real socket."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from understudy import strategies
from understudy.config import Settings
from understudy.live import LiveServer
from understudy.messages import Exchange, Request, Response
from understudy.ocp import Task
from understudy.replay import Stub, World
from understudy.server import create_app
from understudy.strategies import DrawnWorld
from understudy.testing.failures import keeping


@dataclass(frozen=True, slots=True)
class ServedOcp:
    """A drawn world while it is served."""

    url: str
    """Base URL. On a socket, any client can use it; in this process, one that goes through `app` or `handle`."""
    auth: tuple[str, str]
    """User name and password of an account that may do everything."""
    world: World
    app: Callable[..., Any]
    """The WSGI application: `httpx.Client(transport=httpx.WSGITransport(app=ocp.app), base_url=ocp.url)`."""
    handle: Callable[[Request], Response]
    """Answers a request without any HTTP."""

    @property
    def calls(self) -> tuple[Exchange, ...]:
        """What the client asked and was answered, oldest first."""
        return self.world.journal.exchanges()

    @property
    def tasks(self) -> dict[int, Task]:
        """How the tasks stand now, by id: the truth, which a client's view can be compared with."""
        return dict(self.world.model().tasks)

    def advance(self, seconds: float) -> None:
        """Move the world's clock forward."""
        self.world.advance(timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True, repr=False)
class PlayedWorld:
    """A drawn world that is ready to be served: what takes long has been done while it was drawn."""

    drawn: DrawnWorld
    stub: Stub
    dialect: str = "documented"

    @property
    def scenario(self) -> str:
        """The scenario as the text of its file (YAML)."""
        return self.drawn.scenario

    @contextmanager
    def serve(self, *, socket: bool = False) -> Iterator[ServedOcp]:
        """Serve the world while the block runs: in this process, or on a real socket.

        When the block fails, the scenario is kept in `.understudy/failures`, and the error's notes tell it and the line
        that replays it. Each block finds the world as it was drawn.
        """
        with keeping(self.drawn):
            if socket:
                with _live(self.drawn, self.dialect) as ocp:
                    yield ocp
            else:
                self.stub.reset("default")
                yield _in_process(self.drawn, self.stub)

    def __repr__(self) -> str:
        return repr(self.drawn)


def worlds(*, dialect: str = "documented", **options: Any) -> st.SearchStrategy[PlayedWorld]:
    """Give worlds that are ready to be served: `with world.serve() as ocp: …`.

    Takes the options of `strategies.worlds`. The stub is made while the world is drawn, so that the deadline of a test
    counts the client only.
    """
    return strategies.worlds(**options).map(lambda drawn: PlayedWorld(drawn, _stub(drawn, dialect), dialect))


@contextmanager
def run_world(world: DrawnWorld, *, socket: bool = False, dialect: str = "documented") -> Iterator[ServedOcp]:
    """Serve a world of `strategies.worlds` while the block runs; see PlayedWorld.serve."""
    if socket:
        with keeping(world), _live(world, dialect) as ocp:
            yield ocp
    else:
        with PlayedWorld(world, _stub(world, dialect), dialect).serve() as ocp:
            yield ocp


@contextmanager
def _live(world: DrawnWorld, dialect: str) -> Iterator[ServedOcp]:
    with _as_file(world) as path:
        server = LiveServer(Settings(scenario=str(path), clock="virtual", dialect=dialect))
    with server:
        app = create_app(stub=server.stub)
        yield ServedOcp(server.url, world.account, server.world("default"), app, server.stub.handle)


def _in_process(world: DrawnWorld, stub: Stub) -> ServedOcp:
    return ServedOcp("http://localhost", world.account, stub.world("default"), create_app(stub=stub), stub.handle)


def _stub(world: DrawnWorld, dialect: str) -> Stub:
    with _as_file(world) as path:
        return Stub(Settings(scenario=str(path), clock="virtual", dialect=dialect))


@contextmanager
def _as_file(world: DrawnWorld) -> Iterator[Path]:
    """Give a file with the scenario; it is read once and then of no use."""
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        path = Path(folder) / "drawn.yaml"
        path.write_text(world.scenario, encoding="utf-8")
        yield path
