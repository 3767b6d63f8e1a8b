"""What the keywords say that hold no schema against the same value: as branches, held or broken."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from understudy.contract.schema.formats import ASSERTED, INT_BOUNDS
from understudy.strategies.schema.constraints import (
    KINDS,
    NUMBERS,
    ArrayRule,
    Atom,
    Branch,
    Contains,
    ItemGroup,
    MemberGroup,
    NumberRule,
    ObjectRule,
    Some,
    TextRule,
    alive,
    json_key,
)

Hides = Callable[[Any], bool]
_KINDS_OF_TYPE = {"number": NUMBERS, **{kind: frozenset([kind]) for kind in KINDS - {"fraction"}}}
_TEXT, _ARRAY, _OBJECT = frozenset(["string"]), frozenset(["array"]), frozenset(["object"])


def _written(number: float) -> Fraction:
    """Give a number as it was written: 0.1 is a tenth."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def kinds_of(told: Any) -> frozenset[str]:
    """Give the kinds that a `type` allows."""
    names = [told] if isinstance(told, str) else told
    return frozenset(kind for name in names for kind in _KINDS_OF_TYPE.get(name, ()))


def asserted(schema: dict[str, Any], hides: Hides) -> Iterator[Branch]:
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
    branch = alive(
        Branch(
            kinds_of(schema["type"]) if "type" in schema else KINDS,
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


def _number(schema: dict[str, Any]) -> NumberRule:
    lows = [(Fraction(schema["minimum"]), False)] if "minimum" in schema else []
    lows += [(Fraction(schema["exclusiveMinimum"]), True)] if "exclusiveMinimum" in schema else []
    highs = [(Fraction(schema["maximum"]), True)] if "maximum" in schema else []
    highs += [(Fraction(schema["exclusiveMaximum"]), False)] if "exclusiveMaximum" in schema else []
    low, above = max(lows, default=(None, False))
    high, within = min(highs, default=(None, True))
    least, most = INT_BOUNDS.get(schema.get("format", ""), (None, None))
    step = _written(schema["multipleOf"]) if "multipleOf" in schema else None
    return NumberRule(low, high, above, not within, least, most, step)


def _text(schema: dict[str, Any]) -> TextRule:
    form = schema.get("format")
    return TextRule(
        int(schema.get("minLength", 0)),
        _count(schema.get("maxLength")),
        (schema["pattern"],) if "pattern" in schema else (),
        formats=(form,) if form is not None and form not in INT_BOUNDS else (),
    )


def _count(told: Any) -> int | None:
    return None if told is None else int(told)


def _array(schema: dict[str, Any]) -> ArrayRule:
    groups: tuple[ItemGroup, ...] = ()
    if "prefixItems" in schema or "items" in schema:
        rest = Atom(schema["items"]) if "items" in schema else None
        groups = (ItemGroup(tuple(map(Atom, schema.get("prefixItems", ()))), rest),)
    return ArrayRule(
        int(schema.get("minItems", 0)),
        _count(schema.get("maxItems")),
        schema.get("uniqueItems") is True,
        groups=groups,
        contains=tuple(_contains(schema)),
    )


def _contains(schema: dict[str, Any]) -> Iterator[Contains]:
    if "contains" in schema:
        least, most = int(schema.get("minContains", 1)), _count(schema.get("maxContains"))
        yield Contains(Atom(schema["contains"]), least, most)


def _object(schema: dict[str, Any], hides: Hides) -> ObjectRule:
    properties = schema.get("properties", {})
    hidden = frozenset(name for name, part in properties.items() if hides(part))
    groups = (
        (_members(schema),)
        if {"properties", "patternProperties", "additionalProperties"} & schema.keys()
        else ()
    )
    return ObjectRule(
        tuple(name for name in schema.get("required", ()) if name not in hidden),
        hidden,
        int(schema.get("minProperties", 0)),
        _count(schema.get("maxProperties")),
        (Atom(schema["propertyNames"]),) if "propertyNames" in schema else (),
        groups,
    )


def _members(schema: dict[str, Any]) -> MemberGroup:
    named = {name: Atom(part) for name, part in schema.get("properties", {}).items()}
    patterns = tuple(
        (pattern, Atom(part)) for pattern, part in schema.get("patternProperties", {}).items()
    )
    rest = Atom(schema["additionalProperties"]) if "additionalProperties" in schema else None
    return MemberGroup(named, patterns, rest)


# Broken


def refuted(schema: dict[str, Any], hides: Hides) -> Iterator[Branch]:
    """Give one branch for each way to break one of the plain keywords of a schema."""
    for branch in _refuted(schema, hides):
        living = alive(branch)
        if living is not None:
            yield living


def _refuted(schema: dict[str, Any], hides: Hides) -> Iterator[Branch]:
    if "type" in schema:
        yield Branch(KINDS - kinds_of(schema["type"]))
    if "enum" in schema:
        yield Branch(never=tuple(schema["enum"]))
    if "const" in schema:
        yield Branch(never=(schema["const"],))
    yield from _refuted_numbers(schema)
    yield from _refuted_texts(schema)
    yield from _refuted_arrays(schema)
    yield from _refuted_objects(schema, hides)


def _refuted_numbers(schema: dict[str, Any]) -> Iterator[Branch]:
    rules: dict[str, Callable[[Fraction], NumberRule]] = {
        "minimum": lambda bound: NumberRule(high=bound, below=True),
        "exclusiveMinimum": lambda bound: NumberRule(high=bound),
        "maximum": lambda bound: NumberRule(low=bound, above=True),
        "exclusiveMaximum": lambda bound: NumberRule(low=bound),
        "multipleOf": lambda step: NumberRule(not_steps=(step,)),
    }
    for keyword, rule in rules.items():
        if keyword in schema:
            told = (
                _written(schema[keyword]) if keyword == "multipleOf" else Fraction(schema[keyword])
            )
            yield Branch(NUMBERS, number=rule(told))
    if schema.get("format") in INT_BOUNDS:
        least, most = INT_BOUNDS[schema["format"]]
        yield Branch(frozenset(["integer"]), number=NumberRule(least=most + 1))
        yield Branch(frozenset(["integer"]), number=NumberRule(most=least - 1))


def _refuted_texts(schema: dict[str, Any]) -> Iterator[Branch]:
    if schema.get("minLength", 0) > 0:
        yield Branch(_TEXT, text=TextRule(most=int(schema["minLength"]) - 1))
    if "maxLength" in schema:
        yield Branch(_TEXT, text=TextRule(least=int(schema["maxLength"]) + 1))
    if "pattern" in schema:
        yield Branch(_TEXT, text=TextRule(not_patterns=(schema["pattern"],)))
    if schema.get("format") in ASSERTED and schema["format"] not in INT_BOUNDS:
        yield Branch(_TEXT, text=TextRule(not_formats=(schema["format"],)))


def _refuted_arrays(schema: dict[str, Any]) -> Iterator[Branch]:
    def told(rule: ArrayRule) -> Branch:
        return Branch(_ARRAY, array=rule)

    if schema.get("minItems", 0) > 0:
        yield told(ArrayRule(most=int(schema["minItems"]) - 1))
    if "maxItems" in schema:
        yield told(ArrayRule(least=int(schema["maxItems"]) + 1))
    if schema.get("uniqueItems") is True:
        yield told(ArrayRule(least=2, repeats=True))
    first = schema.get("prefixItems", ())
    for index, part in enumerate(first):
        wrong = ItemGroup((*[Atom(True)] * index, Atom(part, False)), annotates=False)
        yield told(ArrayRule(least=index + 1, groups=(wrong,)))
    if "items" in schema:
        wrong_one = Contains(Atom(schema["items"], False), start=len(first), annotates=False)
        yield told(ArrayRule(least=len(first) + 1, contains=(wrong_one,)))
    for rule in _contains(schema):
        if rule.least > 0:
            yield told(
                ArrayRule(contains=(Contains(rule.atom, 0, rule.least - 1, annotates=False),))
            )
        if rule.most is not None:
            yield told(ArrayRule(contains=(Contains(rule.atom, rule.most + 1, annotates=False),)))


def _refuted_objects(schema: dict[str, Any], hides: Hides) -> Iterator[Branch]:
    def told(rule: ObjectRule) -> Branch:
        return Branch(_OBJECT, object=rule)

    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if not hides(properties.get(name)):
            yield told(ObjectRule(missing=frozenset([name])))
    for name, part in properties.items():
        group = MemberGroup({name: Atom(part, False)}, annotates=False)
        yield told(ObjectRule(needed=(name,), groups=(group,)))
    for pattern, part in schema.get("patternProperties", {}).items():
        named = Atom({"type": "string", "pattern": pattern})
        yield told(ObjectRule(some=(Some((named,), Atom(part, False)),)))
    if "additionalProperties" in schema:
        extra = Some(value=Atom(schema["additionalProperties"], False), group=_members(schema))
        yield told(ObjectRule(some=(extra,)))
    if "propertyNames" in schema:
        yield told(ObjectRule(some=(Some((Atom(schema["propertyNames"], False),)),)))
    if schema.get("minProperties", 0) > 0:
        yield told(ObjectRule(most=int(schema["minProperties"]) - 1))
    if "maxProperties" in schema:
        yield told(ObjectRule(least=int(schema["maxProperties"]) + 1))
    for name, needed in schema.get("dependentRequired", {}).items():
        for other in needed:
            yield told(ObjectRule(needed=(name,), missing=frozenset([other])))
