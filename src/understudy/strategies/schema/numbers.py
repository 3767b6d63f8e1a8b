"""Numbers that obey a rule, made without guessing where the rule can be solved."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from understudy.strategies.schema.constraints import NumberConstraint, common_multiple, json_key

_MOST_LISTED = 1000
"""So many values are listed one by one where that makes things simple."""
_FAR = 10**9
"""How many multiples of a fraction are used on either side: beyond, a double could not tell them apart."""


def integers(rule: NumberConstraint, never: Iterable[Any] = ()) -> st.SearchStrategy[int]:
    """Give integers that obey the rule; nothing when there are none."""
    low, high = rule.integer_bounds()
    forbidden = {
        value for value in never if not isinstance(value, bool) and isinstance(value, int | float)
    }
    step = (
        Fraction(1) if rule.multiple_of is None else common_multiple(Fraction(1), rule.multiple_of)
    )
    first = None if low is None else math.ceil(low / step)
    last = None if high is None else math.floor(high / step)
    if first is not None and last is not None and first > last:
        return st.nothing()
    if first is not None and last is not None and last - first < _MOST_LISTED:
        values = [int(step * number) for number in range(first, last + 1)]
        return _listed(
            value
            for value in values
            if value not in forbidden and not _is_multiple(value, rule.not_multiples_of)
        )
    if rule.not_multiples_of:
        found: st.SearchStrategy[int] = _off_steps(rule, step, low, high)
    else:
        whole = int(step)
        found = (
            st.integers(first, last)
            if whole == 1
            else st.integers(first, last).map(lambda n: n * whole)
        )
    return found.filter(lambda value: value not in forbidden) if forbidden else found


def fractions(rule: NumberConstraint, never: Iterable[Any] = ()) -> st.SearchStrategy[float]:
    """Give numbers with a fraction that obey the rule; nothing when there are none."""
    if rule.multiple_of is not None:
        found: st.SearchStrategy[float] = _multiples(rule, rule.multiple_of)
    else:
        found = _between(rule)
    forbidden = {json_key(value) for value in never if isinstance(value, float)}
    steps = rule.not_multiples_of if rule.multiple_of is None else ()
    if not forbidden and not steps:
        return found
    return found.filter(lambda value: value not in forbidden and not _is_multiple(value, steps))


def _listed(values: Iterable[int]) -> st.SearchStrategy[int]:
    ordered = sorted(values, key=lambda value: (abs(value), value < 0))
    return st.sampled_from(ordered) if ordered else st.nothing()


def _is_multiple(value: float, steps: Iterable[Fraction]) -> bool:
    written = Fraction(repr(value))
    return any(written % step == 0 for step in steps)


def _off_steps(
    rule: NumberConstraint, step: Fraction, low: int | None, high: int | None
) -> st.SearchStrategy[int]:
    """Give multiples of a step that are not multiples of others: by their remainder in a common cycle."""
    cycle = int(common_multiple(step, *rule.not_multiples_of, Fraction(1)))
    count = cycle // int(step)
    if count > _MOST_LISTED:  # so long a cycle that hardly a number is left out
        first, last = (
            None if low is None else math.ceil(low / step),
            None if high is None else high // int(step),
        )
        wanted = st.integers(first, last)
        return wanted.map(lambda n: int(n * step)).filter(
            lambda value: not _is_multiple(value, rule.not_multiples_of)
        )
    rests = [
        int(step) * n
        for n in range(count)
        if not _is_multiple(int(step) * n, rule.not_multiples_of)
    ]
    parts = []
    for rest in rests:
        first = None if low is None else -((rest - low) // cycle)
        last = None if high is None else (high - rest) // cycle
        if first is None or last is None or first <= last:
            parts.append(st.integers(first, last).map(lambda n, rest=rest: n * cycle + rest))  # type: ignore[misc]
    return st.one_of(parts)


def _multiples(rule: NumberConstraint, step: Fraction) -> st.SearchStrategy[float]:
    first = -_FAR if rule.low is None else math.ceil(rule.low / step)
    last = _FAR if rule.high is None else math.floor(rule.high / step)
    if rule.low is not None and rule.low_excluded and first * step == rule.low:
        first += 1
    if rule.high is not None and rule.high_excluded and last * step == rule.high:
        last -= 1
    first, last = (
        (first, min(last, first + _FAR))
        if abs(first) <= abs(last)
        else (max(first, last - _FAR), last)
    )
    if first > last:
        return st.nothing()
    # A multiple that is an integer is another kind of number; it is moved on to the next that is none.
    count = int(common_multiple(step, Fraction(1), *rule.not_multiples_of) / step)
    if last - first < _MOST_LISTED or count > _MOST_LISTED:
        span = range(first, min(last, first + _MOST_LISTED) + 1)
        values = [
            float(step * n)
            for n in span
            if (step * n).denominator != 1 and not _is_any(step * n, rule.not_multiples_of)
        ]
        return st.sampled_from(sorted(values, key=abs)) if values else st.nothing()
    good = [
        n
        for n in range(count)
        if (step * n).denominator != 1 and not _is_any(step * n, rule.not_multiples_of)
    ]
    if not good:
        return st.nothing()
    moves = [
        next(other - n for other in (*good, good[0] + count) if other >= n) for n in range(count)
    ]
    return st.integers(first, last - max(moves)).map(lambda n: float(step * (n + moves[n % count])))


def _is_any(value: Fraction, steps: Iterable[Fraction]) -> bool:
    return any(value % step == 0 for step in steps)


def _between(rule: NumberConstraint) -> st.SearchStrategy[float]:
    low = None if rule.low is None else _rounded(rule.low, math.inf)
    high = None if rule.high is None else _rounded(rule.high, -math.inf)
    if low is not None and rule.low_excluded and low == rule.low:
        low = math.nextafter(low, math.inf)
    if high is not None and rule.high_excluded and high == rule.high:
        high = math.nextafter(high, -math.inf)
    if low is not None and high is not None and low > high:
        return st.nothing()
    drawn = st.floats(low, high, allow_nan=False, allow_infinity=False)
    return drawn.map(lambda value: _with_fraction(value, low, high)).filter(
        lambda value: bool(value % 1)
    )


def _rounded(bound: Fraction, towards: float) -> float:
    """Give the double next to a bound, on the side that obeys it."""
    try:
        nearest = float(bound)
    except OverflowError:
        nearest = math.copysign(math.inf, bound)
        return math.nextafter(nearest, 0)
    wrong = nearest < bound if towards > 0 else nearest > bound
    return math.nextafter(nearest, towards) if wrong else nearest


def _with_fraction(value: float, low: float | None, high: float | None) -> float:
    """Move an integer by a half, where the bounds and a double's precision let it."""
    if value % 1:
        return value
    if abs(value) > 2**52:
        value = math.frexp(value)[0] * 2**20
        value = max(value, value if low is None else low)
        value = min(value, value if high is None else high)
    middle = [] if high is None else [(value + high) / 2]
    candidates: list[float] = [value, value + 0.5, value - 0.5, value + 0.25, value - 0.25, *middle]
    fitting = (
        n for n in candidates if n % 1 and (low is None or n >= low) and (high is None or n <= high)
    )
    return next(fitting, value)
