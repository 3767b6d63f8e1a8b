"""A server for the tests of the harness, and a world for each of them."""

from collections.abc import Iterator

import pytest

from understudy.harness import Ocp, OcpServer


@pytest.fixture(scope="module")
def server() -> Iterator[OcpServer]:
    """Return a server on a free port."""
    with OcpServer() as server:
        yield server


@pytest.fixture
def ocp(server: OcpServer) -> Iterator[Ocp]:
    """Return a lenient world."""
    with server.world("test", strict=False) as ocp:
        yield ocp
