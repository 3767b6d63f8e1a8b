"""Rules about fields: their names, examples, types and structures.

A field is a row of a table, or a member of an object in a code block. The documented name of a
field is never changed: clients and the server use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, Origin
from understudy.derive.facts.names import is_plural, split_identifier, to_singular
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.spelling import SpellChecker
from understudy.derive.lexicon.vocabulary import SORTING_PARAMETERS
from understudy.derive.lexicon.word_lists import ENTITY_NOUNS, MEASURE_NOUNS
from understudy.derive.openapi.structure_lookup import LookupResult, Outcome
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

_SAME_NAME = "The documented name is kept."
_NO_EXAMPLE = "The example is left out."
_MAX_QUOTED = 60
"""Characters of a type's name that the ledger quotes."""

Noun = tuple[str, tuple[str, ...]]
"""A Chinese noun with its English words, the usual one first."""


def check_spelling(context: RuleContext) -> Iterator[Doubt]:
    """Report an identifier with a part that is one typo away from a known word.

    Example: `SYS_ONECE`, `paralleIdx`. A part that many identifiers of the documents share is a
    known word too.
    """
    places: dict[str, dict[Origin, None]] = {}
    for name, origin in _iter_identifiers(context):
        if name:
            # A dictionary as an ordered set: one line may contain the identifier twice.
            places.setdefault(name, {})[origin] = None
    checker = SpellChecker(places)
    for name, origins in places.items():
        correct = checker.correct(name)
        if correct == name:
            continue
        for origin in origins:
            yield make_doubt(
                "misspelt-identifier",
                origin,
                f'"{name}" looks like a misspelling of "{correct}".',
                # The server is known to use the names of its documents.
                "The documented spelling is kept.",
            )


def _iter_identifiers(context: RuleContext) -> Iterator[tuple[str, Origin]]:
    """Yield every identifier with its line.

    Identifiers are path segments, permissions, enum values, and names of fields and structures.
    """
    for operation in context.facts.operations:
        for segment in re.split(r"[/{}]+", operation.path):
            yield segment, operation.origin
        yield operation.permission, operation.origin
    for field, _ in context.iter_fields():
        yield field.name, field.origin
        for value in field.prose.enum:
            yield value, field.origin
    for structure, _ in context.iter_responses():
        yield structure.name, structure.origin


def check_array_names(context: RuleContext) -> Iterator[Doubt]:
    """Report an array with a singular name beside an array with a plural name.

    Example: `downstream` beside `upstreams`.
    """
    for fields, _ in context.iter_field_groups():
        arrays = [field for field in fields if field.type.kind is Kind.ARRAY]
        plural = next((field for field in arrays if is_plural(field.name)), None)
        # Without a plural sibling, singular may be the convention of the document.
        if plural is None:
            continue
        for field in arrays:
            if is_plural(field.name):
                continue
            yield make_doubt(
                "singular-array",
                field.origin,
                f'The array "{field.name}" has a singular name; '
                f'its sibling "{plural.name}" has a plural name.',
                _SAME_NAME,
            )


def check_names_against_descriptions(context: RuleContext) -> Iterator[Doubt]:
    """Report a field whose name and description mention different entities or measures.

    Example: `obClusterId` with the description "OceanBase租户ID" (tenant).
    """
    for field, _ in context.iter_fields():
        # The description of a sort parameter says "order", which is also a noun of the lexicon.
        if not field.description or fold(field.name) in SORTING_PARAMETERS:
            continue
        for nouns in (ENTITY_NOUNS, MEASURE_NOUNS):
            yield from _compare_name_with_description(field, nouns)


def _compare_name_with_description(field: Field, nouns: tuple[Noun, ...]) -> Iterator[Doubt]:
    """Report a field when both texts contain nouns of a list, and none in common."""
    described = _find_nouns(field.description, nouns)
    if not described:
        return
    name_parts = set()
    for part in split_identifier(field.name):
        name_parts.add(to_singular(part.lower()))
    named = name_parts & _collect_english(nouns)
    if not named or named & _collect_english(described):
        return
    mentioned = [f"{noun} ({english[0]})" for noun, english in described]
    yield make_doubt(
        "name-contradicts-description",
        field.origin,
        f'The name "{field.name}" mentions {", ".join(sorted(named))}, '
        f'but its description "{field.description}" mentions {", ".join(mentioned)}.',
        _SAME_NAME,
    )


def _find_nouns(description: str, nouns: tuple[Noun, ...]) -> tuple[Noun, ...]:
    """Return the nouns that a description contains.

    The lists have longer nouns first; a noun inside a longer one does not count.
    """
    contained = []
    rest = description
    for noun, english in nouns:
        if noun in rest:
            contained.append((noun, english))
            rest = rest.replace(noun, " ")
    return tuple(contained)


def _collect_english(nouns: tuple[Noun, ...]) -> set[str]:
    return {translation for _, english in nouns for translation in english}


def check_field_examples(context: RuleContext) -> Iterator[Doubt]:
    """Report an example or default that does not match type, listed values or bounds.

    Example: the type Long with the example `seven`, or 可选值：EN/ZH with the example `"FR"`.
    Source: OpenAPI 3.1, Parameter Object: an example should match the schema.
    """
    for field, _ in context.iter_fields():
        if field.example is not None:
            yield from _check_example(field, field.example)
        if field.prose.default is not None:
            yield from _check_default(field, field.prose.default)


