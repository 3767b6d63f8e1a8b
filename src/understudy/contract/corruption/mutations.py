"""The wrong values of each mutation at one location, the clearest mistakes first.

A generator yields candidates only. Whether a candidate breaks the contract, and what it breaks, the
validator decides afterwards.
"""

from collections.abc import Iterator

from understudy.contract.corruption.bound_mutations import (
    generate_empty,
    generate_oversize,
    generate_too_high,
    generate_too_low,
    items_or_sample,
)
from understudy.contract.corruption.corruption_context import is_json_type
from understudy.contract.corruption.locations import Step
from understudy.contract.corruption.mutation_subject import (
    Candidates,
    Generate,
    Mutation,
    Subject,
)
from understudy.contract.corruption.response_target import ENVELOPE_STATUS
from understudy.contract.operation.render import FIELD_EXTENSION
from understudy.contract.schema.formats import INT_BOUNDS
from understudy.messages import Json, dump_json
from understudy.regexgen import matches

DOCUMENTED_NAME_KEYWORD = "x-documented-as"
"""On a property of the observed dialect: its documented name."""
EXTRA_FIELD_NAME = "notDocumentedYet"
"""The name of the field that `extra-field` adds."""


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
    items = items_or_sample(subject)
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
    Mutation.OFF_BY_ONE_LOW: generate_too_low,
    Mutation.OFF_BY_ONE_HIGH: generate_too_high,
    Mutation.EMPTY: generate_empty,
    Mutation.OVERSIZE: generate_oversize,
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
