"""What the keywords say that hold no schema against the same value: as branches, held or broken."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from understudy.contract.schema.formats import ASSERTED_FORMATS, INT_BOUNDS
from understudy.strategies.schema.constraints import (
    KINDS,
    NUMBER_KINDS,
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
    drop_impossible_kinds,
    json_key,
)

HiddenPredicate = Callable[[Any], bool]
_KINDS_OF_TYPE = {
    "number": NUMBER_KINDS,
    **{kind: frozenset([kind]) for kind in KINDS - {"fraction"}},
}
_TEXT, _ARRAY, _OBJECT = frozenset(["string"]), frozenset(["array"]), frozenset(["object"])


def _written(number: float) -> Fraction:
    """Give a number as it was written: 0.1 is a tenth."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def kinds_of_type(told: Any) -> frozenset[str]:
    """Give the kinds that a `type` allows."""
    names = [told] if isinstance(told, str) else told
    return frozenset(kind for name in names for kind in _KINDS_OF_TYPE.get(name, ()))


def expand_keywords(schema: dict[str, Any], hides: HiddenPredicate) -> Iterator[Branch]:
    """Give the one branch that the plain keywords of a schema leave, or none."""
    only = None
    if "enum" in schema:
        only = tuple(schema["enum"])
    if "const" in schema:
        const = schema["const"]
        only = (
            (const,)
            if only is None
            else tuple(value for value in only if json_key(value) == json_key(const))
        )
    branch = drop_impossible_kinds(
        Branch(
            kinds_of_type(schema["type"]) if "type" in schema else KINDS,
            only,
            (),
            _number(schema),
            _text(schema),
            _array(schema),
            _object(schema, hides),
        )
    )
    if branch is not None:
        yield branch


def _number(schema: dict[str, Any]) -> NumberConstraint:
    lows = [(Fraction(schema["minimum"]), False)] if "minimum" in schema else []
    lows += [(Fraction(schema["exclusiveMinimum"]), True)] if "exclusiveMinimum" in schema else []
    highs = [(Fraction(schema["maximum"]), True)] if "maximum" in schema else []
    highs += [(Fraction(schema["exclusiveMaximum"]), False)] if "exclusiveMaximum" in schema else []
    low, above = max(lows, default=(None, False))
    high, within = min(highs, default=(None, True))
    least, most = INT_BOUNDS.get(schema.get("format", ""), (None, None))
    step = _written(schema["multipleOf"]) if "multipleOf" in schema else None
    return NumberConstraint(low, high, above, not within, least, most, step)


def _text(schema: dict[str, Any]) -> StringConstraint:
    form = schema.get("format")
    return StringConstraint(
        int(schema.get("minLength", 0)),
        _count(schema.get("maxLength")),
        (schema["pattern"],) if "pattern" in schema else (),
        formats=(form,) if form is not None and form not in INT_BOUNDS else (),
    )


def _count(told: Any) -> int | None:
    return None if told is None else int(told)


def _array(schema: dict[str, Any]) -> ArrayConstraint:
    groups: tuple[ItemSchemas, ...] = ()
    if "prefixItems" in schema or "items" in schema:
        rest = Requirement(schema["items"]) if "items" in schema else None
        groups = (ItemSchemas(tuple(map(Requirement, schema.get("prefixItems", ()))), rest),)
    return ArrayConstraint(
        int(schema.get("minItems", 0)),
        _count(schema.get("maxItems")),
        schema.get("uniqueItems") is True,
        groups=groups,
        contains=tuple(_contains(schema)),
    )


def _contains(schema: dict[str, Any]) -> Iterator[Contains]:
    if "contains" in schema:
        least, most = int(schema.get("minContains", 1)), _count(schema.get("maxContains"))
        yield Contains(Requirement(schema["contains"]), least, most)


def _object(schema: dict[str, Any], hides: HiddenPredicate) -> ObjectConstraint:
    properties = schema.get("properties", {})
    hidden = frozenset(name for name, part in properties.items() if hides(part))
    groups = (
        (_members(schema),)
        if {"properties", "patternProperties", "additionalProperties"} & schema.keys()
        else ()
    )
    return ObjectConstraint(
        tuple(name for name in schema.get("required", ()) if name not in hidden),
        hidden,
        int(schema.get("minProperties", 0)),
        _count(schema.get("maxProperties")),
        (Requirement(schema["propertyNames"]),) if "propertyNames" in schema else (),
        groups,
    )


def _members(schema: dict[str, Any]) -> MemberSchemas:
    named = {name: Requirement(part) for name, part in schema.get("properties", {}).items()}
    patterns = tuple(
        (pattern, Requirement(part))
        for pattern, part in schema.get("patternProperties", {}).items()
    )
    rest = Requirement(schema["additionalProperties"]) if "additionalProperties" in schema else None
    return MemberSchemas(named, patterns, rest)


# Broken


def negate_keywords(schema: dict[str, Any], hides: HiddenPredicate) -> Iterator[Branch]:
    """Give one branch for each way to break one of the plain keywords of a schema."""
    for branch in _refuted(schema, hides):
        living = drop_impossible_kinds(branch)
        if living is not None:
            yield living


