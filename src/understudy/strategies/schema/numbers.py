"""Numbers that satisfy a constraint: solved where that is possible, else filtered."""

import math
from collections.abc import Iterable
from fractions import Fraction

from hypothesis import strategies as st

from understudy.contract.expansion.constraints import NumberConstraint
from understudy.contract.expansion.join import common_multiple
from understudy.contract.expansion.json_kinds import as_written, json_key
from understudy.messages import Json

_MAX_LISTED = 1000
"""Up to this many values are listed one by one, where that makes things simple."""
_MAX_MULTIPLES = 10**9
"""How many multiples of a fraction are used on either side of zero: a double cannot distinguish
those beyond.
"""
_EXACT_INTEGERS = 2**52
"""A double of this size or larger has no fraction."""
_Bounds = tuple[int | None, int | None]
"""The least and the greatest integer; None: no bound."""


def integers(constraint: NumberConstraint, excluded: Iterable[Json] = ()) -> st.SearchStrategy[int]:
    """Return integers that satisfy a constraint, except some values.

    The strategy is empty when there are none.
    """
    step = Fraction(1)
    if constraint.multiple_of is not None:
        step = common_multiple(step, constraint.multiple_of)
    first, last = _multiples_within(constraint.integer_bounds(), step)
    if first is not None and last is not None and first > last:
        return st.nothing()
    forbidden = {value for value in excluded if _is_number(value)}
    if first is not None and last is not None and last - first < _MAX_LISTED:
        values = [int(step * number) for number in range(first, last + 1)]
        return _sample_integers(
            value
            for value in values
            if value not in forbidden and not _is_multiple(value, constraint.not_multiples_of)
        )
    drawn = _unlisted_integers(constraint, step)
    if forbidden:
        return drawn.filter(lambda value: value not in forbidden)
    return drawn


def _unlisted_integers(constraint: NumberConstraint, step: Fraction) -> st.SearchStrategy[int]:
    """Return multiples of a whole step: too many to list them one by one."""
    if constraint.not_multiples_of:
        return _avoid_multiples(constraint, step)
    first, last = _multiples_within(constraint.integer_bounds(), step)
    if step == 1:
        return st.integers(first, last)
    whole_step = int(step)
    return st.integers(first, last).map(lambda number: number * whole_step)


def _multiples_within(bounds: _Bounds, step: Fraction) -> _Bounds:
    """Return the first and the last number whose product with a step is within bounds."""
    low, high = bounds
    first, last = None, None
    if low is not None:
        first = math.ceil(low / step)
    if high is not None:
        last = math.floor(high / step)
    return first, last


def fractions(
    constraint: NumberConstraint, excluded: Iterable[Json] = ()
) -> st.SearchStrategy[float]:
    """Return numbers with a fraction that satisfy a constraint, except some values.

    The strategy is empty when there are none.
    """
    if constraint.multiple_of is not None:
        drawn = _multiples(constraint, constraint.multiple_of)
        steps: tuple[Fraction, ...] = ()  # taken into account above
    else:
        drawn = _between(constraint)
        steps = constraint.not_multiples_of
    forbidden = {json_key(value) for value in excluded if isinstance(value, float)}
    if not forbidden and not steps:
        return drawn
    return drawn.filter(lambda value: value not in forbidden and not _is_multiple(value, steps))


