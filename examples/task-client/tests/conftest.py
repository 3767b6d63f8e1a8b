"""A client of the private OCP. Its sleep moves the world's clock, so no test waits."""

from collections.abc import Callable

import pytest

from task_client import TaskClient
from understudy import Ocp


@pytest.fixture(scope="session")
def make_client() -> Callable[[Ocp], TaskClient]:
    """A function that builds a client for an account of a world.

    The client uses no socket, which is faster.
    """

    def make(ocp: Ocp) -> TaskClient:
        return TaskClient(
            ocp.url,
            ocp.auth,
            session=ocp.requests(),
            sleep=ocp.clock.advance,
            now=lambda: ocp.clock.now.timestamp(),
        )

    return make


@pytest.fixture
def client(ocp: Ocp, make_client: Callable[[Ocp], TaskClient]) -> TaskClient:
    """A client of an account with all permissions."""
    return make_client(ocp)
