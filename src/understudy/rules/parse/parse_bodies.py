"""Parser of conditions on a request's body: what stands under `body` of a `when`.

body: {subset: {name: copy}, matches: urgent, jsonpath: {path: $.items[*].id, equals: 7}}
"""

from collections.abc import Iterator

from understudy.messages import Json
from understudy.patterns.bounded_regex import Pattern, compile_pattern
from understudy.patterns.jsonpath_query import compile_rule_jsonpath
from understudy.rules.matching.value_matchers import BodyEquals, BodyJsonPath, BodyMatches
from understudy.rules.parse.parse_context import ParseContext

BodyMatcher = BodyEquals | BodyMatches | BodyJsonPath
_BODY_KEYS = ("equals", "subset", "matches", "jsonpath")
_NODE_KEYS = ("path", "equals", "matches", "contains")
_JSONPATH_EXPECTED = "a JSONPath such as $.items[?@.id == 1]"
_PATTERN_EXPECTED = "a regular expression"


def parse_body(data: object, context: ParseContext, pointer: str) -> Iterator[BodyMatcher]:
    """Yield each matcher of a body; all of them have to match."""
    members = context.parse_mapping(data, _BODY_KEYS, pointer)
    if data == {}:
        message = "the body has no condition"
        expected = f"one of {', '.join(_BODY_KEYS)}"
        context.add_problem("missing-key", message, pointer, expected=expected)
    if "equals" in members:
        yield BodyEquals(members["equals"])
    if "subset" in members:
        yield BodyEquals(members["subset"], is_subset=True)
    pattern = parse_pattern(members, context, pointer)
    if pattern is not None:
        yield BodyMatches(pattern)
    if "jsonpath" in members:
        yield from _parse_node(members["jsonpath"], context, f"{pointer}/jsonpath")


def parse_pattern(members: dict[str, Json], context: ParseContext, pointer: str) -> Pattern | None:
    """Return the pattern under the key `matches`, or None when it is missing or invalid."""
    if "matches" not in members:
        return None
    return context.parse_text(
        compile_pattern, members["matches"], f"{pointer}/matches", _PATTERN_EXPECTED
    )


def _parse_node(data: object, context: ParseContext, pointer: str) -> Iterator[BodyJsonPath]:
    """Parse a JSONPath, or a mapping of a `path` and conditions on the nodes that it selects.

    Yield nothing when the path is missing or invalid.
    """
    if isinstance(data, str):
        path = context.parse_text(compile_rule_jsonpath, data, pointer, _JSONPATH_EXPECTED)
        if path is not None:
            yield BodyJsonPath(path)
        return
    members = context.parse_mapping(data, _NODE_KEYS, pointer)
    if "path" not in members:
        if isinstance(data, dict):
            expected = f"path: {_JSONPATH_EXPECTED}"
            context.add_problem("missing-key", 'missing key "path"', pointer, expected=expected)
        return
    path = context.parse_text(
        compile_rule_jsonpath, members["path"], f"{pointer}/path", _JSONPATH_EXPECTED
    )
    pattern = parse_pattern(members, context, pointer)
    if path is not None:
        equals = _list_member(members, "equals")
        contains = _list_member(members, "contains")
        yield BodyJsonPath(path, equals, pattern, contains)


def _list_member(members: dict[str, Json], key: str) -> tuple[Json, ...]:
    """Return the value under a key alone, or nothing: null is a value too."""
    if key not in members:
        return ()
    return (members[key],)
