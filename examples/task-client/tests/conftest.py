"""A client of the private OCP. Its sleeping moves the world's clock, so that no test waits."""

from collections.abc import Callable

import pytest

from task_client import TaskClient
from understudy import Ocp


@pytest.fixture(scope="session")
def make_client() -> Callable[[Ocp], TaskClient]:
    """Makes a client of a world, for the account that the world is seen as; without a socket, which is quicker."""

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
    """A client that may do everything."""
    return make_client(ocp)