def _check_example(field: Field, text: str) -> Iterator[Doubt]:
    """Report the example of a field, once for each value that is not listed."""
    try:
        value = read_value(text, field.type)
    except ValueMismatch as mismatch:
        yield make_doubt(
            "example-contradicts-type",
            field.origin,
            f'The example of "{field.name}" does not match the documented type: {mismatch}.',
            _NO_EXAMPLE,
        )
        return
    # The example of an array may contain several values.
    for item in find_values_outside_enum(field, value):
        yield make_doubt(
            "example-not-in-enum",
            field.origin,
            f'The example {item!r} of "{field.name}" is not among the listed values.',
            _NO_EXAMPLE,
        )
    if is_out_of_bounds(field, value):
        yield make_doubt(
            "example-out-of-bounds",
            field.origin,
            f'The example {value} of "{field.name}" is outside the documented bounds.',
            _NO_EXAMPLE,
        )


def _check_default(field: Field, text: str) -> Iterator[Doubt]:
    """Report a default that a schema could not contain."""
    problem = _find_default_problem(field, text)
    if problem:
        yield make_doubt(
            "default-contradicts-type",
            field.origin,
            f'The default "{text}" {problem}.',
            "The default is left out.",
        )


def _find_default_problem(field: Field, text: str) -> str:
    """Return what is wrong with a default, as the end of a sentence; "" when nothing is.

    Source: JSON Schema 2020-12 Validation, section 9.2: a default should be valid.
    """
    try:
        value = read_value(text, field.type)
    except ValueMismatch as mismatch:
        return f"does not match the documented type: {mismatch}"
    if find_values_outside_enum(field, value):
        return "is not among the listed values"
    if is_out_of_bounds(field, value):
        return "is outside the documented bounds"
    return ""


def check_time_types(context: RuleContext) -> Iterator[Doubt]:
    """Report a string that is described as a time.

    Example: `createTime` with the type String and the description 创建时间.
    """
    for field, _ in context.iter_fields():
        if not is_described_as_time(field):
            continue
        yield make_doubt(
            "time-as-string",
            field.origin,
            f'"{field.name}" has the type string but is described as a time: {field.description}.',
            "Its format is date-time.",
        )


def check_types(context: RuleContext) -> Iterator[Doubt]:
    """Report an unknown type, and an array without a documented item type.

    Example: the type 多少, which is neither a type nor the name of a structure; the type Array.
    """
    for field, section in context.iter_fields():
        # Any other outcome means that the type names a structure.
        if context.lookup.find_for_field(field, section).outcome is not Outcome.NOT_NEEDED:
            continue
        # An array of an unknown type is doubted for its items.
        inner = field.type.item or field.type
        if inner.kind is Kind.ANY and inner.name:
            yield make_doubt(
                "unknown-type",
                field.origin,
                f'"{inner.name[:_MAX_QUOTED]}" is not a known type.',
                "Any value is allowed.",
            )
        elif _is_open_array(field):
            yield make_doubt(
                "array-items-not-told",
                field.origin,
                f'The item type of the array "{field.name}" is not documented.',
                "Its items may have any type.",
            )


def _is_open_array(field: Field) -> bool:
    """Return whether nothing restricts the items of an array; an enum would."""
    if field.type.kind is not Kind.ARRAY or field.type.item is not None:
        return False
    return not has_enum(field)


def check_structures(context: RuleContext) -> Iterator[Doubt]:
    """Report a field whose structure does not exist, or is not where the document says.

    Example: the description 图书（Novel对象） in a document without a table for `Novel`.
    """
    for field, section in context.iter_fields():
        result = context.lookup.find_for_field(field, section)
        if result.outcome is Outcome.MISSING:
            yield _report_missing_structure(field)
        elif result.outcome is Outcome.ELSEWHERE:
            yield from _report_distant_structure(field, result)


def _report_missing_structure(field: Field) -> Doubt:
    """Return the doubt about a field of type object without documented members."""
    if read_example_type(field):
        return make_doubt(
            "inferred-from-example",
            field.origin,
            f'Only the example documents the fields of "{field.name}".',
            "They are inferred from the example.",
        )
    inner = field.type.item or field.type
    # The type cell comes before the description.
    name = field.prose.structure
    if inner.kind is Kind.NAMED and inner.name:
        name = inner.name
    problem = f'The fields of "{field.name}" are not documented.'
    if name:
        problem = f'The structure "{name}" is not defined anywhere.'
    return make_doubt(
        "unresolved-structure",
        field.origin,
        problem,
        "Any value of the type is allowed.",
    )


def _report_distant_structure(field: Field, result: LookupResult) -> Iterator[Doubt]:
    """Report a table that is announced (见下表) but stands in another section."""
    if result.structure is None:
        return
    yield make_doubt(
        "forward-reference",
        field.origin,
        f'The table that "{field.name}" announces below is not in its section.',
        f"The table on line {result.structure.origin.line} is used.",
    )


FIELD_RULES: tuple[Rule, ...] = (
    check_spelling,
    check_array_names,
    check_names_against_descriptions,
    check_field_examples,
    check_time_types,
    check_types,
    check_structures,
)
"""All rules of this module."""
