"""The wrong values of each mutation at one location, the clearest mistakes first.

A generator yields candidates only. Whether a candidate breaks the contract, and what it breaks, the
validator decides afterwards.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any

from understudy.contract.corruption.corruption_context import (
    CorruptionContext,
    Token,
    is_json_type,
)
from understudy.contract.corruption.locations import Location, Step
from understudy.contract.corruption.response_target import ENVELOPE_STATUS
from understudy.contract.operation.render import FIELD_EXTENSION
from understudy.contract.sampling import sample
from understudy.contract.schema.formats import INT_BOUNDS
from understudy.messages import Json, dump_json
from understudy.regexgen import matches

DOCUMENTED_NAME_KEYWORD = "x-documented-as"
"""On a property of the observed dialect: its documented name."""
EXTRA_FIELD_NAME = "notDocumentedYet"
"""The name of the field that `extra-field` adds."""
_OVERSIZE_LENGTH = 10_000
"""How many characters an oversize text has."""
_OVERSIZE_COUNT = 1000
"""How many items an oversize array has."""
_MAX_SAMPLES = 2000
"""How many samples are made to find items that differ."""
_MAX_BOUND = 100_000
"""A bound above this is not exceeded: the value would be too long to be of use."""


class Mutation(StrEnum):
    """One way in which a response goes wrong."""

    WRONG_TYPE = "wrong-type"
    NULL = "null"
    MISSING = "missing"
    UNKNOWN_ENUM = "unknown-enum"
    NUMBER_AS_STRING = "number-as-string"
    OFF_BY_ONE_LOW = "off-by-one-low"
    OFF_BY_ONE_HIGH = "off-by-one-high"
    EMPTY = "empty"
    OVERSIZE = "oversize"
    BAD_FORMAT = "bad-format"
    DUPLICATE_ITEM = "duplicate-item"
    EXTRA_FIELD = "extra-field"
    RENAMED = "renamed"
    TRUNCATED_JSON = "truncated-json"
    WRONG_CONTENT_TYPE = "wrong-content-type"
    WRONG_ENVELOPE_STATUS = "wrong-envelope-status"


@dataclass(frozen=True, slots=True)
class Subject:
    """A location, with the value that is there before the mutation."""

    context: CorruptionContext
    location: Location
    types: tuple[str, ...]
    """The types that the value may have; empty when the schemas do not limit them."""
    value: Json
    container: Any
    """The object or array that holds the value; None for the body itself."""
    key: Token | None
    """The value's name or index in its container."""
    seed: int

    def allows(self, *types: str) -> bool:
        """Return whether the value may have one of these types."""
        return any(type_name in self.types for type_name in types)

    def value_of_type(self, type_name: str) -> Any:
        """Return the value, or a sample of this type where the value has another one."""
        if is_json_type(self.value, type_name):
            return self.value
        return self.context.build_sample(self.location, self.seed, type_name)

    def keyword_values(self, keyword: str) -> list[Any]:
        """Return the values that the schemas give a keyword."""
        return self.location.keyword_values(keyword)

    @property
    def has_free_members(self) -> bool:
        """Whether a schema describes members with free names."""
        return any(
            isinstance(schema, dict) for schema in self.keyword_values("additionalProperties")
        )


Candidates = Iterator[Json]
Generate = Callable[[Subject], Candidates]

_TYPICAL_MISTAKES: dict[str, Json] = {
    "object": [],
    "array": {},
    "string": 12345,
    "boolean": "true",
    "null": 12345,
}
"""What servers that mix types up usually send instead of a type."""
_TYPED_VALUES: tuple[tuple[frozenset[str], Json], ...] = (
    (frozenset(["object"]), {}),
    (frozenset(["array"]), []),
    (frozenset(["string"]), "text"),
    (frozenset(["integer", "number"]), 12345),
    (frozenset(["number"]), 0.5),
    (frozenset(["boolean"]), True),
)
"""A value of each type, with the types that it has."""


