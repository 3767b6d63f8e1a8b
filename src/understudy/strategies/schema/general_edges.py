"""The edge classes of values of any schema: their names and descriptions.

The names are those of a corpus too (`understudy sample --corpus FOLDER`), where both have the
class.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from understudy.contract.corruption.edge_values import DATES, INTEGERS, LISTS, TEXTS, TIMES, UUIDS


@dataclass(frozen=True, slots=True)
class EdgeClass:
    """A kind of edge case."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A value, and the name of the class of edge case that it shows."""

    value: Any
    edge: str


NUMBER_CLASSES = {
    "number-minimum": "the least number that the schema allows",
    "number-maximum": "the greatest number that the schema allows",
}
LENGTH_CLASSES = {
    "text-shortest": "a text that is as short as its pattern or least length allows",
    "text-longest": "a text that is as long as its pattern and greatest length allow",
}
MEMBER_CLASSES = {
    "optional-absent": "every field that may be left out is left out",
    "extra-field": "a field that is not documented, where the schema does not forbid it",
}
EXTRA_FIELD = "notDocumentedYet"
"""The name of the field that `extra-field` adds."""
EXTRA_VALUE = {"since": "tomorrow"}
DEFAULT_MAX_ITEMS = 100
"""How many items `list-maximum` has, where the schema sets no maximum."""
ENUM_CLASS = EdgeClass(
    "enum-value", "a value of an enumeration, each as often as the others; true and false are one"
)


def _describe(*groups: Mapping[str, tuple[Any, str]]) -> Iterator[EdgeClass]:
    """Yield the classes that a corpus has too, where each comes with its value."""
    for group in groups:
        yield from (EdgeClass(name, description) for name, (_, description) in group.items())


def _describe_rules(*groups: Mapping[str, str]) -> Iterator[EdgeClass]:
    """Yield the classes whose values depend on the schema."""
    for group in groups:
        yield from (EdgeClass(name, description) for name, description in group.items())


GENERAL_CLASSES = (
    *_describe(INTEGERS),
    *_describe_rules(NUMBER_CLASSES),
    *_describe(TEXTS),
    *_describe_rules(LENGTH_CLASSES),
    *_describe(TIMES, DATES, UUIDS),
    *_describe_rules(LISTS, MEMBER_CLASSES),
    ENUM_CLASS,
)
"""The classes that a value of any schema can have."""
