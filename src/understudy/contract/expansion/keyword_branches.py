"""Branches for the keywords that apply no schema to the same value.

These are `type`, `enum`, `const`, bounds, and the schemas for items and members.

Source: JSON Schema Validation 2020-12, section 6; JSON Schema Core, section 10.3.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

from understudy.contract.document.pointers import JsonObject, follow_refs
from understudy.contract.expansion.constraints import (
    ArrayConstraint,
    Branch,
    Contains,
    ItemSchemas,
    MemberSchemas,
    NeededMember,
    NumberConstraint,
    ObjectConstraint,
    Requirement,
    StringConstraint,
)
from understudy.contract.expansion.join import drop_impossible_kinds
from understudy.contract.expansion.json_kinds import KINDS, NUMBER_KINDS, as_written, json_key
from understudy.contract.schema.formats import ASSERTED_FORMATS, INT_BOUNDS
from understudy.contract.schema.keywords import Schema, generated_values

HiddenPredicate = Callable[[Schema | None], bool]
"""Whether a property is one that this side never sends (`readOnly`, `writeOnly`)."""
_KINDS_OF_TYPE = {
    "number": NUMBER_KINDS,
    **{kind: frozenset([kind]) for kind in KINDS - {"fraction"}},
}
_INTEGER = frozenset(["integer"])
_STRING = frozenset(["string"])
_ARRAY = frozenset(["array"])
_OBJECT = frozenset(["object"])
_MEMBER_KEYWORDS = frozenset(["properties", "patternProperties", "additionalProperties"])


def kinds_of_type(types: str | list[str]) -> frozenset[str]:
    """Return the kinds that the value of `type` allows; of an unknown name, none.

    `number` is two kinds, `integer` and `fraction`.
    """
    names = [types] if isinstance(types, str) else types
    return frozenset(kind for name in names for kind in _KINDS_OF_TYPE.get(name, ()))


def make_hidden_predicate(document: object, hidden: str) -> HiddenPredicate:
    """Return the predicate of the properties that have the keyword `hidden`; none when empty."""

    def is_hidden(schema: Schema | None) -> bool:
        if not hidden or not isinstance(schema, dict):
            return False
        target, _ = follow_refs(document, schema, "")
        return isinstance(target, dict) and target.get(hidden) is True

    return is_hidden


# Keywords that hold


def expand_keywords(schema: JsonObject, is_hidden: HiddenPredicate) -> Iterator[Branch]:
    """Yield the one branch of the values that satisfy these keywords of a schema, or none.

    None of them offers an alternative, so there is at most one branch; none is yielded when the
    keywords contradict each other. `const` and `enum` become the allowed values.
    """
    allowed = None
    if "enum" in schema:
        allowed = tuple(generated_values(schema))
    if "const" in schema:
        const = schema["const"]
        if allowed is None:
            allowed = (const,)
        else:
            allowed = tuple(value for value in allowed if json_key(value) == json_key(const))
    branch = drop_impossible_kinds(
        Branch(
            kinds=kinds_of_type(schema["type"]) if "type" in schema else KINDS,
            allowed=allowed,
            number=_number_constraint(schema),
            string=_string_constraint(schema),
            array=_array_constraint(schema),
            object=_object_constraint(schema, is_hidden),
        )
    )
    if branch is not None:
        yield branch


def _number_constraint(schema: JsonObject) -> NumberConstraint:
    # Of `minimum` and an equal `exclusiveMinimum` the second wins, as the greater of two pairs.
    lows: list[tuple[Fraction, bool]] = []
    highs: list[tuple[Fraction, bool]] = []
    for keyword, excluded in (("minimum", False), ("exclusiveMinimum", True)):
        if keyword in schema:
            lows.append((as_written(schema[keyword]), excluded))
    for keyword, included in (("maximum", True), ("exclusiveMaximum", False)):
        if keyword in schema:
            highs.append((as_written(schema[keyword]), included))
    low, low_excluded = max(lows, default=(None, False))
    high, high_included = min(highs, default=(None, True))
    integer_min, integer_max = INT_BOUNDS.get(schema.get("format", ""), (None, None))
    multiple_of = None
    if "multipleOf" in schema:
        multiple_of = as_written(schema["multipleOf"])
    return NumberConstraint(
        low=low,
        high=high,
        low_excluded=low_excluded,
        high_excluded=not high_included,
        integer_min=integer_min,
        integer_max=integer_max,
        multiple_of=multiple_of,
    )


def _string_constraint(schema: JsonObject) -> StringConstraint:
    """Return what a schema requires of a string.

    Source: JSON Schema Validation 2020-12, section 6.3 and 7.
    """
    formats: tuple[str, ...] = ()
    if schema.get("format") is not None and schema["format"] not in INT_BOUNDS:
        formats = (schema["format"],)
    return StringConstraint(
        min_length=int(schema.get("minLength", 0)),
        max_length=_optional_count(schema, "maxLength"),
        patterns=(schema["pattern"],) if "pattern" in schema else (),
        formats=formats,
    )


def _optional_count(schema: JsonObject, keyword: str) -> int | None:
    """Return a count as an integer, since 3.0 is a valid one.

    None when the schema does not set it.
    """
    count = schema.get(keyword)
    if count is None:
        return None
    return int(count)


def _array_constraint(schema: JsonObject) -> ArrayConstraint:
    """Return what a schema requires of an array.

    Source: JSON Schema Validation 2020-12, section 6.4; JSON Schema Core, section 10.3.1.
    """
    groups: tuple[ItemSchemas, ...] = ()
    if "prefixItems" in schema or "items" in schema:
        prefix = tuple(map(Requirement, schema.get("prefixItems", ())))
        rest = Requirement(schema["items"]) if "items" in schema else None
        groups = (ItemSchemas(prefix, rest),)
    return ArrayConstraint(
        min_items=int(schema.get("minItems", 0)),
        max_items=_optional_count(schema, "maxItems"),
        unique=schema.get("uniqueItems") is True,
        groups=groups,
        contains=tuple(_contains(schema)),
    )


def _contains(schema: JsonObject) -> Iterator[Contains]:
    """Yield what an array has to contain, or nothing.

    `minContains` and `maxContains` mean nothing without `contains`; the default is at least one.
    """
    if "contains" in schema:
        yield Contains(
            Requirement(schema["contains"]),
            min_count=int(schema.get("minContains", 1)),
            max_count=_optional_count(schema, "maxContains"),
        )


def _object_constraint(schema: JsonObject, is_hidden: HiddenPredicate) -> ObjectConstraint:
    """Return what a schema requires of an object.

    A hidden property must not be present, and is not required even if the schema says so. Source:
    JSON Schema Validation 2020-12, section 6.5; section 9.4 (`readOnly`, `writeOnly`).
    """
    properties = schema.get("properties", {})
    hidden = frozenset(name for name, part in properties.items() if is_hidden(part))
    required = tuple(name for name in schema.get("required", ()) if name not in hidden)
    names = (Requirement(schema["propertyNames"]),) if "propertyNames" in schema else ()
    has_members = bool(_MEMBER_KEYWORDS & schema.keys())
    return ObjectConstraint(
        required=required,
        forbidden=hidden,
        min_members=int(schema.get("minProperties", 0)),
        max_members=_optional_count(schema, "maxProperties"),
        names=names,
        groups=(_member_schemas(schema),) if has_members else (),
    )


def _member_schemas(schema: JsonObject) -> MemberSchemas:
    """Return what a schema requires of members, by name, by pattern, and of the rest."""
    named = {name: Requirement(part) for name, part in schema.get("properties", {}).items()}
    by_pattern = schema.get("patternProperties", {})
    patterns = tuple((pattern, Requirement(part)) for pattern, part in by_pattern.items())
    rest = None
    if "additionalProperties" in schema:
        rest = Requirement(schema["additionalProperties"])
    return MemberSchemas(named, patterns, rest)


# Keywords that are violated


def negate_keywords(schema: JsonObject, is_hidden: HiddenPredicate) -> Iterator[Branch]:
    """Yield one branch for each way to violate one of these keywords of a schema.

    To violate a schema it is enough to violate one keyword, so each of them is an alternative.
    """
    for branch in _negate_all(schema, is_hidden):
        possible = drop_impossible_kinds(branch)
        if possible is not None:
            yield possible


def _negate_all(schema: JsonObject, is_hidden: HiddenPredicate) -> Iterator[Branch]:
    """Yield a branch for each way to violate a keyword, possible or not."""
    if "type" in schema:
        yield Branch(KINDS - kinds_of_type(schema["type"]))
    if "enum" in schema:
        yield Branch(excluded=tuple(schema["enum"]))
    if "const" in schema:
        yield Branch(excluded=(schema["const"],))
    for number in _negate_numbers(schema):
        yield Branch(NUMBER_KINDS, number=number)
    yield from _negate_integer_format(schema)
    for string in _negate_strings(schema):
        yield Branch(_STRING, string=string)
    for array in _negate_arrays(schema):
        yield Branch(_ARRAY, array=array)
    for members in _negate_objects(schema, is_hidden):
        yield Branch(_OBJECT, object=members)


def _negate_numbers(schema: JsonObject) -> Iterator[NumberConstraint]:
    """Yield what violates a bound of numbers, or `multipleOf`."""
    minimum = _bound(schema, "minimum")
    if minimum is not None:
        yield NumberConstraint(high=minimum, high_excluded=True)
    exclusive_minimum = _bound(schema, "exclusiveMinimum")
    if exclusive_minimum is not None:
        yield NumberConstraint(high=exclusive_minimum)
    maximum = _bound(schema, "maximum")
    if maximum is not None:
        yield NumberConstraint(low=maximum, low_excluded=True)
    exclusive_maximum = _bound(schema, "exclusiveMaximum")
    if exclusive_maximum is not None:
        yield NumberConstraint(low=exclusive_maximum)
    if "multipleOf" in schema:
        step = as_written(schema["multipleOf"])
        yield NumberConstraint(not_multiples_of=(step,))


def _bound(schema: JsonObject, keyword: str) -> Fraction | None:
    """Return a bound of numbers; None when the schema does not set it."""
    if keyword in schema:
        return as_written(schema[keyword])
    return None


def _negate_integer_format(schema: JsonObject) -> Iterator[Branch]:
    """Yield integers beyond either bound of int32 or int64."""
    if schema.get("format") in INT_BOUNDS:
        least, greatest = INT_BOUNDS[schema["format"]]
        yield Branch(_INTEGER, number=NumberConstraint(integer_min=greatest + 1))
        yield Branch(_INTEGER, number=NumberConstraint(integer_max=least - 1))


def _negate_strings(schema: JsonObject) -> Iterator[StringConstraint]:
    """Yield what violates a length, a pattern or a format."""
    if schema.get("minLength", 0) > 0:
        yield StringConstraint(max_length=int(schema["minLength"]) - 1)
    if "maxLength" in schema:
        yield StringConstraint(min_length=int(schema["maxLength"]) + 1)
    if "pattern" in schema:
        yield StringConstraint(not_patterns=(schema["pattern"],))
    # A format that is only an annotation cannot be violated.
    if schema.get("format") in ASSERTED_FORMATS and schema["format"] not in INT_BOUNDS:
        yield StringConstraint(not_formats=(schema["format"],))


def _negate_arrays(schema: JsonObject) -> Iterator[ArrayConstraint]:
    """Yield what violates a number of items, `uniqueItems`, or a schema for items."""
    if schema.get("minItems", 0) > 0:
        yield ArrayConstraint(max_items=int(schema["minItems"]) - 1)
    if "maxItems" in schema:
        yield ArrayConstraint(min_items=int(schema["maxItems"]) + 1)
    if schema.get("uniqueItems") is True:
        yield ArrayConstraint(min_items=2, has_duplicate=True)
    prefix = schema.get("prefixItems", ())
    for index, part in enumerate(prefix):
        before = [Requirement(True)] * index
        wrong = ItemSchemas((*before, Requirement(part, False)), annotates=False)
        yield ArrayConstraint(min_items=index + 1, groups=(wrong,))
    if "items" in schema:
        wrong_item = Contains(
            Requirement(schema["items"], False), start=len(prefix), annotates=False
        )
        yield ArrayConstraint(min_items=len(prefix) + 1, contains=(wrong_item,))
    for contains in _contains(schema):
        yield from _negate_contains(contains)


def _negate_contains(contains: Contains) -> Iterator[ArrayConstraint]:
    """Yield arrays with too few of the items, and with too many."""
    if contains.min_count > 0:
        too_few = Contains(contains.requirement, 0, contains.min_count - 1, annotates=False)
        yield ArrayConstraint(contains=(too_few,))
    if contains.max_count is not None:
        too_many = Contains(contains.requirement, contains.max_count + 1, annotates=False)
        yield ArrayConstraint(contains=(too_many,))


def _negate_objects(schema: JsonObject, is_hidden: HiddenPredicate) -> Iterator[ObjectConstraint]:
    """Yield what violates `required`, a number of members, or a schema for members.

    A hidden property is never present, so it cannot be missing.
    """
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if not is_hidden(properties.get(name)):
            yield ObjectConstraint(forbidden=frozenset([name]))
    for name, part in properties.items():
        group = MemberSchemas({name: Requirement(part, False)}, annotates=False)
        yield ObjectConstraint(required=(name,), groups=(group,))
    for member in _negate_members(schema):
        yield ObjectConstraint(needed_members=(member,))
    if schema.get("minProperties", 0) > 0:
        yield ObjectConstraint(max_members=int(schema["minProperties"]) - 1)
    if "maxProperties" in schema:
        yield ObjectConstraint(min_members=int(schema["maxProperties"]) + 1)
    for name, dependents in schema.get("dependentRequired", {}).items():
        for dependent in dependents:
            yield ObjectConstraint(required=(name,), forbidden=frozenset([dependent]))


def _negate_members(schema: JsonObject) -> Iterator[NeededMember]:
    """Yield members that violate `patternProperties`, `additionalProperties`, `propertyNames`."""
    for pattern, part in schema.get("patternProperties", {}).items():
        matching_name = Requirement({"type": "string", "pattern": pattern})
        yield NeededMember((matching_name,), Requirement(part, False))
    if "additionalProperties" in schema:
        wrong_value = Requirement(schema["additionalProperties"], False)
        yield NeededMember(value=wrong_value, group=_member_schemas(schema))
    if "propertyNames" in schema:
        yield NeededMember((Requirement(schema["propertyNames"], False),))
