"""Changes of keywords whose schemas are not compared member by member: not, if, contains, …"""

from collections.abc import Iterator
from typing import Any

from understudy.compare.change import Change, Impact, Side, Subject, impact_of
from understudy.contract.document.pointers import JsonObject
from understudy.contract.expansion.json_kinds import json_key

_RESTRICTING = {
    "not": ("not",),
    "condition": ("if", "then", "else"),
    "contains": ("contains",),
    "property-names": ("propertyNames",),
    "dependencies": ("dependentRequired", "dependentSchemas"),
    "unevaluated-items": ("unevaluatedItems",),
}
"""Keywords that allow fewer values than without them, by the name in the rule."""


def compare_applicators(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Yield the changes of keywords that are compared as a whole, of discriminators and marks."""
    for name, keywords in _RESTRICTING.items():
        before = {keyword: old[keyword] for keyword in keywords if keyword in old}
        after = {keyword: new[keyword] for keyword in keywords if keyword in new}
        if json_key(before) != json_key(after):
            yield _compare_restriction(subject, name, before, after)
    yield from _compare_discriminators(subject, old, new)
    if new.get("deprecated") is True and old.get("deprecated") is not True:
        rule = f"{subject.side.value}-property-deprecated"
        yield subject.change(Impact.DANGEROUS, rule, "it is deprecated now")


def _compare_restriction(
    subject: Subject, name: str, before: dict[str, Any], after: dict[str, Any]
) -> Change:
    """Return the change of a restriction; another one allows other values, not more or fewer."""
    keywords = " and ".join(before | after)
    if before and after:
        is_request = subject.side is Side.REQUEST
        impact = Impact.BREAKING if is_request else Impact.DANGEROUS
        return subject.change(impact, f"{subject.side.value}-{name}-changed", f"{keywords} changed")
    narrows = not before
    verb = "added" if narrows else "removed"
    kind = "narrowed" if narrows else "widened"
    impact = impact_of(subject.side, narrows=narrows)
    return subject.change(impact, f"{subject.side.value}-{name}-{kind}", f"{keywords} was {verb}")


def _compare_discriminators(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Yield changes of the property that names the alternative, and of the names."""
    before, after = _discriminator(old), _discriminator(new)
    if not before and not after:
        return
    side = subject.side.value
    names = [part.get("propertyName") for part in (before, after)]
    if not before or not after:
        verb = "removed" if before else "added"
        text = f"the discriminator {names[0] or names[1]} was {verb}"
        yield subject.change(Impact.DANGEROUS, f"{side}-discriminator-{verb}", text)
        return
    if names[0] != names[1]:
        text = f"the discriminator was {names[0]}, is {names[1]}"
        yield subject.change(Impact.BREAKING, f"{side}-discriminator-changed", text)
    yield from _compare_mappings(subject, before, after)


def _discriminator(schema: JsonObject) -> JsonObject:
    value = schema.get("discriminator")
    return value if isinstance(value, dict) else {}


def _compare_mappings(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = old.get("mapping") or {}, new.get("mapping") or {}
    rule = f"{subject.side.value}-discriminator-mapping"
    for value in before:
        if value not in after:
            text = f"the value {value} of the discriminator was removed"
            yield subject.change(impact_of(subject.side, narrows=True), f"{rule}-removed", text)
        elif before[value] != after[value]:
            text = f"the value {value} of the discriminator names another schema"
            yield subject.change(Impact.BREAKING, f"{rule}-changed", text)
    for value in after:
        if value not in before:
            text = f"the value {value} of the discriminator was added"
            yield subject.change(impact_of(subject.side, narrows=False), f"{rule}-added", text)


def pair_patterns(old: JsonObject, new: JsonObject) -> Iterator[tuple[str, Any, Any]]:
    """Yield the patterns of member names that either schema has, with both schemas.

    A pattern that is not there allows anything.
    """
    before, after = old.get("patternProperties") or {}, new.get("patternProperties") or {}
    for pattern in dict.fromkeys([*before, *after]):
        yield pattern, before.get(pattern, {}), after.get(pattern, {})
