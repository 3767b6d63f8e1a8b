"""Method and path as a rule names them: `GET /tasks/*`, `* /files/**`, `GET /pets/{pet}/toys`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from understudy.contract import Operation
from understudy.rules.matching.call_context import NO_VALUES

_SHAPE = re.compile(r"(\*|[A-Za-z]+) (/\S*)")
_NAME = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """A pattern of requests."""

    text: str
    method: str
    """`*` for any."""
    segments: tuple[str, ...]
    """Decoded; `*` for any one, `{name}` for any one that gets a name."""
    is_prefix: bool = False
    """Whether any more segments may follow (`**`)."""

    def match(self, method: str, path: str) -> Mapping[str, str] | None:
        """Give the named segments of a percent-encoded path, or None when it is another one. HEAD counts as GET."""
        if self.method not in ("*", method) and (self.method, method) != ("GET", "HEAD"):
            return None
        parts = path.split("/")[1:]
        if len(parts) < len(self.segments) or (
            len(parts) > len(self.segments) and not self.is_prefix
        ):
            return None
        named = NO_VALUES
        for wanted, part in zip(self.segments, parts, strict=False):
            if wanted == "*":
                continue
            text = unquote(part, errors="replace") if "%" in part else part
            if wanted[:1] == "{":
                named = {**named, wanted[1:-1]: text}
            elif wanted != text:
                return None
        return named

    @property
    def variable_names(self) -> tuple[str, ...]:
        """The names that it gives to segments."""
        return tuple(segment[1:-1] for segment in self.segments if segment[:1] == "{")

    def may_match(self, operation: Operation) -> bool:
        """Whether some request for the operation fits."""
        if self.method not in ("*", operation.method):
            return False
        parts = operation.path.split("/")[1:]
        if len(parts) < len(self.segments) or (
            len(parts) > len(self.segments) and not self.is_prefix
        ):
            return False
        return all(map(_may_meet, self.segments, parts))


def parse_route_pattern(text: str) -> RoutePattern:
    """Read `METHOD /path`. Raises ValueError with what is wrong."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise ValueError(f'"{text[:80]}" is not a method and a path')
    if "?" in shape[2]:
        raise ValueError(f'"{text[:80]}" holds a query, which is told under "query"')
    parts = shape[2].split("/")[1:]
    last = parts[-1] == "**"
    segments = tuple(_segment(part, text) for part in (parts[:-1] if last else parts))
    route = RoutePattern(text, shape[1].upper(), segments, last)
    if len(set(route.variable_names)) < len(route.variable_names):
        raise ValueError(f'"{text[:80]}" gives two segments the same name')
    return route


def _segment(part: str, text: str) -> str:
    if part == "*" or _NAME.fullmatch(part):
        return part
    if "*" in part or "{" in part or "}" in part:
        raise ValueError(f'the segment "{part[:40]}" of "{text[:80]}" is mixed')
    return unquote(part)


def _may_meet(segment: str, template: str) -> bool:
    if segment == "*" or segment[:1] == "{" or segment == template:
        return True
    literals: Sequence[str] = _NAME.split(template)[::2]
    return (
        len(literals) > 1 and re.fullmatch(".+".join(map(re.escape, literals)), segment) is not None
    )
