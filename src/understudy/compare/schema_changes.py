"""Changes of a schema and of everything inside of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from understudy.compare.alternatives import pair_alternatives, unwrap
from understudy.compare.applicator_changes import compare_applicators, pair_patterns
from understudy.compare.change import Change, Impact, Side, Subject, impact_of
from understudy.compare.keyword_changes import compare_keywords
from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.schema.merge import follow_plain_refs, merge_schemas

_MAX_DEPTH = 40
_HIDDEN = {Side.REQUEST: "readOnly", Side.RESPONSE: "writeOnly"}
"""By side: the keyword of properties that a message of this side does not have."""


@dataclass(slots=True)
class SchemaComparison:
    """Compares schemas of one message. Each pair of schemas is compared once."""

    _seen: set[tuple[int, int]] = field(default_factory=set)
    _alive: list[object] = field(default_factory=list)
    """The schemas that were compared, so that no later object gets their identity."""

    def compare(
        self, subject: Subject, old: object, new: object, depth: int = 0
    ) -> Iterator[Change]:
        """Yield the changes of a schema; `subject` has the pointers of both."""
        old_target, old_pointer = follow_plain_refs(subject.old_contract.document, old)
        new_target, new_pointer = follow_plain_refs(subject.new_contract.document, new)
        subject = replace(subject, old=old_pointer or subject.old, new=new_pointer or subject.new)
        key = (id(old_target), id(new_target))
        if old_target == new_target == {} or key in self._seen or depth > _MAX_DEPTH:
            return
        self._seen.add(key)
        self._alive += [old_target, new_target]
        if isinstance(old_target, bool) or isinstance(new_target, bool):
            yield from _compare_flags(subject, old_target, new_target)
            return
        if _is_wrapped(old_target, new_target):
            yield from self._compare_wrapped(subject, old_target, new_target)
            return
        before = merge_schemas([old_target], subject.old_contract.document)
        after = merge_schemas([new_target], subject.new_contract.document)
        yield from compare_keywords(subject, before, after)
        yield from compare_applicators(subject, before, after)
        yield from self._compare_objects(subject, before, after, depth)
        yield from self._compare_items(subject, before, after, depth)
        yield from self._compare_alternatives(subject, before, after, depth)

    # Objects

    def _compare_objects(
        self, subject: Subject, old: JsonObject, new: JsonObject, depth: int
    ) -> Iterator[Change]:
        before, after = _properties(subject.side, old), _properties(subject.side, new)
        required_before = set(old.get("required") or ())
        required_after = set(new.get("required") or ())
        for name in before:
            member = _member(subject, name)
            if name not in after:
                yield _removed_property(member, subject, new, is_required=name in required_before)
            else:
                yield from self.compare(member, before[name], after[name], depth + 1)
        for name in after:
            if name not in before:
                yield _added_property(
                    _member(subject, name), subject, old, is_required=name in required_after
                )
        for name in sorted((required_before ^ required_after) & before.keys() & after.keys()):
            yield _changed_requirement(_member(subject, name), is_required=name in required_after)
        yield from self._compare_free_members(subject, old, new, depth)

    def _compare_free_members(
        self, subject: Subject, old: JsonObject, new: JsonObject, depth: int
    ) -> Iterator[Change]:
        before, after = _free_members(old), _free_members(new)
        if (before is False) != (after is False):
            side = subject.side
            text = "other members are allowed now"
            impact = Impact.DANGEROUS if side is Side.RESPONSE else Impact.HARMLESS
            if after is False:
                text = "other members are no longer allowed"
                impact = Impact.BREAKING if side is Side.REQUEST else Impact.HARMLESS
            yield subject.change(impact, f"{side.value}-additional-properties-changed", text)
        elif isinstance(before, dict) and isinstance(after, dict):
            free = _inside(subject, "{}", "additionalProperties")
            yield from self.compare(free, before, after, depth + 1)
        for pattern, first, second in pair_patterns(old, new):
            part = _inside(subject, f"{{{pattern}}}", "patternProperties", pattern)
            yield from self.compare(part, first, second, depth + 1)

    # Arrays

    def _compare_items(
        self, subject: Subject, old: JsonObject, new: JsonObject, depth: int
    ) -> Iterator[Change]:
        items = _inside(subject, "[]", "items")
        yield from self.compare(items, _open(old.get("items")), _open(new.get("items")), depth + 1)
        befores, afters = old.get("prefixItems") or [], new.get("prefixItems") or []
        for index in range(max(len(befores), len(afters))):
            head = _inside(subject, f"[{index}]", "prefixItems", index)
            # An item that has no schema of its own has that of all items.
            before = befores[index] if index < len(befores) else _open(old.get("items"))
            after = afters[index] if index < len(afters) else _open(new.get("items"))
            yield from self.compare(head, before, after, depth + 1)

    # Alternatives

    def _compare_alternatives(
        self, subject: Subject, old: JsonObject, new: JsonObject, depth: int
    ) -> Iterator[Change]:
        for pair in pair_alternatives(old, new):
            part = replace(subject, place=_join(subject.place, f"({pair.label})"))
            if pair.old is not None:
                pointer = child_pointer(subject.old, pair.old.keyword, pair.old.index)
                part = replace(part, old=pointer)
            if pair.new is not None:
                pointer = child_pointer(subject.new, pair.new.keyword, pair.new.index)
                part = replace(part, new=pointer)
            if pair.old is None or pair.new is None:
                yield _alternative(part, is_added=pair.old is None)
            else:
                yield from self.compare(part, pair.old.schema, pair.new.schema, depth + 1)

    def _compare_wrapped(self, subject: Subject, old: object, new: object) -> Iterator[Change]:
        """Yield the alternatives that were added beside a schema, or removed."""
        alternatives, schema = unwrap(new) or unwrap(old), old if unwrap(new) else new
        is_added = bool(unwrap(new))
        for part in alternatives:
            if json_key(part.schema) == json_key(schema):  # type: ignore[arg-type]
                continue
            inside = _inside(subject, f"({part.index})", part.keyword, part.index)
            yield _alternative(inside, is_added=is_added)


def _is_wrapped(old: object, new: object) -> bool:
    """Return whether one schema is an alternative of the other, which has only alternatives."""
    for schema, wrapper in ((old, new), (new, old)):
        keys = [json_key(part.schema) for part in unwrap(wrapper)]
        if not unwrap(schema) and json_key(schema) in keys:  # type: ignore[arg-type]
            return True
    return False


def _free_members(schema: JsonObject) -> object:
    """Return the schema of members of any name; False where they are forbidden."""
    if False in (schema.get("additionalProperties"), schema.get("unevaluatedProperties")):
        return False
    return _open(schema.get("additionalProperties"))


def _open(schema: object) -> object:
    """Return a schema that allows anything for one that is not there."""
    return {} if schema is None or schema is True else schema


def _compare_flags(subject: Subject, old: object, new: object) -> Iterator[Change]:
    """Yield a change when a schema became `true` or `false`, or was one."""
    if json_key(old) == json_key(new):  # type: ignore[arg-type]
        return
    narrows = old is True or new is False
    side = subject.side.value
    impact = Impact.DANGEROUS
    if narrows == (subject.side is Side.REQUEST):
        impact = Impact.BREAKING if narrows else Impact.DANGEROUS
    text = "fewer values are allowed" if narrows else "more values are allowed"
    yield subject.change(impact, f"{side}-schema-changed", text)


def _properties(side: Side, schema: JsonObject) -> dict[str, Any]:
    """Return the properties that a message of a side has."""
    hidden = _HIDDEN[side]
    return {
        name: part
        for name, part in (schema.get("properties") or {}).items()
        if not (isinstance(part, dict) and part.get(hidden) is True)
    }


def _removed_property(
    member: Subject, parent: Subject, new_parent: JsonObject, *, is_required: bool
) -> Change:
    """Return the change of a property that a client may still send, or wait for."""
    side = member.side
    if side is Side.REQUEST:
        is_forbidden = new_parent.get("additionalProperties") is False
        impact = Impact.BREAKING if is_forbidden else Impact.DANGEROUS
    else:
        impact = Impact.BREAKING if is_required else Impact.DANGEROUS
    text = "the property was removed"
    return member.change(impact, f"{side.value}-property-removed", text, new=parent.new)


def _added_property(
    member: Subject, parent: Subject, old_parent: JsonObject, *, is_required: bool
) -> Change:
    """Return the change of a property that a client does not send yet, or does not know."""
    side = member.side
    impact = Impact.HARMLESS
    if side is Side.REQUEST and is_required:
        impact = Impact.BREAKING
    if side is Side.RESPONSE and old_parent.get("additionalProperties") is False:
        impact = Impact.DANGEROUS
    kind = "required property" if is_required else "optional property"
    text = f"a new {kind}"
    return member.change(impact, f"{side.value}-property-added", text, old=parent.old)


def _changed_requirement(member: Subject, *, is_required: bool) -> Change:
    text = "the property is required now" if is_required else "the property is optional now"
    breaks = is_required == (member.side is Side.REQUEST)
    impact = Impact.BREAKING if breaks else Impact.HARMLESS
    rule = f"{member.side.value}-property-{'required' if is_required else 'optional'}"
    return member.change(impact, rule, text)


def _alternative(part: Subject, *, is_added: bool) -> Change:
    verb = "added" if is_added else "removed"
    impact = impact_of(part.side, narrows=not is_added)
    rule = f"{part.side.value}-alternative-{verb}"
    text = f"an alternative was {verb}"
    if is_added:
        return part.change(impact, rule, text, old="")
    return part.change(impact, rule, text, new="")


def _member(subject: Subject, name: str) -> Subject:
    return _inside(subject, f"/{name}", "properties", name)


def _inside(subject: Subject, label: str, *tokens: str | int) -> Subject:
    """Return the subject inside of another one.

    Where a node lies in a part of `allOf`, its pointer leads to nothing, and the place is that of
    the nearest node that exists.
    """
    return replace(
        subject,
        place=_join(subject.place, label),
        old=child_pointer(subject.old, *tokens),
        new=child_pointer(subject.new, *tokens),
    )


def _join(place: str, label: str) -> str:
    """Return a place with a label behind it: `response 200 /data/items[]`."""
    is_first = label.startswith("/") and "/" not in place.rpartition(" ")[2]
    return f"{place} {label}" if is_first else f"{place}{label}"
