"""Strict worlds: a test fails when its client breaks the contract."""

import pytest

from task_client import OcpError, TaskClient
from understudy import Ocp


def test_expected_violation_does_not_fail_the_test(ocp: Ocp, client: TaskClient) -> None:
    """Without the first line, this test fails and shows the parameter and a curl command."""
    ocp.expect_violation("query.size")
    with pytest.raises(OcpError):
        list(client.list(size=5000))


@pytest.mark.ocp(strict=False)
def test_lenient_world_allows_violations(ocp: Ocp, client: TaskClient) -> None:
    """Use this for tests whose subject is a wrong call."""
    for status in ("BROKEN", "failed"):
        with pytest.raises(OcpError):
            list(client.list(status=status))
    assert len(ocp.calls) == 2
