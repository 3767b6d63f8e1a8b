"""The stub on which drawn worlds are played: one for each dialect and process, made when it is first needed."""

import atexit
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from understudy.config import Settings
from understudy.live import LiveServer
from understudy.replay import Stub, World
from understudy.scenario import Scenario, load_scenario
from understudy.server import create_app
from understudy.strategies import DrawnWorld

_numbers = count(1)


@cache
def shared_stub(dialect: str) -> Stub:
    """Give the stub of a dialect, for worlds that are played in this process."""
    return Stub(Settings(scenario="empty", clock="virtual", dialect=dialect))


@cache
def shared_server(dialect: str) -> LiveServer:
    """Give the server of a dialect, on a free port of this machine; it runs until the process ends."""
    server = LiveServer(Settings(scenario="empty", clock="virtual", dialect=dialect)).start()
    atexit.register(server.stop)
    return server


@cache
def shared_app(stub: Stub) -> Callable[..., Any]:
    """Give the WSGI application around a stub."""
    return create_app(stub=stub)


def load_drawn_scenario(world: DrawnWorld) -> Scenario:
    """Give the scenario of a drawn world. Raises InputError, with every problem, for one that cannot be served."""
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        path = Path(folder) / "drawn.yaml"
        path.write_text(world.scenario, encoding="utf-8")
        return load_scenario(path)


@contextmanager
def temporary_world(stub: Stub, scenario: Scenario) -> Iterator[World]:
    """Give a new world of a stub, which begins with the scenario; it is forgotten afterwards."""
    world = stub.start_scenario(f"drawn-{next(_numbers)}", scenario)
    try:
        yield world
    finally:
        stub.drop(world.name)
