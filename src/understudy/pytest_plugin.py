"""The pytest plugin: `ocp` gives each test a private OCP.

Loading it imports nothing but pytest and the standard library; the server comes with the first fixture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from understudy.live import LiveServer
    from understudy.messages import Exchange
    from understudy.replay import World


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all under one heading."""
    group = parser.getgroup("understudy", "understudy: a stand-in for the OCP")
    group.addoption("--ocp-scenario", default=None, metavar="NAME", help="scenario that every world starts from")
    parser.addini("ocp_scenario", "scenario that every world starts from", default="demo")


@dataclass(frozen=True)
class Ocp:
    """A private OCP: one world of the session's server."""

    url: str
    """Base URL; it carries the world, so that any HTTP client works unchanged."""
    auth: tuple[str, str]
    """User name and password of an account that may do everything the scenario's first account may."""
    world: World

    @property
    def calls(self) -> tuple[Exchange, ...]:
        """What this test's client asked and was answered, oldest first."""
        return self.world.journal.exchanges()


@pytest.fixture(scope="session")
def ocp_server(pytestconfig: pytest.Config) -> Iterator[LiveServer]:
    """Give the server that all tests of this process share; each test has a world of its own on it."""
    from understudy.live import LiveServer

    scenario = pytestconfig.getoption("--ocp-scenario") or pytestconfig.getini("ocp_scenario")
    with LiveServer(scenario=scenario, clock="virtual") as server:
        yield server


@pytest.fixture
def ocp(ocp_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Ocp]:
    """Give a private OCP: `ocp.url`, `ocp.auth`, and `ocp.calls` for what was asked of it."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", request.node.name).strip("-")[:60]
    name = f"{readable or 'test'}-{uuid4().hex[:8]}"
    accounts = ocp_server.stub.scenario.accounts if ocp_server.stub.scenario else {}
    auth = next(((account.name, account.password) for account in accounts.values()), ("", ""))
    yield Ocp(f"{ocp_server.url}{ocp_server.stub.settings.world_prefix}/{name}", auth, ocp_server.world(name))
    ocp_server.stub.drop(name)
