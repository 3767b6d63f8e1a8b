"""Whether a caller is known, before its world exists."""

import base64

import pytest

from replay_builders import LIST, Wall
from understudy.config import Settings
from understudy.messages import Request
from understudy.replay import Stub
from understudy.replay.checks.known_callers import is_known_caller


@pytest.mark.parametrize(
    ("user", "target", "expected"),
    [
        ("admin:admin", LIST, True),
        ("admin:admin", "/nowhere", True),
        ("admin:wrong", LIST, False),
        ("", LIST, False),
        ("", "/nowhere", False),
    ],
)
def test_accounts_decide(user: str, target: str, expected: bool) -> None:
    """The path does not matter where the service has accounts."""
    stub = Stub(Settings(scenario="empty"))
    fields = [("Authorization", f"Basic {base64.b64encode(user.encode()).decode()}")] * bool(user)
    request = Request.of("GET", target, headers=fields)
    assert is_known_caller(stub.service, stub.contract, request, Wall().now()) is expected
