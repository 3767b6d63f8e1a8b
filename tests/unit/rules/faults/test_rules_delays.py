"""Delays as they are drawn: spread as told, within bounds, the same for the same seed."""

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


def drawn(delay: Delay, count: int = DRAWS) -> list[float]:
    """Give many delays in milliseconds, sorted."""
    return sorted(delay.draw(7, number, "x") / MS for number in range(count))


def test_median_and_p99_are_as_told() -> None:
    """Of a lognormal delay."""
    told = drawn(Delay(DelayKind.LOGNORMAL, 300 * MS, 2000 * MS))
    assert told[DRAWS // 2] == pytest.approx(300, rel=0.05)
    assert told[DRAWS * 99 // 100] == pytest.approx(2000, rel=0.1)
    assert told[0] > 0


def test_mean_and_deviation_are_as_told() -> None:
    """Of a normal delay."""
    told = drawn(Delay(DelayKind.NORMAL, 500 * MS, 100 * MS))
    mean = sum(told) / DRAWS
    assert mean == pytest.approx(500, rel=0.02)
    assert (sum((one - mean) ** 2 for one in told) / DRAWS) ** 0.5 == pytest.approx(100, rel=0.05)


def test_a_uniform_delay_covers_its_range() -> None:
    """Evenly, from end to end."""
    told = drawn(Delay(DelayKind.UNIFORM, 100 * MS, 2000 * MS))
    assert told[0] == pytest.approx(100, abs=5)
    assert told[-1] == pytest.approx(2000, abs=5)
    assert told[DRAWS // 2] == pytest.approx(1050, rel=0.03)


@given(kinds, durations, durations, st.integers(), st.integers(min_value=0))
def test_no_delay_is_below_zero_or_above_the_bound(
    kind: DelayKind, first: timedelta, second: timedelta, seed: int, number: int
) -> None:
    """Whatever is told, to the millisecond."""
    low, high = sorted([first, second])
    if kind is DelayKind.LOGNORMAL:
        low, high = low + MS, high + 2 * MS
    drawn_one = Delay(kind, low, high).draw(seed, number, "x")
    assert timedelta(0) <= drawn_one <= MAX_DELAY
    assert drawn_one.microseconds % 1000 == 0
    if kind is DelayKind.UNIFORM and high <= MAX_DELAY:
        assert low - MS <= drawn_one <= high + MS


@given(kinds, st.integers(), st.integers(min_value=0))
def test_the_same_seed_and_call_give_the_same_delay(
    kind: DelayKind, seed: int, number: int
) -> None:
    """Every time it is asked for."""
    delay = Delay(kind, 100 * MS, 900 * MS)
    assert delay.draw(seed, number, "x") == delay.draw(seed, number, "x")


@given(st.integers(), st.integers(min_value=0), st.text())
def test_dice_fall_alike_and_within_bounds(seed: int, number: int, what: str) -> None:
    """From 0 up to, not including, 1; any name will do."""
    assert random_fraction(seed, number, what) == random_fraction(seed, number, what)
    assert 0 <= random_fraction(seed, number, what) < 1
    assert random_normal(seed, number, what) == random_normal(seed, number, what)
    assert random_bytes(seed, number, what, 9) == random_bytes(seed, number, what, 9)
    assert len(random_bytes(seed, number, what, 9)) == 9


def test_dice_do_not_cling_together() -> None:
    """Another seed, call or purpose is another dice."""
    told = {
        random_fraction(seed, number, what)
        for seed in range(20)
        for number in range(20)
        for what in "abc"
    }
    assert len(told) == 1200
    assert sum(told) / 1200 == pytest.approx(0.5, abs=0.03)
