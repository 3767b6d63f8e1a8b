"""Checks of schemas in 2020-12: values of keywords, patterns, and circles of references.

A keyword with a flaw is reported and removed: the other keywords of its schema still count.
"""

from collections.abc import Iterator
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    join_pointer,
    parse_pointer,
    ref_target,
    resolve_pointer,
)
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.loading.endless_schemas import find_endless_schemas
from understudy.contract.loading.impossible_schemas import (
    CONSTRAINTS,
    find_contradiction,
    find_equal_alternatives,
)
from understudy.contract.operation.render import FIELD_EXTENSION
from understudy.contract.schema.keywords import (
    KEYWORD_VALUE_CHECKS,
    SCHEMA_LIST_KEYWORDS,
    SCHEMA_MAP_KEYWORDS,
    find_in_place_subschemas,
    iter_subschemas,
)
from understudy.regexgen import translate

_MAX_MINIMA = {
    **dict.fromkeys(("minItems", "minProperties", "minContains"), 10_000),
    "minLength": 1_000_000,
}
"""The largest minimum of a length for which data is generated in an acceptable time."""
_MAX_APPLIED = 20_000
"""Schemas that apply to the same value, counted once for each way that leads to them.

A validator takes each of the ways."""
_MAX_CHAIN = 100
"""Schemas that apply to the same value, each inside of the one before or its `$ref` target.

Sampler and validators call themselves for each of them."""
_Located = tuple[Any, str]
"""A node and its pointer."""


