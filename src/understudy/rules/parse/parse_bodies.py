"""Reads what a request's body has to be like."""

from collections.abc import Iterator
from typing import Any

from understudy.rules.matching.value_matchers import BodyEquals, BodyMatches, BodyNode
from understudy.rules.parse.parse_context import Reading
from understudy.rules.values.bounded_regex import compile_pattern
from understudy.rules.values.jsonpath_query import compile_path

_KEYS = ("equals", "subset", "matches", "jsonpath")
_NODE = ("path", "equals", "matches", "contains")
_PATH = "a JSONPath such as $.items[?@.id == 1]"


def read_body(
    data: Any, reading: Reading, pointer: str
) -> Iterator[BodyEquals | BodyMatches | BodyNode]:
    """Give each condition on a body: all of them have to hold."""
    told = reading.members(data, _KEYS, pointer)
    if data == {}:
        reading.note(
            "missing-key",
            ": the body is to be like nothing",
            pointer,
            expected=f"one of {', '.join(_KEYS)}",
        )
    if "equals" in told:
        yield BodyEquals(told["equals"])
    if "subset" in told:
        yield BodyEquals(told["subset"], partly=True)
    if "matches" in told:
        pattern = reading.parsed(
            compile_pattern, told["matches"], f"{pointer}/matches", "a regular expression"
        )
        if pattern is not None:
            yield BodyMatches(pattern)
    if "jsonpath" in told:
        yield from _node(told["jsonpath"], reading, f"{pointer}/jsonpath")


def _node(data: Any, reading: Reading, pointer: str) -> Iterator[BodyNode]:
    if isinstance(data, str):
        path = reading.parsed(compile_path, data, pointer, _PATH)
        if path is not None:
            yield BodyNode(path)
        return
    told = reading.members(data, _NODE, pointer)
    if "path" not in told:
        if isinstance(data, dict):
            reading.note(
                "missing-key", ': the key "path" is missing', pointer, expected=f"path: {_PATH}"
            )
        return
    path = reading.parsed(compile_path, told["path"], f"{pointer}/path", _PATH)
    pattern = None
    if "matches" in told:
        pattern = reading.parsed(
            compile_pattern, told["matches"], f"{pointer}/matches", "a regular expression"
        )
    if path is not None:
        equals, contains = (
            tuple(told[key] for key in (name,) if key in told) for name in ("equals", "contains")
        )
        yield BodyNode(path, equals, pattern, contains)
