"""The stub that serves drawn worlds.

There is one for each dialect and process, started when it is first needed.
"""

import atexit
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from understudy.config import Settings
from understudy.live import LiveServer
from understudy.replay import Stub, World
from understudy.scenario import Scenario, load_scenario
from understudy.server import create_app
from understudy.strategies import DrawnWorld

WsgiApp = Callable[..., Iterable[bytes]]
"""A WSGI application (PEP 3333)."""
_world_numbers = count(1)


@cache
def shared_stub(dialect: str) -> Stub:
    """Return the stub of a dialect, for worlds that are served in this process."""
    return Stub(_settings(dialect))


@cache
def shared_server(dialect: str) -> LiveServer:
    """Return the server of a dialect, on a free port of this machine.

    It runs until the process ends.
    """
    server = LiveServer(_settings(dialect)).start()
    atexit.register(server.stop)
    return server


@cache
def shared_app(stub: Stub) -> WsgiApp:
    """Return the WSGI application around a stub."""
    app: WsgiApp = create_app(stub=stub)
    return app


def load_drawn_scenario(world: DrawnWorld) -> Scenario:
    """Return the scenario of a drawn world.

    Raises InputError, with every problem, when it cannot be served.
    """
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        path = Path(folder) / "drawn.yaml"
        path.write_text(world.scenario, encoding="utf-8")
        return load_scenario(path)


@contextmanager
def temporary_world(stub: Stub, scenario: Scenario) -> Iterator[World]:
    """Yield a new world of a stub, which begins with a scenario.

    The world is dropped afterwards.
    """
    world = stub.start_scenario(f"drawn-{next(_world_numbers)}", scenario)
    try:
        yield world
    finally:
        stub.drop(world.name)


def _settings(dialect: str) -> Settings:
    """Return the settings of a stub without tasks, on a virtual clock."""
    return Settings(scenario="empty", clock="virtual", dialect=dialect)