def _is_number(value: Json) -> bool:
    """Return whether a value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sample_integers(values: Iterable[int]) -> st.SearchStrategy[int]:
    """Return some integers, those next to zero first.

    Hypothesis shrinks towards the first of them.
    """
    ordered = sorted(values, key=lambda value: (abs(value), value < 0))
    if ordered:
        return st.sampled_from(ordered)
    return st.nothing()


def _is_multiple(value: float, steps: Iterable[Fraction]) -> bool:
    """Return whether a number, as JSON writes it, is a multiple of one of some steps."""
    return _is_exact_multiple(as_written(value), steps)


def _is_exact_multiple(value: Fraction, steps: Iterable[Fraction]) -> bool:
    """Return whether a fraction is a multiple of one of some steps."""
    return any(value % step == 0 for step in steps)


def _avoid_multiples(constraint: NumberConstraint, step: Fraction) -> st.SearchStrategy[int]:
    """Return multiples of a whole step that are not multiples of certain others.

    Which these are repeats in a cycle: the strategy draws a remainder, and how many cycles to add
    to it.
    """
    avoided = constraint.not_multiples_of
    bounds = constraint.integer_bounds()
    whole_step = int(step)
    cycle = int(common_multiple(step, *avoided, Fraction(1)))
    if cycle // whole_step > _MAX_LISTED:
        # So long a cycle that hardly a number has to be filtered out.
        first, last = _multiples_within(bounds, step)
        multiples = st.integers(first, last).map(lambda number: number * whole_step)
        return multiples.filter(lambda value: not _is_multiple(value, avoided))
    parts: list[st.SearchStrategy[int]] = []
    for remainder in range(0, cycle, whole_step):
        if not _is_multiple(remainder, avoided):
            part = _with_remainder(remainder, cycle, bounds)
            if not part.is_empty:
                parts.append(part)
    return st.one_of(parts)


def _with_remainder(remainder: int, cycle: int, bounds: _Bounds) -> st.SearchStrategy[int]:
    """Return integers within bounds that leave a remainder in a cycle."""
    low, high = bounds
    first, last = None, None
    if low is not None:
        first = -((remainder - low) // cycle)  # rounded up
    if high is not None:
        last = (high - remainder) // cycle
    if first is not None and last is not None and first > last:
        return st.nothing()
    return st.integers(first, last).map(lambda count: count * cycle + remainder)


def _multiples(constraint: NumberConstraint, step: Fraction) -> st.SearchStrategy[float]:
    """Return multiples of a step that are not integers, and not multiples of certain others."""
    first, last = _multiple_range(constraint, step)
    if first > last:
        return st.nothing()

    def is_good(number: int) -> bool:
        """Return whether a number of steps is not an integer, and not a multiple to be avoided."""
        value = step * number
        if value.denominator == 1 or _is_exact_multiple(value, constraint.not_multiples_of):
            return False
        # A multiple of more digits than a double has cannot be written.
        return as_written(float(value)) == value

    # Which multiples are good repeats in a cycle.
    cycle = int(common_multiple(step, Fraction(1), *constraint.not_multiples_of) / step)
    if last - first < _MAX_LISTED or cycle > _MAX_LISTED:
        numbers = range(first, min(last, first + _MAX_LISTED) + 1)
        values = [float(step * number) for number in numbers if is_good(number)]
        if values:
            return st.sampled_from(sorted(values, key=abs))
        return st.nothing()
    good = [number for number in range(cycle) if is_good(number)]
    if not good:
        return st.nothing()
    # A multiple that is not good is moved on to the next one that is.
    moves = [
        next(target - number for target in (*good, good[0] + cycle) if target >= number)
        for number in range(cycle)
    ]
    drawn = st.integers(first, last - max(moves))
    multiples = drawn.map(lambda number: step * (number + moves[number % cycle]))
    return multiples.filter(lambda value: as_written(float(value)) == value).map(float)


def _multiple_range(constraint: NumberConstraint, step: Fraction) -> tuple[int, int]:
    """Return the first and the last number whose product with a step is within the bounds."""
    first, last = -_MAX_MULTIPLES, _MAX_MULTIPLES
    if constraint.low is not None:
        first = math.ceil(constraint.low / step)
        if constraint.low_excluded and first * step == constraint.low:
            first += 1
    if constraint.high is not None:
        last = math.floor(constraint.high / step)
        if constraint.high_excluded and last * step == constraint.high:
            last -= 1
    if abs(first) <= abs(last):
        return first, min(last, first + _MAX_MULTIPLES)
    return max(first, last - _MAX_MULTIPLES), last


def _between(constraint: NumberConstraint) -> st.SearchStrategy[float]:
    """Return doubles with a fraction within the bounds."""
    low, high = None, None
    if constraint.low is not None:
        low = _round_bound(constraint.low, math.inf)
        if constraint.low_excluded and as_written(low) == constraint.low:
            low = math.nextafter(low, math.inf)
    if constraint.high is not None:
        high = _round_bound(constraint.high, -math.inf)
        if constraint.high_excluded and as_written(high) == constraint.high:
            high = math.nextafter(high, -math.inf)
    if low is not None and high is not None and low > high:
        return st.nothing()
    drawn = st.floats(low, high, allow_nan=False, allow_infinity=False)
    moved = drawn.map(lambda value: _with_fraction(value, low, high))
    return moved.filter(lambda value: bool(value % 1))


def _round_bound(bound: Fraction, towards: float) -> float:
    """Return the double next to a bound, on the side that satisfies it.

    A lower bound is rounded `towards` infinity, an upper bound towards minus infinity. Doubles are
    compared as JSON writes them: 0.7 satisfies the minimum 0.7.
    """
    try:
        nearest = float(bound)
    except OverflowError:
        return math.nextafter(math.copysign(math.inf, 1 if bound > 0 else -1), 0)
    written = as_written(nearest)
    is_outside = written < bound if towards > 0 else written > bound
    if is_outside:
        return math.nextafter(nearest, towards)
    return nearest


def _with_fraction(value: float, low: float | None, high: float | None) -> float:
    """Move an integer by a half, where the bounds and the precision of a double allow it."""
    if value % 1:
        return value
    if abs(value) > _EXACT_INTEGERS:
        value = math.frexp(value)[0] * 2**20
        if low is not None:
            value = max(value, low)
        if high is not None:
            value = min(value, high)
    candidates = [value, value + 0.5, value - 0.5, value + 0.25, value - 0.25]
    if high is not None:
        candidates.append((value + high) / 2)
    for candidate in candidates:
        is_low_enough = high is None or candidate <= high
        is_high_enough = low is None or candidate >= low
        if candidate % 1 and is_low_enough and is_high_enough:
            return candidate
    return value
