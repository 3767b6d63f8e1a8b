"""Reads what a request's body has to be like."""

from collections.abc import Iterator
from typing import Any

from understudy.rules.matching.value_matchers import BodyEquals, BodyJsonPath, BodyMatches
from understudy.rules.parse.parse_context import ParseContext
from understudy.rules.values.bounded_regex import compile_pattern
from understudy.rules.values.jsonpath_query import compile_jsonpath

_KEYS = ("equals", "subset", "matches", "jsonpath")
_NODE = ("path", "equals", "matches", "contains")
_PATH = "a JSONPath such as $.items[?@.id == 1]"


def parse_body(
    data: Any, reading: ParseContext, pointer: str
) -> Iterator[BodyEquals | BodyMatches | BodyJsonPath]:
    """Give each condition on a body: all of them have to hold."""
    told = reading.parse_mapping(data, _KEYS, pointer)
    if data == {}:
        reading.add_problem(
            "missing-key",
            ": the body is to be like nothing",
            pointer,
            expected=f"one of {', '.join(_KEYS)}",
        )
    if "equals" in told:
        yield BodyEquals(told["equals"])
    if "subset" in told:
        yield BodyEquals(told["subset"], is_subset=True)
    if "matches" in told:
        pattern = reading.parse_text(
            compile_pattern, told["matches"], f"{pointer}/matches", "a regular expression"
        )
        if pattern is not None:
            yield BodyMatches(pattern)
    if "jsonpath" in told:
        yield from _node(told["jsonpath"], reading, f"{pointer}/jsonpath")


def _node(data: Any, reading: ParseContext, pointer: str) -> Iterator[BodyJsonPath]:
    if isinstance(data, str):
        path = reading.parse_text(compile_jsonpath, data, pointer, _PATH)
        if path is not None:
            yield BodyJsonPath(path)
        return
    told = reading.parse_mapping(data, _NODE, pointer)
    if "path" not in told:
        if isinstance(data, dict):
            reading.add_problem(
                "missing-key", ': the key "path" is missing', pointer, expected=f"path: {_PATH}"
            )
        return
    path = reading.parse_text(compile_jsonpath, told["path"], f"{pointer}/path", _PATH)
    pattern = None
    if "matches" in told:
        pattern = reading.parse_text(
            compile_pattern, told["matches"], f"{pointer}/matches", "a regular expression"
        )
    if path is not None:
        equals, contains = (
            tuple(told[key] for key in (name,) if key in told) for name in ("equals", "contains")
        )
        yield BodyJsonPath(path, equals, pattern, contains)
