"""The wrong values: for each mutation, what can be put at a place, the most telling first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any

from understudy.contract.corruption.corruption_context import CorruptionContext, is_json_type
from understudy.contract.corruption.locations import Location, Step
from understudy.contract.corruption.response_target import ENVELOPE_STATUS
from understudy.contract.operation.render import FIELD_EXTENSION
from understudy.contract.sampling import sample
from understudy.contract.schema.formats import INT_BOUNDS
from understudy.messages import dump_json
from understudy.regexgen import matches

DOCUMENTED_NAME_KEYWORD = "x-documented-as"
"""On a property of the observed dialect: its documented name."""
EXTRA_FIELD_NAME = "notDocumentedYet"
"""The name of the field that `extra-field` adds."""
_LONG = 10_000
"""How many characters a text has that is oversize."""
_MANY = 1000
"""How many items an array has that is oversize."""
_TRIES = 2000
"""How many samples are made to find items that differ."""
_MOST = 100_000
"""A bound beyond this is not overstepped: the value would be too long to be of use."""


class Mutation(StrEnum):
    """A way in which an answer goes wrong."""

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
    """A place with the value that is there now."""

    context: CorruptionContext
    location: Location
    types: tuple[str, ...]
    """The types that the value may have; empty when nothing is said."""
    value: Any
    container: Any
    """The object that the value is a member of, or the array that it is an item of; None for the body itself."""
    key: Any
    """Its name or index in there."""
    seed: int

    def allows(self, *kinds: str) -> bool:
        """Whether the value may be of one of these types."""
        return any(kind in self.types for kind in kinds)

    def value_of_type(self, kind: str) -> Any:
        """Give the value, or another one of this type where it is not."""
        return (
            self.value
            if is_json_type(self.value, kind)
            else self.context.build_sample(self.location, self.seed, kind)
        )


_OTHERS = {"object": [], "array": {}, "string": 12345, "boolean": "true", "null": 12345}
_ANY: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("object",), {}),
    (("array",), []),
    (("string",), "text"),
    (("integer", "number"), 12345),
    (("number",), 0.5),
    (("boolean",), True),
)


def _wrong_type(one: Subject) -> Iterator[Any]:
    types = one.types
    yield from (
        _OTHERS[kind]
        for kind in types[:1]
        if kind in _OTHERS and not any(is_json_type(_OTHERS[kind], t) for t in types)
    )
    yield from (value for kinds, value in _ANY if types and not set(kinds) & set(types))


def _null(one: Subject) -> Iterator[Any]:
    yield None


def _missing(one: Subject) -> Iterator[Any]:
    if one.location.step is Step.MEMBER:
        yield {name: value for name, value in one.container.items() if name != one.key}


def _renamed(one: Subject) -> Iterator[Any]:
    if one.location.step is Step.MEMBER:
        for name in (
            *one.location.keyword_values(DOCUMENTED_NAME_KEYWORD),
            *one.location.keyword_values(FIELD_EXTENSION),
        ):
            if isinstance(name, str) and name not in one.container:
                yield {
                    name if old == one.key else old: value for old, value in one.container.items()
                }


def _unknown_enum(one: Subject) -> Iterator[Any]:
    lists = [
        *one.location.keyword_values("enum"),
        *([value] for value in one.location.keyword_values("const")),
    ]
    known = [value for values in lists for value in values]
    first = next((value for value in known if value is not None), None)
    if lists:
        made = [first, *_unlike(first)]
        yield from (
            value
            for value in made[1:]
            if all(value != other or _differ(value, other) for other in known)
        )


def _differ(first: Any, second: Any) -> bool:
    return isinstance(first, bool) is not isinstance(second, bool)


def _unlike(value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + step for step in (1000, 1, -1, 2, 3))
        case str():
            yield "UNKNOWN" if value.isupper() else "unknown"
            yield from (f"{value}_X", f"{value}x", value[:-1], value.swapcase(), value[::-1])
        case list():
            yield [*value, "unknown"]
        case dict():
            yield {**value, EXTRA_FIELD_NAME: "unknown"}
        case _:
            yield "UNKNOWN"


def _number_as_string(one: Subject) -> Iterator[Any]:
    if one.allows("integer", "number"):
        yield dump_json(one.value_of_type("number")).decode()


def _multiples(one: Subject, bounds: list[tuple[str, Callable[[Fraction], int]]]) -> Iterator[Any]:
    """Give the multiple of the step that lies just outside of each bound."""
    [step] = [Fraction(repr(value)) for value in one.location.keyword_values("multipleOf")][:1] or [
        Fraction(1)
    ]
    for keyword, outside in bounds:
        for bound in one.location.keyword_values(keyword):
            value = outside(Fraction(repr(bound)) / step) * step
            yield int(value) if value.denominator == 1 else float(value)


def _low(one: Subject) -> Iterator[Any]:
    if one.allows("integer", "number"):
        yield from _multiples(
            one, [("minimum", lambda n: ceil(n) - 1), ("exclusiveMinimum", floor)]
        )
        yield from (
            INT_BOUNDS[name][0] - 1
            for name in one.location.keyword_values("format")
            if name in INT_BOUNDS
        )
    if one.allows("string"):
        text = one.value_of_type("string")
        for least in (int(bound) for bound in one.location.keyword_values("minLength") if bound):
            yield from (
                text[: least - 1],
                text[-(least - 1) :] if least > 1 else "",
                "x" * (least - 1),
                "1" * (least - 1),
            )
    if one.allows("array"):
        yield from (
            one.value_of_type("array")[: int(bound) - 1]
            for bound in one.location.keyword_values("minItems")
            if bound
        )
    if one.allows("object"):
        needed = [name for names in one.location.keyword_values("required") for name in names]
        fields = sorted(
            one.value_of_type("object").items(), key=lambda field: field[0] not in needed
        )
        yield from (
            dict(fields[: int(bound) - 1])
            for bound in one.location.keyword_values("minProperties")
            if bound
        )


def _high(one: Subject) -> Iterator[Any]:
    if one.allows("integer", "number"):
        yield from _multiples(
            one, [("maximum", lambda n: floor(n) + 1), ("exclusiveMaximum", ceil)]
        )
        yield from (
            INT_BOUNDS[name][1] + 1
            for name in one.location.keyword_values("format")
            if name in INT_BOUNDS
        )
    if one.allows("string"):
        text = one.value_of_type("string")
        for size in (
            int(bound) + 1 for bound in one.location.keyword_values("maxLength") if bound < _MOST
        ):
            last = text[-1:] or "x"
            yield from (text.ljust(size, last)[:size], "x" * size, "1" * size)
    if one.allows("array"):
        yield from (
            _longer(one, int(bound) + 1)
            for bound in one.location.keyword_values("maxItems")
            if bound < _MOST
        )
    if one.allows("object"):
        yield from (
            _wider(one, int(bound) + 1)
            for bound in one.location.keyword_values("maxProperties")
            if bound < _MOST
        )


def _longer(one: Subject, size: int) -> list[Any]:
    """Give a list of so many items; where they have to differ, they do as far as samples do."""
    items = list(one.value_of_type("array")[:size])
    differ = True in one.location.keyword_values("uniqueItems")
    for seed in range(min(20 * size, _TRIES) if differ else 0):
        item = one.context.build_item(one.location, seed)
        if len(items) < size and item not in items:
            items.append(item)
    more = items or [one.context.build_item(one.location, one.seed)]
    return (items + more * size)[:size]


def _wider(one: Subject, size: int) -> dict[str, Any]:
    more = [
        schema
        for schema in one.location.keyword_values("additionalProperties")
        if isinstance(schema, dict)
    ]
    fields = dict(one.value_of_type("object"))
    for number in range(size - len(fields)):
        fields[f"extra{number}"] = (
            sample(one.context, {"allOf": more}, seed=one.seed) if more else "text"
        )
    return fields


def _empty(one: Subject) -> Iterator[Any]:
    for kind, nothing in (("string", ""), ("array", []), ("object", {})):
        if one.allows(kind):
            yield nothing


def _oversize(one: Subject) -> Iterator[Any]:
    if one.allows("string") and not any(
        one.location.keyword_values(keyword) for keyword in ("enum", "const", "format", "pattern")
    ):
        yield ("oversize " * _LONG)[:_LONG]
    if one.allows("array"):
        items = one.value_of_type("array") or [one.context.build_item(one.location, one.seed)]
        yield (items * _MANY)[:_MANY]
    if one.allows("integer", "number"):
        yield from (
            10**30,
            10**18,
            2 * 10**9,
        )  # the lesser ones leave the bounds of int64 and int32 alone


_LOOKS = {
    "date-time": ("2021-08-25 15:09:31", "1629875371"),
    "date": ("2021-02-30", "25.08.2021"),
    "uuid": ("12345", "00000000-0000-4000-8000-00000000000g"),
}


def _bad_format(one: Subject) -> Iterator[Any]:
    if not one.allows("string"):
        return
    for name in one.location.keyword_values("format"):
        if isinstance(name, str) and name not in INT_BOUNDS:
            yield from _LOOKS.get(name, (f"no {name}",))
    text = one.value_of_type("string")
    for pattern in one.location.keyword_values("pattern"):
        made = (
            f"{text}?",
            f" {text}",
            text.swapcase(),
            text[::-1],
            text[:-1],
            "?" * len(text),
            "重启",
            "?",
            "",
        )
        yield from (value for value in made if not matches(pattern, value))


def _duplicate_item(one: Subject) -> Iterator[Any]:
    if not one.allows("array"):
        return
    items = one.value_of_type("array") or [one.context.build_item(one.location, one.seed)]
    yield [*items, items[0]]
    if len(items) > 1:
        yield [*items[:-1], items[0]]


def _extra_field(one: Subject) -> Iterator[Any]:
    if one.allows("object") and not any(
        isinstance(schema, dict) for schema in one.location.keyword_values("additionalProperties")
    ):
        yield {**one.value_of_type("object"), EXTRA_FIELD_NAME: {"since": "tomorrow"}}


def _wrong_envelope_status(one: Subject) -> Iterator[Any]:
    spot = one.location
    if (
        spot.step is Step.MEMBER
        and spot.key == ENVELOPE_STATUS
        and spot.depth == 1
        and one.allows("integer")
    ):
        others = (500, 200, 404, 400) if str(one.value).startswith("2") else (200, 500, 404, 400)
        yield from (status for status in others if status != one.value)


Candidates = Callable[[Subject], Iterator[Any]]
VALUE_MUTATIONS: dict[Mutation, Candidates] = {
    Mutation.WRONG_TYPE: _wrong_type,
    Mutation.NULL: _null,
    Mutation.UNKNOWN_ENUM: _unknown_enum,
    Mutation.NUMBER_AS_STRING: _number_as_string,
    Mutation.OFF_BY_ONE_LOW: _low,
    Mutation.OFF_BY_ONE_HIGH: _high,
    Mutation.EMPTY: _empty,
    Mutation.OVERSIZE: _oversize,
    Mutation.BAD_FORMAT: _bad_format,
    Mutation.DUPLICATE_ITEM: _duplicate_item,
    Mutation.EXTRA_FIELD: _extra_field,
    Mutation.WRONG_ENVELOPE_STATUS: _wrong_envelope_status,
}
"""What may stand at the place instead."""
CONTAINER_MUTATIONS: dict[Mutation, Candidates] = {
    Mutation.MISSING: _missing,
    Mutation.RENAMED: _renamed,
}
"""What the object that holds the place may be instead."""
