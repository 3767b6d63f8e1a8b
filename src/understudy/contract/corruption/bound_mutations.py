"""The wrong values of mutations that go beyond a bound: too low, too high, empty, oversize."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, floor

from understudy.contract.corruption.mutation_subject import Candidates, Subject
from understudy.contract.sampling import sample
from understudy.contract.schema.formats import INT_BOUNDS
from understudy.messages import Json

_OVERSIZE_LENGTH = 10_000
"""How many characters an oversize text has."""
_OVERSIZE_COUNT = 1000
"""How many items an oversize array has."""
_MAX_SAMPLES = 2000
"""How many samples are made to find items that differ."""
_MAX_BOUND = 100_000
"""A bound above this is not exceeded: the value would be too long to be of use."""


def generate_too_low(subject: Subject) -> Candidates:
    """Yield values just below a bound: of a number, a length, or a count of items or members.

    `int32` and `int64` are bounds too. Source: OpenAPI 3.1, section 4.4 (data types).
    """
    if subject.allows("integer", "number"):
        yield from _iter_multiples(subject, "minimum", lambda steps: ceil(steps) - 1)
        yield from _iter_multiples(subject, "exclusiveMinimum", floor)
        for name in subject.keyword_values("format"):
            if name in INT_BOUNDS:
                yield INT_BOUNDS[name][0] - 1
    if subject.allows("string"):
        text = subject.value_of_type("string")
        for bound in subject.keyword_values("minLength"):
            if 0 < bound < _MAX_BOUND:
                size = int(bound) - 1
                yield text[:size]
                yield text[max(0, len(text) - size) :]
                yield "x" * size
                yield "1" * size
    if subject.allows("array"):
        items = subject.value_of_type("array")
        for bound in subject.keyword_values("minItems"):
            if bound:
                yield items[: int(bound) - 1]
    if subject.allows("object"):
        members = _required_first(subject)
        for bound in subject.keyword_values("minProperties"):
            if bound:
                yield dict(members[: int(bound) - 1])


def _iter_multiples(
    subject: Subject, keyword: str, step_outside: Callable[[Fraction], int]
) -> Candidates:
    """Yield the multiple of the schema's step that lies just outside of each bound.

    Fractions are exact: with floats, a step of 0.1 would not hit its own multiples.
    """
    step = Fraction(1)
    for value in subject.keyword_values("multipleOf")[:1]:
        step = Fraction(repr(value))
    for bound in subject.keyword_values(keyword):
        value = step_outside(Fraction(repr(bound)) / step) * step
        yield int(value) if value.denominator == 1 else float(value)


def _required_first(subject: Subject) -> list[tuple[str, Json]]:
    """Return the members of an object, the required ones first."""
    required = {name for names in subject.keyword_values("required") for name in names}
    members = subject.value_of_type("object").items()
    return sorted(members, key=lambda member: member[0] not in required)


def generate_too_high(subject: Subject) -> Candidates:
    """Yield values just above a bound: of a number, a length, or a count of items or members."""
    if subject.allows("integer", "number"):
        yield from _iter_multiples(subject, "maximum", lambda steps: floor(steps) + 1)
        yield from _iter_multiples(subject, "exclusiveMaximum", ceil)
        for name in subject.keyword_values("format"):
            if name in INT_BOUNDS:
                yield INT_BOUNDS[name][1] + 1
    if subject.allows("string"):
        text = subject.value_of_type("string")
        last = text[-1:] or "x"
        for size in _iter_sizes_above(subject, "maxLength"):
            yield text.ljust(size, last)[:size]
            yield "x" * size
            yield "1" * size
    if subject.allows("array"):
        for size in _iter_sizes_above(subject, "maxItems"):
            yield _build_longer_array(subject, size)
    if subject.allows("object"):
        for size in _iter_sizes_above(subject, "maxProperties"):
            yield _build_wider_object(subject, size)


def _iter_sizes_above(subject: Subject, keyword: str) -> Iterator[int]:
    """Yield the size just above each bound of a keyword, but for bounds above _MAX_BOUND."""
    for bound in subject.keyword_values(keyword):
        if bound < _MAX_BOUND:
            yield int(bound) + 1


def _build_longer_array(subject: Subject, size: int) -> list[Json]:
    """Build an array of `size` items, which differ as far as samples differ where they have to."""
    items: list[Json] = list(subject.value_of_type("array")[:size])
    if True in subject.keyword_values("uniqueItems"):
        for seed in range(min(20 * size, _MAX_SAMPLES)):
            item = subject.context.build_item(subject.location, seed)
            if len(items) < size and item not in items:
                items.append(item)
    filler = items or [subject.context.build_item(subject.location, subject.seed)]
    return (items + filler * size)[:size]


def _build_wider_object(subject: Subject, size: int) -> dict[str, Json]:
    """Build an object of `size` members; new ones by `additionalProperties`."""
    additional = subject.keyword_values("additionalProperties")
    schemas = [schema for schema in additional if isinstance(schema, dict)]
    members: dict[str, Json] = dict(subject.value_of_type("object"))
    for number in range(size - len(members)):
        value: Json = "text"
        if schemas:
            value = sample(subject.context, {"allOf": schemas}, seed=subject.seed)
        members[f"extra{number}"] = value
    return members


def generate_empty(subject: Subject) -> Candidates:
    """Yield the empty value of each type that the value may have and that can be empty."""
    if subject.allows("string"):
        yield ""
    if subject.allows("array"):
        yield []
    if subject.allows("object"):
        yield {}


def generate_oversize(subject: Subject) -> Candidates:
    """Yield a value that is far larger than usual, but often valid: a schema seldom has a bound."""
    if subject.allows("string") and not _limits_texts(subject):
        yield ("oversize " * _OVERSIZE_LENGTH)[:_OVERSIZE_LENGTH]
    if subject.allows("array"):
        items = items_or_sample(subject)
        yield (items * _OVERSIZE_COUNT)[:_OVERSIZE_COUNT]
    if subject.allows("integer", "number"):
        # The smaller ones stay within the bounds of int64 and int32.
        yield from (10**30, 10**18, 2 * 10**9)


def _limits_texts(subject: Subject) -> bool:
    """Return whether a text breaks more than its length when it is replaced."""
    return any(
        subject.keyword_values(keyword) for keyword in ("enum", "const", "format", "pattern")
    )


def items_or_sample(subject: Subject) -> list[Json]:
    """Return the items of an array, or a list of one sample when it is empty."""
    items: list[Json] = subject.value_of_type("array")
    return items or [subject.context.build_item(subject.location, subject.seed)]
