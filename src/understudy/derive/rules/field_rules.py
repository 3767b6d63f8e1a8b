"""Rules about fields: names, examples, types, and what they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, Origin
from understudy.derive.facts.names import is_plural, split_identifier, to_singular
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.spelling import SpellChecker
from understudy.derive.lexicon.vocabulary import SORTING_PARAMETERS
from understudy.derive.lexicon.word_lists import ENTITY_NOUNS, MEASURE_NOUNS
from understudy.derive.openapi.structure_lookup import Outcome
from understudy.derive.reader.example_values import (
    ValueMismatch,
    find_values_outside_enum,
    has_enum,
    is_described_as_time,
    is_out_of_bounds,
    read_value,
)
from understudy.derive.reader.pseudo_json_fields import read_example_type
from understudy.derive.rules.rule_context import Rule, RuleContext


def _identifiers(case: RuleContext) -> Iterator[tuple[str, Origin]]:
    """Give every identifier where it stands: names of fields and structures, listed values, paths, permissions."""
    for operation in case.facts.operations:
        for segment in re.split(r"[/{}]+", operation.path):
            yield segment, operation.origin
        yield operation.permission, operation.origin
    for field, _ in case.iter_fields():
        yield field.name, field.origin
        for value in field.prose.enum:
            yield value, field.origin
    for structure, _ in case.iter_responses():
        yield structure.name, structure.origin


def misspelt(case: RuleContext) -> Iterator[Doubt]:
    """An identifier with a part one slip away from a word."""
    places: dict[str, dict[Origin, None]] = {}
    for name, origin in _identifiers(case):
        if name:
            places.setdefault(name, {})[origin] = None
    speller = SpellChecker(places)
    for name, origins in places.items():
        correct = speller.correct(name)
        for origin in origins if correct != name else ():
            what = f'"{name}" looks like a misspelling of "{correct}".'
            yield make_doubt(
                "misspelt-identifier", origin, what, "The documented spelling is kept."
            )


def singular_array(case: RuleContext) -> Iterator[Doubt]:
    """An array with the name of one thing, beside an array with the name of many."""
    for fields, _ in case.iter_field_groups():
        arrays = [field for field in fields if field.type.kind is Kind.ARRAY]
        plural = next((field for field in arrays if is_plural(field.name)), None)
        for field in arrays:
            if plural and not is_plural(field.name):
                what = f'The array "{field.name}" is named like one thing, its sibling "{plural.name}" like many.'
                yield make_doubt(
                    "singular-array", field.origin, what, "The documented name is kept."
                )


def name_against_description(case: RuleContext) -> Iterator[Doubt]:
    """A field whose name speaks of one thing and its description of another; likewise of measures."""
    for field, _ in case.iter_fields():
        if (
            not field.description or fold(field.name) in SORTING_PARAMETERS
        ):  # its order is none of goods
            continue
        for nouns in (ENTITY_NOUNS, MEASURE_NOUNS):
            described = _described(field.description, nouns)
            if not described:
                continue
            vocabulary = {word for _, words in nouns for word in words}
            named = {
                to_singular(part.lower()) for part in split_identifier(field.name)
            } & vocabulary
            if (
                named
                and described
                and not named & {word for _, words in described for word in words}
            ):
                things = ", ".join(f"{noun} ({words[0]})" for noun, words in described)
                names = ", ".join(sorted(named))
                what = (
                    f'"{field.name}" names {names}, its description "{field.description}" {things}.'
                )
                yield make_doubt(
                    "name-contradicts-description",
                    field.origin,
                    what,
                    "The documented name is kept.",
                )


def _described(
    description: str, nouns: tuple[tuple[str, tuple[str, ...]], ...]
) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    rest = description
    for noun, words in nouns:
        if noun in rest:
            found.append((noun, words))
            rest = rest.replace(noun, " ")
    return found


def example_fits(case: RuleContext) -> Iterator[Doubt]:
    """An example or default that is not of the told type, not among the listed values, or beyond the bounds."""
    for field, _ in case.iter_fields():
        if field.example is not None:
            yield from _judge_example(field, field.example)
        if field.prose.default is not None:
            yield from _judge_default(field, field.prose.default)


def _judge_default(field: Field, text: str) -> Iterator[Doubt]:
    try:
        value = read_value(text, field.type)
    except ValueMismatch as misfit:
        why = f"is not of the told type: {misfit}"
    else:
        strays = find_values_outside_enum(field, value)
        why = "is not among the listed values" if strays else "is beyond the told bounds"
        if not strays and not is_out_of_bounds(field, value):
            return
    yield make_doubt(
        "default-contradicts-type",
        field.origin,
        f'The default "{text}" {why}.',
        "The default is left out.",
    )


def _judge_example(field: Field, text: str) -> Iterator[Doubt]:
    try:
        value: Any = read_value(text, field.type)
    except ValueMismatch as misfit:
        what = f'The example of "{field.name}" is not of the told type: {misfit}.'
        yield make_doubt("example-contradicts-type", field.origin, what, "The example is left out.")
        return
    for stray in find_values_outside_enum(field, value):
        what = f'The example {stray!r} of "{field.name}" is not among its listed values.'
        yield make_doubt("example-not-in-enum", field.origin, what, "The example is left out.")
    if is_out_of_bounds(field, value):
        what = f'The example {value} of "{field.name}" is beyond its told bounds.'
        yield make_doubt("example-out-of-bounds", field.origin, what, "The example is left out.")


def time_as_string(case: RuleContext) -> Iterator[Doubt]:
    """A text that is described as a time."""
    for field, _ in case.iter_fields():
        if is_described_as_time(field):
            what = f'"{field.name}" has the type of a text and is described as a time: {field.description}.'
            yield make_doubt("time-as-string", field.origin, what, "It is a date-time.")


def unknown_type(case: RuleContext) -> Iterator[Doubt]:
    """A type that is neither known nor the name of a structure, or an array of what nobody tells."""
    for field, section in case.iter_fields():
        inner = field.type.item or field.type
        found = case.lookup.find_for_field(field, section)
        if inner.kind is Kind.ANY and inner.name and found.outcome is Outcome.NOT_NEEDED:
            what = f'"{inner.name[:60]}" is no known type.'
            yield make_doubt("unknown-type", field.origin, what, "Any value is allowed.")
        elif (
            field.type.kind is Kind.ARRAY
            and field.type.item is None
            and found.outcome is Outcome.NOT_NEEDED
            and not has_enum(field)
        ):
            what = f'The array "{field.name}" does not tell what it holds.'
            yield make_doubt(
                "array-items-not-told", field.origin, what, "Its items may be anything."
            )


def unresolved_structure(case: RuleContext) -> Iterator[Doubt]:
    """A field that needs a structure which is nowhere, or is told elsewhere than the document says."""
    for field, section in case.iter_fields():
        found = case.lookup.find_for_field(field, section)
        if found.outcome is Outcome.MISSING and read_example_type(field):
            what = f'The fields of "{field.name}" are told by its example only.'
            yield make_doubt(
                "inferred-from-example", field.origin, what, "They are inferred from it."
            )
        elif found.outcome is Outcome.MISSING:
            inner = field.type.item or field.type
            named = (inner.name if inner.kind is Kind.NAMED else "") or field.prose.structure
            what = (
                f'The structure "{named}" is nowhere.'
                if named
                else f'The fields of "{field.name}" are not told.'
            )
            yield make_doubt(
                "unresolved-structure", field.origin, what, "Any value of the type is allowed."
            )
        elif found.outcome is Outcome.ELSEWHERE and found.structure:
            what = f'The table that "{field.name}" announces below does not follow in its section.'
            decision = f"The table of line {found.structure.origin.line} is used."
            yield make_doubt("forward-reference", field.origin, what, decision)


FIELD_RULES: tuple[Rule, ...] = (
    misspelt,
    singular_array,
    name_against_description,
    example_fits,
    time_as_string,
    unknown_type,
    unresolved_structure,
)