class SchemaChecker:
    """Checks schemas of one document, each once."""

    def __init__(self, data: JsonObject, problems: ShapeProblems) -> None:
        self.data = data
        self.problems = problems
        self._in_place: dict[str, list[str]] = {}
        """By pointer of each schema that was checked: the pointers of the schemas that apply to the
        same value."""
        self.has_write_only = False
        """Whether any of the schemas is `writeOnly`."""
        self._constrained: list[tuple[JsonObject, str]] = []
        """The schemas whose keywords may contradict each other, each with its pointer."""

    def check(self, schema: object, pointer: str) -> bool:
        """Check a schema, those below it, and those that it refers to; each once.

        Returns whether it is a schema. A loop instead of recursion: schemas refer to each other in
        circles.
        """
        waiting = [(schema, pointer)]
        while waiting:
            part, where = waiting.pop()
            if where in self._in_place:
                continue
            self._in_place[where] = []
            if isinstance(part, dict):
                self._check_keywords(part, where)
                if not CONSTRAINTS.isdisjoint(part):
                    self._constrained.append((part, where))
                waiting += self._iter_reached(part, where)
            elif not isinstance(part, bool):
                expected = "a mapping, true or false"
                self.problems.add("bad-schema", "not a schema", where, expected=expected)
        return isinstance(schema, dict | bool)

    def _check_keywords(self, schema: JsonObject, pointer: str) -> None:
        """Check the value of each keyword; an unknown keyword is allowed.

        Source: JSON Schema 2020-12, core, section 4.3.1.
        """
        for keyword in schema.keys() & KEYWORD_VALUE_CHECKS.keys():
            value = schema[keyword]
            is_valid, expected = KEYWORD_VALUE_CHECKS[keyword]
            if not is_valid(value):
                where = child_pointer(pointer, keyword)
                message = f'invalid value of the schema keyword "{keyword}"'
                self.problems.add("bad-schema", message, where, expected=expected)
                _repair_keyword(schema, keyword, value)
        if not isinstance(schema.get(FIELD_EXTENSION, ""), str):
            self.problems.check_type(schema, FIELD_EXTENSION, str, "a text", pointer)
            del schema[FIELD_EXTENSION]
        self.has_write_only = self.has_write_only or schema.get("writeOnly") is True
        self._check_patterns(schema, pointer)
        for keyword, limit in _MAX_MINIMA.items():
            if schema.get(keyword, 0) > limit:
                message = f'the value of "{keyword}" is too large to generate data for'
                where = f"{pointer}/{keyword}"
                self.problems.add("too-large", message, where, expected=f"at most {limit}")
                del schema[keyword]

    def _check_patterns(self, schema: JsonObject, pointer: str) -> None:
        """Report each pattern that cannot be compiled; no text is checked against it."""
        patterns = {"pattern": schema["pattern"]} if "pattern" in schema else {}
        located = [(f"{pointer}/{key}", pattern) for key, pattern in patterns.items()]
        for pattern in schema.get("patternProperties", {}):
            where = child_pointer(pointer, "patternProperties", pattern)
            located.append((where, pattern))
        for where, pattern in located:
            if translate(pattern) is None:
                message = f'the pattern "{pattern}" cannot be compiled, so it has no effect'
                expected = "a regular expression of ECMA-262"
                is_key = not where.endswith("/pattern")
                self.problems.add("bad-pattern", message, where, key=is_key, expected=expected)

    def _iter_reached(self, schema: JsonObject, pointer: str) -> Iterator[_Located]:
        """Yield the subschemas of a schema and its `$ref` target, each with its pointer.

        The schemas among them that apply to the same value are recorded for `check_cycles`.
        """
        for where, part in iter_subschemas(schema, pointer):
            yield part, where
        self._in_place[pointer] += find_in_place_subschemas(schema, pointer)
        target = ref_target(schema)
        if target is None:
            return
        try:
            target_schema = resolve_pointer(self.data, target)
        except PointerError:
            # The references were checked before; this one belongs to data.
            return
        # One spelling for each pointer, so that each schema is checked once.
        where = join_pointer(parse_pointer(target))
        self._in_place[pointer].append(where)
        yield target_schema, where

    def check_cycles(self) -> None:
        """Report and open each circle of schemas that apply to the same value.

        Such a schema is valid if it is valid: no validator could ever finish. A chain that is very
        long is cut. The search is depth first; `path` are the schemas from the start to the current
        one, `done` the lengths of the chains that begin at a schema.
        """
        done: dict[str, int] = {}
        applied: dict[str, int] = {}
        """How many schemas apply to a value of each schema, one for each way to it."""
        for start in self._in_place:
            path: dict[str, None] = {}
            stack = [(start, False)]
            while stack:
                where, is_leaving = stack.pop()
                if is_leaving:
                    path.popitem()
                    below = self._in_place.get(where, [])
                    done[where] = 1 + max((done.get(part, 0) for part in below), default=0)
                    applied[where] = 1 + sum(applied.get(part, 0) for part in below)
                    if done[where] > _MAX_CHAIN:
                        self._cut_chain(where, f"{_MAX_CHAIN} schemas", "one below the other")
                        done[where] = 0
                    elif applied[where] > _MAX_APPLIED and self._cut_chain(
                        where, f"{_MAX_APPLIED} schemas", "in different ways"
                    ):
                        applied[where] = 1
                elif where in path:
                    message = "the schema refers to itself for the same value"
                    expected = "a reference under a property or item"
                    self.problems.add("circular-ref", message, where, expected=expected)
                    self._open_cycle([*path, where])
                elif where not in done:
                    path[where] = None
                    stack.append((where, True))
                    stack += [(part, False) for part in self._in_place.get(where, [])]

    def check_endless(self) -> None:
        """Report each circle of schemas that require each other: no value is valid."""
        for pointer in find_endless_schemas(self.data, self._in_place):
            name = f"the schema {pointer or '/'}"
            message = f"{name} requires itself, so no value is valid: it would have no end"
            expected = "a property on the way that is optional or nullable"
            self.problems.add("endless-schema", message, pointer, expected=expected)

    def check_impossible(self) -> None:
        """Report each schema that no value satisfies, and equal alternatives.

        The other keywords were checked before, and no schema refers to itself for the same value.
        """
        for schema, pointer in self._constrained:
            reason = find_contradiction(self.data, schema)
            if reason:
                message = f"no value satisfies the schema {pointer or '/'}: {reason}"
                expected = "keywords that allow a value"
                self.problems.add("impossible-schema", message, pointer, expected=expected)
            for group in find_equal_alternatives(self.data, schema):
                names = ", ".join(map(str, group))
                message = (
                    f"the alternatives {names} of {pointer}/oneOf are equal, so no value of them "
                    "is valid: it matches each"
                )
                where = f"{pointer}/oneOf/{group[1]}"
                expected = "alternatives that differ, or anyOf"
                self.problems.add("equal-alternatives", message, where, expected=expected)

    def _cut_chain(self, pointer: str, number: str, ways: str) -> bool:
        """Remove a `$ref` that too many schemas for the same value follow; return whether it did.

        A schema without one is left alone: the chain is cut at the next one above it.
        """
        schema = resolve_pointer(self.data, pointer)
        if isinstance(schema, dict) and "$ref" in schema:
            message = f"more than {number} apply to the same value {ways}"
            self.problems.add("too-deep", message, f"{pointer}/$ref", expected="fewer of them")
            del schema["$ref"]
            return True
        return False

    def _open_cycle(self, path: list[str]) -> None:
        """Remove the last reference of a circle; `path` ends with the schema that repeats."""
        start = path.index(path[-1])
        for pointer in reversed(path[start:-1]):
            schema = resolve_pointer(self.data, pointer)
            if isinstance(schema, dict) and "$ref" in schema:
                del schema["$ref"]
                return


def _repair_keyword(schema: JsonObject, keyword: str, value: object) -> None:
    """Remove a keyword with a wrong value, or only what is wrong in the value."""
    if keyword == "required" and isinstance(value, list):
        schema["required"] = list(dict.fromkeys(name for name in value if isinstance(name, str)))
        return
    if keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
        for name in [name for name, part in value.items() if not isinstance(part, dict | bool)]:
            value[name] = True
        return
    if keyword in SCHEMA_LIST_KEYWORDS and isinstance(value, list) and value:
        value[:] = [part if isinstance(part, dict | bool) else True for part in value]
        return
    if keyword == "type" and isinstance(value, list):
        names = list(dict.fromkeys(name for name in value if isinstance(name, str)))
        check, _ = KEYWORD_VALUE_CHECKS["type"]
        if check(names):
            schema["type"] = names
            return
    del schema[keyword]
