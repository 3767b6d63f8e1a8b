"""The numbers of calls: one sequence for each start of a world."""

from dataclasses import replace

import pytest

from understudy.config import Settings
from understudy.replay import Stub
from understudy.replay.checks.call_numbers import CallNumbers
from understudy.replay.world_setup import ReloadedError


@pytest.fixture(scope="module")
def stub() -> Stub:
    return Stub(Settings(scenario="empty"))


def test_unauthenticated_calls_have_numbers_of_their_own(stub: Stub) -> None:
    """They count down from -1, and the others go on without a gap."""
    setup = stub.setup
    numbers = CallNumbers(setup, 0)
    drawn = [numbers.take(setup, is_authenticated=known) for known in (True, False, False, True)]
    assert (drawn, numbers.count) == ([1, -1, -2, 2], 2)


def test_call_with_another_setup_gets_no_number(stub: Stub) -> None:
    """After a switch the numbers go on; after a restart they begin again."""
    old, new = stub.setup, replace(stub.setup)
    numbers = CallNumbers(old, 7)
    assert numbers.take(old) == 8
    numbers.switch(new)
    with pytest.raises(ReloadedError):
        numbers.take(old)
    assert numbers.take(new) == 9
    numbers.restart(old, 0)
    with pytest.raises(ReloadedError):
        numbers.take(new)
    assert [numbers.take(old), numbers.take(old, is_authenticated=False)] == [1, -1]
