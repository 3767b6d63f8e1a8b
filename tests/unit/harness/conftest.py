"""A server for the tests of the harness, and a world for each of them."""

from collections.abc import Iterator

import pytest

from understudy.harness import Ocp, OcpServer


@pytest.fixture(scope="module")
def server() -> Iterator[OcpServer]:
    """A server on a free port."""
    with OcpServer() as made:
        yield made


@pytest.fixture
def ocp(server: OcpServer) -> Iterator[Ocp]:
    """A world that nobody judges."""
    with server.world("test", strict=False) as made:
        yield made
