"""Method and path as a rule writes them: `GET /tasks/*`, `* /files/**`, `GET /pets/{pet}/toys`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from understudy.contract import Operation
from understudy.patterns.wildcards import matches_with_gaps
from understudy.rules.matching.call_context import NO_VALUES

_ROUTE = re.compile(r"(\*|[A-Za-z]+) (/\S*)")
_VARIABLE = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """A pattern of methods and paths."""

    text: str
    """The pattern as it was written."""
    method: str
    """Upper case; `*` for any method."""
    segments: tuple[str, ...]
    """Decoded; `*` for any segment, `{name}` for any segment, which then has a name."""
    is_prefix: bool = False
    """Whether more segments may follow (`**`)."""

    def match(self, method: str, path: str) -> Mapping[str, str] | None:
        """Return the named segments of a percent-encoded path, or None when it does not match.

        HEAD counts as GET. Source: RFC 9110, section 9.3.2.
        """
        if method == "HEAD" and self.method == "GET":
            method = "GET"
        if self.method not in ("*", method):
            return None
        parts = path.split("/")[1:]
        if not self._has_length(len(parts)):
            return None
        named = NO_VALUES
        for segment, part in zip(self.segments, parts, strict=False):
            if segment == "*":
                continue
            if "%" in part:
                part = unquote(part, errors="replace")
            if segment[:1] == "{":
                named = {**named, segment[1:-1]: part}
            elif segment != part:
                return None
        return named

    @property
    def variable_names(self) -> tuple[str, ...]:
        """The names that the pattern gives to segments, in order."""
        names = []
        for segment in self.segments:
            if segment[:1] == "{":
                names.append(segment[1:-1])
        return tuple(names)

    def may_match(self, operation: Operation) -> bool:
        """Return whether some request for an operation matches."""
        if self.method not in ("*", operation.method):
            return False
        templates = operation.path.split("/")[1:]
        if not self._has_length(len(templates)):
            return False
        return all(map(_segment_may_match, self.segments, templates))

    def _has_length(self, count: int) -> bool:
        if self.is_prefix:
            return count >= len(self.segments)
        return count == len(self.segments)


def parse_route_pattern(text: str) -> RoutePattern:
    """Parse `METHOD /path`. Raise ValueError with what is wrong.

    The method is `*` or a name in any case. A segment of the path is a text, `*` or `{name}`; the
    last one may be `**`.
    """
    route = _ROUTE.fullmatch(text)
    if route is None:
        raise ValueError(f'"{text[:80]}" is not a method and a path')
    method, path = route[1].upper(), route[2]
    if "?" in path:
        raise ValueError(f'"{text[:80]}" has a query; write its parameters under "query"')
    parts = path.split("/")[1:]
    is_prefix = parts[-1] == "**"
    if is_prefix:
        parts.pop()
    segments = tuple(_parse_segment(part, text) for part in parts)
    pattern = RoutePattern(text, method, segments, is_prefix)
    names = pattern.variable_names
    if len(set(names)) < len(names):
        raise ValueError(f'"{text[:80]}" gives two segments the same name')
    return pattern


def _parse_segment(part: str, text: str) -> str:
    """Return a segment decoded; wildcards and names stay as they are."""
    if part == "*" or _VARIABLE.fullmatch(part):
        return part
    if any(sign in part for sign in "*{}"):
        raise ValueError(
            f'the segment "{part[:40]}" of "{text[:80]}" mixes a text with a wildcard or a name'
        )
    return unquote(part)


def _segment_may_match(segment: str, template: str) -> bool:
    """Return whether a segment of a pattern and one of a path template have a text in common."""
    if segment == "*" or segment[:1] == "{" or segment == template:
        return True
    # Every second part of the split is the name of a variable, which stands for any text.
    literals = _VARIABLE.split(template)[::2]
    if len(literals) == 1:
        return False
    return matches_with_gaps(segment, literals)
