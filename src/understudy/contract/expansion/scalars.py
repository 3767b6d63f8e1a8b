"""Scalars of a branch: null, booleans, numbers and strings that satisfy its constraints."""

import math
import random
from collections.abc import Collection, Hashable, Iterator
from fractions import Fraction
from itertools import islice

from understudy.contract.document.pointers import JsonObject
from understudy.contract.expansion.constraints import Branch, NumberConstraint, StringConstraint
from understudy.contract.expansion.join import common_multiple
from understudy.contract.expansion.json_kinds import as_written, json_key
from understudy.contract.expansion.string_solutions import (
    MAX_LENGTH,
    satisfies_string,
    solve_string,
)
from understudy.contract.scalar_samples import generate_text, sample_text
from understudy.contract.schema.merge import EXTRA_PATTERNS
from understudy.messages import Json

_Excluded = Collection[Hashable]
"""The keys of the values that are not allowed."""
_KINDS = ("string", "integer", "fraction", "boolean", "null")
"""The kinds of scalars, in the order in which they are tried."""
_FEW = 64
"""Up to this many integers count as listed."""
_SPREAD = 100
"""Among how many numbers the first is drawn."""
_TRIES = 1000
"""How many numbers are tried."""
_TEXTS = 24
"""How many generated texts are tried."""


def has_scalar(branch: Branch) -> bool:
    """Return whether a branch has a value that is neither an array nor an object."""
    draws = random.Random(0)  # noqa: S311 - data, not secrets
    return any(True for _ in iter_scalars(branch, draws))


def list_scalars(branch: Branch) -> list[Json] | None:
    """Return all values of a branch; None when these may be many, or arrays or objects."""
    if branch.kinds - {"null", "boolean", "integer"}:
        return None
    if "integer" in branch.kinds:
        low, high = branch.number.integer_bounds()
        if low is None or high is None or high - low >= _FEW:
            return None
    draws = random.Random(0)  # noqa: S311 - data, not secrets
    return list(iter_scalars(branch, draws))


def iter_scalars(branch: Branch, draws: random.Random, known: int = 0) -> Iterator[Json]:
    """Yield scalars of a branch, the kinds one after the other.

    `known` is how many the caller has already, where it needs different ones: among as many more
    the first is drawn.
    """
    excluded = {json_key(value) for value in branch.excluded}
    for kind in _KINDS:
        if kind not in branch.kinds:
            continue
        match kind:
            case "string":
                yield from _iter_strings(branch.string, excluded, draws, known)
            case "integer":
                yield from _iter_integers(branch.number, excluded, draws, known)
            case "fraction":
                yield from _iter_fractions(branch.number, excluded, draws, known)
            case "boolean":
                first = draws.random() < 0.5
                yield from (flag for flag in (first, not first) if json_key(flag) not in excluded)
            case _:
                if None not in excluded:
                    yield None


def _iter_strings(
    constraint: StringConstraint, excluded: _Excluded, draws: random.Random, known: int
) -> Iterator[str]:
    """Yield a readable text where one fits, then texts for the patterns."""
    if constraint.min_length > MAX_LENGTH:
        return
    if constraint.max_length is not None and constraint.max_length < constraint.min_length:
        return
    if known > _TEXTS:
        numbered = f"text-{1000 + known}".ljust(constraint.min_length, "x")
        if numbered not in excluded and satisfies_string(numbered, constraint):
            yield numbered
    for _ in range(_TEXTS):
        text = sample_text(draws, _as_schema(constraint))
        if text not in excluded and satisfies_string(text, constraint):
            yield text
    solution = solve_string(constraint)
    if solution.texts is None:
        return
    for _ in range(_TEXTS):
        text = generate_text(draws, solution.texts)
        is_valid = solution.is_exact or satisfies_string(text, constraint)
        if is_valid and text not in excluded:
            yield text


def _as_schema(constraint: StringConstraint) -> JsonObject:
    """Return the schema of what a string has to satisfy; what must not hold is left out."""
    schema: JsonObject = {"minLength": constraint.min_length}
    if constraint.max_length is not None:
        schema["maxLength"] = constraint.max_length
    if constraint.patterns:
        schema["pattern"] = constraint.patterns[0]
        schema[EXTRA_PATTERNS] = list(constraint.patterns[1:])
    if constraint.formats:
        schema["format"] = constraint.formats[0]
    return schema


