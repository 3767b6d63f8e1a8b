"""The limit of open files bounds the number of connections."""

import resource
from collections.abc import Iterator

import pytest

from understudy.live.descriptors import bound_connections


@pytest.fixture
def old_limits() -> Iterator[tuple[int, int]]:
    """The limits of this process, which are restored."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield limits
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_few_connections_are_not_bound() -> None:
    assert bound_connections(5) == 5


def test_connections_leave_descriptors_free(old_limits: tuple[int, int]) -> None:
    """A lower limit by 10 means 10 connections less, but a few are always allowed."""
    _, hard = old_limits
    bounds = []
    for soft in (300, 290):
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        bounds.append(bound_connections(100_000))
    assert bounds[0] - bounds[1] == 10
    assert 4 < bounds[1] < 290
    resource.setrlimit(resource.RLIMIT_NOFILE, (30, hard))
    assert bound_connections(100_000) == 4
