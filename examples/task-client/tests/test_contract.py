"""Strictness: what the client does against the contract fails its test, by itself."""

import pytest

from task_client import OcpError, TaskClient
from understudy import Ocp


def test_a_wrong_call_can_be_expected(ocp: Ocp, client: TaskClient) -> None:
    """Without the first line this test would fail, and tell the parameter, the documents' line and a curl line."""
    ocp.expect_violation("query.size")
    with pytest.raises(OcpError):
        list(client.list(size=5000))


@pytest.mark.ocp(strict=False)
def test_leniency_can_be_asked_for(ocp: Ocp, client: TaskClient) -> None:
    """For tests in which wrong calls are the very subject."""
    for status in ("BROKEN", "failed"):
        with pytest.raises(OcpError):
            list(client.list(status=status))
    assert len(ocp.calls) == 2
