"""Delays: their distributions, their bounds, and the same delay for the same seed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.rules.faults.fault_kinds import MAX_DELAY, Delay, DelayKind
from understudy.rules.values.seeded_random import random_bytes, random_fraction, random_normal

MS = timedelta(milliseconds=1)
DRAWS = 20_000
durations = st.timedeltas(timedelta(0), timedelta(hours=1))
kinds = st.sampled_from(DelayKind)


def draw_sorted(delay: Delay, count: int = DRAWS) -> list[float]:
    """Return many delays in milliseconds, sorted."""
    return sorted(delay.draw(7, number, "x") / MS for number in range(count))


def test_lognormal_delays_have_their_median_and_p99() -> None:
    """Half of the delays are below the median, 99 % below the p99."""
    delays = draw_sorted(Delay(DelayKind.LOGNORMAL, 300 * MS, 2000 * MS))
    assert delays[DRAWS // 2] == pytest.approx(300, rel=0.05)
    assert delays[DRAWS * 99 // 100] == pytest.approx(2000, rel=0.1)
    assert delays[0] > 0


def test_normal_delays_have_their_mean_and_deviation() -> None:
    """Both are those of the distribution."""
    delays = draw_sorted(Delay(DelayKind.NORMAL, 500 * MS, 100 * MS))
    mean = sum(delays) / DRAWS
    assert mean == pytest.approx(500, rel=0.02)
    assert (sum((delay - mean) ** 2 for delay in delays) / DRAWS) ** 0.5 == pytest.approx(
        100, rel=0.05
    )


def test_uniform_delays_cover_their_range() -> None:
    """They are spread evenly, from end to end."""
    delays = draw_sorted(Delay(DelayKind.UNIFORM, 100 * MS, 2000 * MS))
    assert delays[0] == pytest.approx(100, abs=5)
    assert delays[-1] == pytest.approx(2000, abs=5)
    assert delays[DRAWS // 2] == pytest.approx(1050, rel=0.03)


@given(kinds, durations, durations, st.integers(), st.integers(min_value=0))
def test_delays_stay_within_their_bounds(
    kind: DelayKind, first: timedelta, second: timedelta, seed: int, number: int
) -> None:
    """Any delay has whole milliseconds, from 0 to ten minutes."""
    low, high = sorted([first, second])
    if kind is DelayKind.LOGNORMAL:
        low, high = low + MS, high + 2 * MS
    drawn = Delay(kind, low, high).draw(seed, number, "x")
    assert timedelta(0) <= drawn <= MAX_DELAY
    assert drawn.microseconds % 1000 == 0
    if kind is DelayKind.UNIFORM and high <= MAX_DELAY:
        assert low - MS <= drawn <= high + MS


@given(kinds, st.integers(), st.integers(min_value=0))
def test_delay_repeats_for_the_same_seed_and_call(kind: DelayKind, seed: int, number: int) -> None:
    """A delay can be drawn again."""
    delay = Delay(kind, 100 * MS, 900 * MS)
    assert delay.draw(seed, number, "x") == delay.draw(seed, number, "x")


@given(st.integers(), st.integers(min_value=0), st.text())
def test_random_values_repeat_within_their_bounds(seed: int, number: int, label: str) -> None:
    """A fraction is from 0 up to, but not including, 1; any label will do."""
    assert random_fraction(seed, number, label) == random_fraction(seed, number, label)
    assert 0 <= random_fraction(seed, number, label) < 1
    assert random_normal(seed, number, label) == random_normal(seed, number, label)
    assert random_bytes(seed, number, label, 9) == random_bytes(seed, number, label, 9)
    assert len(random_bytes(seed, number, label, 9)) == 9


def test_random_values_are_independent() -> None:
    """Another seed, call or label gives another value."""
    delays = {
        random_fraction(seed, number, label)
        for seed in range(20)
        for number in range(20)
        for label in "abc"
    }
    assert len(delays) == 1200
    assert sum(delays) / 1200 == pytest.approx(0.5, abs=0.03)