def _generate_wrong_types(subject: Subject) -> Candidates:
    """Yield values of other types, the usual mistake first."""
    types = subject.types
    if not types:
        return
    first = types[0]
    if first in _TYPICAL_MISTAKES:
        mistake = _TYPICAL_MISTAKES[first]
        if not any(is_json_type(mistake, type_name) for type_name in types):
            yield mistake
    for types_of_value, value in _TYPED_VALUES:
        if types_of_value.isdisjoint(types):
            yield value


def _generate_null(subject: Subject) -> Candidates:
    """Yield null, also where the schema allows it: clients seldom expect it."""
    yield None


def _generate_without_member(subject: Subject) -> Candidates:
    """Yield the container without the member."""
    if subject.location.step is Step.MEMBER:
        members = subject.container.items()
        yield {name: value for name, value in members if name != subject.key}


def _generate_renamed(subject: Subject) -> Candidates:
    """Yield the container with the member's name in the other dialect.

    The observed dialect has the documented name in `x-documented-as`, the documented dialect the
    canonical name in the extension of the renderer.
    """
    if subject.location.step is not Step.MEMBER:
        return
    names = [
        *subject.keyword_values(DOCUMENTED_NAME_KEYWORD),
        *subject.keyword_values(FIELD_EXTENSION),
    ]
    for new_name in names:
        if isinstance(new_name, str) and new_name not in subject.container:
            members = subject.container.items()
            yield {new_name if name == subject.key else name: value for name, value in members}


def _generate_unknown_values(subject: Subject) -> Candidates:
    """Yield values near to the first documented one that is not null, but not documented."""
    listed = [value for values in subject.keyword_values("enum") for value in values]
    listed += subject.keyword_values("const")
    if not listed and not subject.keyword_values("enum"):
        return
    first = next((value for value in listed if value is not None), None)
    for candidate in _iter_similar(first):
        if not any(_is_same_json(candidate, value) for value in listed):
            yield candidate


def _is_same_json(first: Json, second: Json) -> bool:
    # In Python, True == 1; in JSON, they differ.
    if isinstance(first, bool) is not isinstance(second, bool):
        return False
    return first == second


def _iter_similar(value: Json) -> Candidates:
    """Yield values of the same type that are near to a value."""
    match value:
        case bool():
            yield not value
        case int() | float():
            for difference in (1000, 1, -1, 2, 3):
                yield value + difference
        case str():
            unknown = "unknown"
            yield unknown.upper() if value.isupper() else unknown
            yield f"{value}_X"
            yield f"{value}x"
            yield value[:-1]
            yield value.swapcase()
            yield value[::-1]
        case list():
            yield [*value, "unknown"]
        case dict():
            yield {**value, EXTRA_FIELD_NAME: "unknown"}
        case _:
            yield "UNKNOWN"


def _generate_number_as_string(subject: Subject) -> Candidates:
    """Yield the number as a text, as servers send identifiers of 64 bits to JavaScript."""
    if subject.allows("integer", "number"):
        yield dump_json(subject.value_of_type("number")).decode()


def _generate_too_low(subject: Subject) -> Candidates:
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
            if bound:
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


def _generate_too_high(subject: Subject) -> Candidates:
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


def _generate_empty(subject: Subject) -> Candidates:
    """Yield the empty value of each type that the value may have and that can be empty."""
    if subject.allows("string"):
        yield ""
    if subject.allows("array"):
        yield []
    if subject.allows("object"):
        yield {}


def _generate_oversize(subject: Subject) -> Candidates:
    """Yield a value that is far larger than usual, but often valid: a schema seldom has a bound."""
    if subject.allows("string") and not _limits_texts(subject):
        yield ("oversize " * _OVERSIZE_LENGTH)[:_OVERSIZE_LENGTH]
    if subject.allows("array"):
        items = _items_or_sample(subject)
        yield (items * _OVERSIZE_COUNT)[:_OVERSIZE_COUNT]
    if subject.allows("integer", "number"):
        # The smaller ones stay within the bounds of int64 and int32.
        yield from (10**30, 10**18, 2 * 10**9)