def _iter_integers(
    constraint: NumberConstraint, excluded: _Excluded, draws: random.Random, known: int
) -> Iterator[int]:
    """Yield multiples of the step within the bounds, from a drawn one on, small ones above zero."""
    step = Fraction(1)
    if constraint.multiple_of is not None:
        step = common_multiple(step, constraint.multiple_of)
    low, high = constraint.integer_bounds()
    first = None if low is None else math.ceil(low / step)
    last = None if high is None else math.floor(high / step)
    for factor in _iter_factors(first, last, draws, known):
        value = int(step * factor)
        if value not in excluded and not _is_multiple(value, constraint):
            yield value


def _iter_factors(
    first: int | None, last: int | None, draws: random.Random, known: int
) -> Iterator[int]:
    """Yield integers within bounds, each once and not many more than _TRIES."""
    spread = _SPREAD + 4 * known
    start = 1
    if first is not None:
        start = max(first, 1)
    if last is not None and last < start:
        start = last - spread
        if first is not None:
            start = max(first, start)
    end = start + spread
    if last is not None:
        end = min(last, end)
    if end < start:
        return
    drawn = draws.randint(start, end)
    yield from range(drawn, end + 1)
    yield from range(start, drawn)
    beyond = end + _TRIES
    if last is not None:
        beyond = min(last, beyond)
    yield from range(end + 1, beyond + 1)
    before = start - _TRIES
    if first is not None:
        before = max(first, before)
    yield from range(start - 1, before - 1, -1)


def _is_multiple(value: float, constraint: NumberConstraint) -> bool:
    """Return whether a number is a multiple of a step that it must not be a multiple of."""
    written = as_written(value)
    return any(written % step == 0 for step in constraint.not_multiples_of)


def _iter_fractions(
    constraint: NumberConstraint, excluded: _Excluded, draws: random.Random, known: int
) -> Iterator[float]:
    """Yield numbers with a fraction within the bounds, those of few digits first."""
    candidates = _iter_between(constraint, draws, known)
    if constraint.multiple_of is not None:
        candidates = _iter_multiples(constraint, constraint.multiple_of, draws, known)
    for value in islice(candidates, _TRIES):
        is_fraction = bool(value % 1) and value not in excluded
        if is_fraction and constraint.allows(value) and not _is_multiple(value, constraint):
            yield value


def _iter_multiples(
    constraint: NumberConstraint, step: Fraction, draws: random.Random, known: int
) -> Iterator[float]:
    """Yield multiples of a step, as doubles."""
    first = None if constraint.low is None else math.ceil(constraint.low / step)
    last = None if constraint.high is None else math.floor(constraint.high / step)
    for factor in _iter_factors(first, last, draws, known):
        value = step * factor
        if abs(value) < 2**53 and as_written(float(value)) == value:
            yield float(value)


def _iter_between(
    constraint: NumberConstraint, draws: random.Random, known: int
) -> Iterator[float]:
    """Yield numbers between the bounds, as far as the digits of a double allow it."""
    low, high = constraint.low, constraint.high
    if low is None and high is None:
        yield from (round(draws.uniform(0, 100 + known), 2) + 0.005 for _ in range(_SPREAD))
        return
    if low is None or high is None:
        bound = high if low is None else low
        direction = -1 if low is None else 1
        for distance in (Fraction(1, 2), Fraction(1, 4), Fraction(1, 10), Fraction(3, 2)):
            yield _to_float((bound or Fraction(0)) + direction * (distance + known))
    else:
        parts = 10 + 4 * known
        drawn = low + (high - low) * Fraction(draws.randint(1, parts - 1), parts)
        for value in (drawn, (low + high) / 2, (low * 3 + high) / 4):
            yield from (round(_to_float(value), digits) for digits in range(1, 17))
    for bound in (low, high):
        if bound is not None:
            nearest = _to_float(bound)
            yield nearest
            yield math.nextafter(nearest, -math.inf)
            yield math.nextafter(nearest, math.inf)


def _to_float(value: Fraction) -> float:
    """Return the nearest double; the greatest one for what is beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return math.nextafter(math.copysign(math.inf, 1 if value > 0 else -1), 0)
