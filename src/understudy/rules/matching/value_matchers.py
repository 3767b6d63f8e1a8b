"""What a text, or a JSON body, has to be like. Each decides, and says what it wants and what it found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from understudy.rules.matching.call_context import NOT_JSON, CallView
from understudy.rules.values.bounded_regex import TOO_SLOW, Pattern
from understudy.rules.values.json_compare import as_text, format_value, is_json_subset, json_equal
from understudy.rules.values.jsonpath_query import JsonPath

CheckResult = tuple[bool, Any]
"""Whether it matches, and what was found: a JSON value, or a text for people."""


@dataclass(frozen=True, slots=True)
class ValueMatcher:
    """What one of several texts has to be like. All that is told has to hold of the same text."""

    equals: str | None = None
    matches: Pattern | None = None
    contains: str | None = None
    present: bool | None = None

    def check(self, texts: Sequence[str]) -> tuple[bool, str]:
        """Whether one of the texts is so, and a note when a pattern took too long."""
        if self.present is False:
            return not texts, ""
        slow = False
        for text in texts:
            verdict = self._accepts(text)
            if verdict:
                return True, ""
            slow |= verdict is None
        return False, TOO_SLOW if slow else ""

    def _accepts(self, text: str) -> bool | None:
        if self.equals is not None and text != self.equals:
            return False
        if self.contains is not None and self.contains not in text:
            return False
        return True if self.matches is None else self.matches.is_found_in(text)

    def __str__(self) -> str:
        parts = [] if self.equals is None else [self.equals]
        parts += [] if self.matches is None else [f"matches {self.matches.text}"]
        parts += [] if self.contains is None else [f"contains {self.contains}"]
        if not parts:
            parts = ["absent" if self.present is False else "present"]
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class BodyEquals:
    """The body is this JSON value; with `partly`, it has at least what this one has."""

    value: Any
    is_subset: bool = False

    @property
    def wanted(self) -> str:
        """What is wanted, in words."""
        return f"{'has' if self.is_subset else 'equals'} {format_value(self.value)}"

    def check(self, sight: CallView) -> CheckResult:
        """Whether the body is so, and what it is."""
        if sight.json is NOT_JSON:
            return False, _no_json(sight)
        compare = is_json_subset if self.is_subset else json_equal
        return compare(self.value, sight.json), sight.json


@dataclass(frozen=True, slots=True)
class BodyMatches:
    """The body, as a text, holds a match of a pattern."""

    pattern: Pattern

    @property
    def wanted(self) -> str:
        """What is wanted, in words."""
        return f"matches {self.pattern.text}"

    def check(self, sight: CallView) -> CheckResult:
        """Whether the body is so, and what it is."""
        verdict = self.pattern.is_found_in(sight.text)
        return bool(
            verdict
        ), sight.text if verdict is not None else f"{format_value(sight.text)} ({TOO_SLOW})"


@dataclass(frozen=True, slots=True)
class BodyJsonPath:
    """A JSONPath (RFC 9535) selects a node of the body, and one that it selects is as told."""

    path: JsonPath
    equals: tuple[Any, ...] = ()
    """The one value that it has to equal, or nothing."""
    matches: Pattern | None = None
    contains: tuple[Any, ...] = ()
    """What its text contains, or one of its items equals; or nothing."""

    @property
    def wanted(self) -> str:
        """What is wanted, in words."""
        parts = [f"equals {format_value(value)}" for value in self.equals]
        parts += [f"matches {self.matches.text}"] if self.matches else []
        parts += [f"contains {format_value(value)}" for value in self.contains]
        return f"{self.path.text} {' and '.join(parts) or 'is there'}"

    def check(self, sight: CallView) -> CheckResult:
        """Whether there is such a node, and the nodes that were selected."""
        if sight.json is NOT_JSON:
            return False, _no_json(sight)
        nodes = self.path.select(sight.json)
        verdicts = [self._accepts(node) for node in nodes]
        if any(verdicts):
            return True, nodes
        if None in verdicts:
            return False, f"{format_value(nodes)} ({TOO_SLOW})"
        return False, nodes if nodes else "no such node"

    def _accepts(self, node: Any) -> bool | None:
        if any(not json_equal(value, node) for value in self.equals):
            return False
        if any(not _contains(node, value) for value in self.contains):
            return False
        return True if self.matches is None else self.matches.is_found_in(as_text(node))


def _contains(node: Any, value: Any) -> bool:
    if isinstance(node, list):
        return any(json_equal(value, item) for item in node)
    return isinstance(node, str) and as_text(value) in node


def _no_json(sight: CallView) -> str:
    return f"{format_value(sight.text)} (no JSON)" if sight.request.body else "no body"


def join_texts(texts: Iterable[str]) -> str:
    """Write what was found of a part that may be repeated."""
    return ", ".join(texts) or "nothing"