def _refuted(schema: dict[str, Any], hides: HiddenPredicate) -> Iterator[Branch]:
    if "type" in schema:
        yield Branch(KINDS - kinds_of_type(schema["type"]))
    if "enum" in schema:
        yield Branch(excluded=tuple(schema["enum"]))
    if "const" in schema:
        yield Branch(excluded=(schema["const"],))
    yield from _refuted_numbers(schema)
    yield from _refuted_texts(schema)
    yield from _refuted_arrays(schema)
    yield from _refuted_objects(schema, hides)


def _refuted_numbers(schema: dict[str, Any]) -> Iterator[Branch]:
    rules: dict[str, Callable[[Fraction], NumberConstraint]] = {
        "minimum": lambda bound: NumberConstraint(high=bound, high_excluded=True),
        "exclusiveMinimum": lambda bound: NumberConstraint(high=bound),
        "maximum": lambda bound: NumberConstraint(low=bound, low_excluded=True),
        "exclusiveMaximum": lambda bound: NumberConstraint(low=bound),
        "multipleOf": lambda step: NumberConstraint(not_multiples_of=(step,)),
    }
    for keyword, rule in rules.items():
        if keyword in schema:
            told = (
                _written(schema[keyword]) if keyword == "multipleOf" else Fraction(schema[keyword])
            )
            yield Branch(NUMBER_KINDS, number=rule(told))
    if schema.get("format") in INT_BOUNDS:
        least, most = INT_BOUNDS[schema["format"]]
        yield Branch(frozenset(["integer"]), number=NumberConstraint(integer_min=most + 1))
        yield Branch(frozenset(["integer"]), number=NumberConstraint(integer_max=least - 1))


def _refuted_texts(schema: dict[str, Any]) -> Iterator[Branch]:
    if schema.get("minLength", 0) > 0:
        yield Branch(_TEXT, string=StringConstraint(max_length=int(schema["minLength"]) - 1))
    if "maxLength" in schema:
        yield Branch(_TEXT, string=StringConstraint(min_length=int(schema["maxLength"]) + 1))
    if "pattern" in schema:
        yield Branch(_TEXT, string=StringConstraint(not_patterns=(schema["pattern"],)))
    if schema.get("format") in ASSERTED_FORMATS and schema["format"] not in INT_BOUNDS:
        yield Branch(_TEXT, string=StringConstraint(not_formats=(schema["format"],)))


def _refuted_arrays(schema: dict[str, Any]) -> Iterator[Branch]:
    def told(rule: ArrayConstraint) -> Branch:
        return Branch(_ARRAY, array=rule)

    if schema.get("minItems", 0) > 0:
        yield told(ArrayConstraint(max_items=int(schema["minItems"]) - 1))
    if "maxItems" in schema:
        yield told(ArrayConstraint(min_items=int(schema["maxItems"]) + 1))
    if schema.get("uniqueItems") is True:
        yield told(ArrayConstraint(min_items=2, has_duplicate=True))
    first = schema.get("prefixItems", ())
    for index, part in enumerate(first):
        wrong = ItemSchemas(
            (*[Requirement(True)] * index, Requirement(part, False)), annotates=False
        )
        yield told(ArrayConstraint(min_items=index + 1, groups=(wrong,)))
    if "items" in schema:
        wrong_one = Contains(Requirement(schema["items"], False), start=len(first), annotates=False)
        yield told(ArrayConstraint(min_items=len(first) + 1, contains=(wrong_one,)))
    for rule in _contains(schema):
        if rule.min_count > 0:
            yield told(
                ArrayConstraint(
                    contains=(Contains(rule.requirement, 0, rule.min_count - 1, annotates=False),)
                )
            )
        if rule.max_count is not None:
            yield told(
                ArrayConstraint(
                    contains=(Contains(rule.requirement, rule.max_count + 1, annotates=False),)
                )
            )


def _refuted_objects(schema: dict[str, Any], hides: HiddenPredicate) -> Iterator[Branch]:
    def told(rule: ObjectConstraint) -> Branch:
        return Branch(_OBJECT, object=rule)

    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if not hides(properties.get(name)):
            yield told(ObjectConstraint(forbidden=frozenset([name])))
    for name, part in properties.items():
        group = MemberSchemas({name: Requirement(part, False)}, annotates=False)
        yield told(ObjectConstraint(required=(name,), groups=(group,)))
    for pattern, part in schema.get("patternProperties", {}).items():
        named = Requirement({"type": "string", "pattern": pattern})
        yield told(
            ObjectConstraint(needed_members=(NeededMember((named,), Requirement(part, False)),))
        )
    if "additionalProperties" in schema:
        extra = NeededMember(
            value=Requirement(schema["additionalProperties"], False), group=_members(schema)
        )
        yield told(ObjectConstraint(needed_members=(extra,)))
    if "propertyNames" in schema:
        yield told(
            ObjectConstraint(
                needed_members=(NeededMember((Requirement(schema["propertyNames"], False),)),)
            )
        )
    if schema.get("minProperties", 0) > 0:
        yield told(ObjectConstraint(max_members=int(schema["minProperties"]) - 1))
    if "maxProperties" in schema:
        yield told(ObjectConstraint(min_members=int(schema["maxProperties"]) + 1))
    for name, needed in schema.get("dependentRequired", {}).items():
        for other in needed:
            yield told(ObjectConstraint(required=(name,), forbidden=frozenset([other])))
