"""Matchers of texts and of JSON bodies.

Each matcher decides whether a call matches, and reports what it found, so that a near miss can be
explained.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from understudy.messages import Json, is_secret, redact, redact_body, redact_text
from understudy.patterns.bounded_regex import TOO_SLOW, Pattern
from understudy.patterns.jsonpath_query import JsonPath
from understudy.rules.matching.call_context import NOT_JSON, CallView
from understudy.rules.values.json_compare import as_text, format_value, is_json_subset, json_equal

MAX_SHOWN_BODY = 8192
"""How much of a body is read for a report, which shows its beginning."""
_NAME = re.compile(r"[\w-]+")

CheckResult = tuple[bool, object]
"""Whether a condition holds, and the actual value: a JSON value, or a text for people."""


@dataclass(frozen=True, slots=True)
class ValueMatcher:
    """A matcher of one of several texts; all of its conditions have to hold of the same text."""

    equals: str | None = None
    matches: Pattern | None = None
    """A pattern that is searched anywhere in the text."""
    contains: str | None = None
    present: bool | None = None
    """True: there is a text. False: there is none."""

    def check(self, texts: Sequence[str]) -> tuple[bool, str]:
        """Return whether one of the texts matches, and a note when a pattern took too long."""
        if self.present is False:
            return not texts, ""
        note = ""
        for text in texts:
            result = self._check_text(text)
            if result:
                return True, ""
            if result is None:
                note = TOO_SLOW
        return False, note

    def _check_text(self, text: str) -> bool | None:
        """Return whether a text matches; None when the pattern took too long."""
        if self.equals is not None and text != self.equals:
            return False
        if self.contains is not None and self.contains not in text:
            return False
        if self.matches is None:
            return True
        return self.matches.is_found_in(text)

    def __str__(self) -> str:
        parts = []
        if self.equals is not None:
            parts.append(self.equals)
        if self.matches is not None:
            parts.append(f"matches {self.matches.text}")
        if self.contains is not None:
            parts.append(f"contains {self.contains}")
        if parts:
            return " and ".join(parts)
        return "absent" if self.present is False else "present"


@dataclass(frozen=True, slots=True)
class ShownBody:
    """The body of a request as a report shows it; it is built when a report is made."""

    view: CallView
    note: str = ""
    """What is wrong with the body."""

    def __str__(self) -> str:
        request = self.view.request
        body = redact_body(request.body[:MAX_SHOWN_BODY], request.headers.get("Content-Type"))
        text = format_value(body.decode("utf-8", "replace"))
        return f"{text} ({self.note})" if self.note else text


@dataclass(frozen=True, slots=True)
class BodyEquals:
    """A matcher of a JSON body: it equals a value, or has at least what the value has."""

    value: Json
    is_subset: bool = False
    """Whether the body may have more than `value`."""

    @property
    def expected(self) -> str:
        """The condition as a text."""
        verb = "has" if self.is_subset else "equals"
        return f"{verb} {redact_text(format_value(self.value))}"

    def check(self, view: CallView) -> CheckResult:
        """Return whether the body matches, and the body."""
        if view.json is NOT_JSON:
            return False, _describe_no_json(view)
        compare = is_json_subset if self.is_subset else json_equal
        return compare(self.value, view.json), view.json


@dataclass(frozen=True, slots=True)
class BodyMatches:
    """A matcher of the body as a text: it contains a match of a pattern."""

    pattern: Pattern

    @property
    def expected(self) -> str:
        """The condition as a text."""
        return f"matches {self.pattern.text}"

    def check(self, view: CallView) -> CheckResult:
        """Return whether the body matches, and the body."""
        is_match = self.pattern.is_found_in(view.text)
        return bool(is_match), ShownBody(view, TOO_SLOW if is_match is None else "")


@dataclass(frozen=True, slots=True)
class BodyJsonPath:
    """A matcher of a JSON body: one node that a JSONPath (RFC 9535) selects matches."""

    path: JsonPath
    equals: tuple[Json, ...] = ()
    """The one value that the node has to equal, or nothing: null is a value too."""
    matches: Pattern | None = None
    """A pattern that is searched in the node's text, or in its JSON."""
    contains: tuple[Json, ...] = ()
    """The one part of the node's text, or item of its list; or nothing."""

    @property
    def expected(self) -> str:
        """The condition as a text."""
        parts = [f"equals {format_value(value)}" for value in self.equals]
        if self.matches:
            parts.append(f"matches {self.matches.text}")
        parts += [f"contains {format_value(value)}" for value in self.contains]
        conditions = " and ".join(parts) or "is there"
        return f"{self.path.text} {redact(conditions) if self.selects_secret else conditions}"

    @property
    def selects_secret(self) -> bool:
        """Whether the path names a secret member."""
        return any(map(is_secret, _NAME.findall(self.path.text)))

    def check(self, view: CallView) -> CheckResult:
        """Return whether a selected node matches, and the nodes that were selected."""
        if view.json is NOT_JSON:
            return False, _describe_no_json(view)
        nodes = self.path.select(view.json)
        results = [self._check_node(node) for node in nodes]
        if any(results):
            return True, nodes
        if None in results:
            return False, ShownBody(view, TOO_SLOW)
        return False, nodes or "no such node"

    def _check_node(self, node: Json) -> bool | None:
        """Return whether a node matches; None when the pattern took too long."""
        if not all(json_equal(value, node) for value in self.equals):
            return False
        if not all(_contains(node, value) for value in self.contains):
            return False
        if self.matches is None:
            return True
        return self.matches.is_found_in(as_text(node))


def _contains(node: Json, value: Json) -> bool:
    if isinstance(node, list):
        return any(json_equal(value, item) for item in node)
    return isinstance(node, str) and as_text(value) in node


def _describe_no_json(view: CallView) -> ShownBody | str:
    return ShownBody(view, "not JSON") if view.request.body else "no body"


def join_texts(texts: Iterable[str]) -> str:
    """Return the values of a part of the request, which may be repeated, as one text."""
    return ", ".join(texts) or "nothing"