def _limits_texts(subject: Subject) -> bool:
    """Return whether a text breaks more than its length when it is replaced."""
    return any(
        subject.keyword_values(keyword) for keyword in ("enum", "const", "format", "pattern")
    )


def _items_or_sample(subject: Subject) -> list[Json]:
    """Return the items of an array, or a list of one sample when it is empty."""
    items: list[Json] = subject.value_of_type("array")
    return items or [subject.context.build_item(subject.location, subject.seed)]


_WRONG_FORMATS = {
    "date-time": ("2021-08-25 15:09:31", "1629875371"),
    "date": ("2021-02-30", "25.08.2021"),
    "uuid": ("12345", "00000000-0000-4000-8000-00000000000g"),
}
"""Texts of formats that look right, as servers send them."""


def _generate_bad_formats(subject: Subject) -> Candidates:
    """Yield texts that break a `format` or do not match a `pattern`."""
    if not subject.allows("string"):
        return
    for name in subject.keyword_values("format"):
        if isinstance(name, str) and name not in INT_BOUNDS:
            yield from _WRONG_FORMATS.get(name, (f"no {name}",))
    text = subject.value_of_type("string")
    for pattern in subject.keyword_values("pattern"):
        for candidate in _iter_misspelt(text):
            if not matches(pattern, candidate):
                yield candidate


def _iter_misspelt(text: str) -> Iterator[str]:
    """Yield texts that differ from a valid one, first by little, then altogether."""
    yield f"{text}?"
    yield f" {text}"
    yield text.swapcase()
    yield text[::-1]
    yield text[:-1]
    yield "?" * len(text)
    yield from ("重启", "?", "")


def _generate_duplicate_items(subject: Subject) -> Candidates:
    """Yield arrays with the first item twice: one item longer, and as long as before."""
    if not subject.allows("array"):
        return
    items = _items_or_sample(subject)
    yield [*items, items[0]]
    if len(items) > 1:
        yield [*items[:-1], items[0]]


def _generate_extra_field(subject: Subject) -> Candidates:
    """Yield the object with an undocumented field, as a newer server sends it."""
    # Where members with free names are described, any new field is a documented one.
    if subject.allows("object") and not subject.has_free_members:
        yield {**subject.value_of_type("object"), EXTRA_FIELD_NAME: {"since": "tomorrow"}}


def _generate_other_statuses(subject: Subject) -> Candidates:
    """Yield statuses that differ from the HTTP status, for the status in an envelope."""
    location = subject.location
    is_status = location.step is Step.MEMBER and location.key == ENVELOPE_STATUS
    if is_status and location.depth == 1 and subject.allows("integer"):
        statuses = (200, 500, 404, 400)
        if str(subject.value).startswith("2"):
            statuses = (500, 200, 404, 400)
        for status in statuses:
            if status != subject.value:
                yield status


VALUE_MUTATIONS: dict[Mutation, Generate] = {
    Mutation.WRONG_TYPE: _generate_wrong_types,
    Mutation.NULL: _generate_null,
    Mutation.UNKNOWN_ENUM: _generate_unknown_values,
    Mutation.NUMBER_AS_STRING: _generate_number_as_string,
    Mutation.OFF_BY_ONE_LOW: _generate_too_low,
    Mutation.OFF_BY_ONE_HIGH: _generate_too_high,
    Mutation.EMPTY: _generate_empty,
    Mutation.OVERSIZE: _generate_oversize,
    Mutation.BAD_FORMAT: _generate_bad_formats,
    Mutation.DUPLICATE_ITEM: _generate_duplicate_items,
    Mutation.EXTRA_FIELD: _generate_extra_field,
    Mutation.WRONG_ENVELOPE_STATUS: _generate_other_statuses,
}
"""Generators of values to put at the location."""
CONTAINER_MUTATIONS: dict[Mutation, Generate] = {
    Mutation.MISSING: _generate_without_member,
    Mutation.RENAMED: _generate_renamed,
}
"""Generators of objects to put around the location."""
