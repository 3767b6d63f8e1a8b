"""The template that the author of a path most likely meant, compared segment by segment.

A path whose slashes or case are wrong comes first, then one with a misspelled segment, one with a
segment too many or too few, and one with another beginning. Anything else is not near: a wrong
suggestion costs more time than none. The time is linear in the size of the templates, and in the
length of the path.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

MAX_SEGMENTS = 256
"""Longer paths are near to no template."""
_MAX_SEGMENT = 64
"""Longer segments are alike only if they are equal: comparing their letters takes too long."""
_MIN_SIMILARITY = 0.66
"""The ratio of `difflib` from which two segments are alike."""
_MIN_PREFIX = 3
"""How long a segment is at least that is alike because another begins with it: `pet`, `pets`."""
_MAX_PREFIX = 4
"""How many segments a path has at most before those of a template."""
_FAR = 1.0
"""The cost from which a template is not near."""
_CASE_COST = 0.05
_VERSION_COST = 0.3
"""The cost of another version, and of an ending too much or too little."""
_GAP_COST = 0.5
"""The cost of a segment too many or too few, and of another beginning."""
_END_COST = 0.6
"""The cost of a missing last segment. Of several templates with this cost, none is near."""
_VERSION = re.compile(r"v\d+(\.\d+)*")
_SEPARATORS = re.compile(r"[-_.]")

_Literals = tuple[str | None, ...]
"""The segments of a template; None for one with a variable."""


class NearestPaths:
    """Finds the nearest of some templates."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._entries = [
            (template, tuple(None if "{" in part else part for part in split_path(template)))
            for template in templates
            if split_path(template)  # nothing is like the root
        ]

    def find(self, path: str) -> str:
        """Return the template that is nearest to a path, or empty."""
        parts = split_path(path)
        if not 0 < len(parts) <= MAX_SEGMENTS:
            return ""
        comparison = _Comparison(parts)
        best, lowest, is_unique = "", _FAR, True
        for template, literals in self._entries:
            cost = comparison.find_cost(literals)
            if cost < lowest:
                best, lowest, is_unique = template, cost, True
            elif cost == lowest:
                is_unique = False
        return best if is_unique or lowest < _END_COST else ""


def split_path(path: str) -> tuple[str, ...]:
    """Return the segments of a path, without the empty ones that needless slashes make."""
    return tuple(part for part in path.split("/") if part)


@dataclass(slots=True)
class _Comparison:
    """The comparison of one path with templates: the cost of each, from 0 (equal) to 1 (far)."""

    parts: tuple[str, ...]
    _costs: dict[tuple[str, str], float] = field(default_factory=dict)
    """By segment of the path and of a template: templates have many segments in common."""
    _matchers: dict[str, SequenceMatcher[str]] = field(default_factory=dict)
    """By segment of the path, which `difflib` indexes once."""

    def find_cost(self, literals: _Literals) -> float:
        """Return the cost of a template."""
        excess = len(self.parts) - len(literals)
        if excess == 0:
            return self._compare_all(literals)
        if abs(excess) > 1:
            return self._compare_ends(literals)
        return min(self._compare_ends(literals), self._compare_with_gap(literals))

    def _compare_all(self, literals: _Literals) -> float:
        """Return the sum of the costs of the segments."""
        total = 0.0
        for part, literal in zip(self.parts, literals, strict=True):
            if literal is not None and part != literal:
                total += self._compare(part, literal)
                if total >= _FAR:
                    return _FAR
        return total if any(literals) else _FAR

    def _compare_ends(self, literals: _Literals) -> float:
        """Return the cost of another beginning; from there on, the segments have to be equal."""
        count = min(len(self.parts), len(literals))
        if len(self.parts) - count > _MAX_PREFIX:
            return _FAR
        return _GAP_COST if self._are_equal(0, count, literals) else _FAR

    def _compare_with_gap(self, literals: _Literals) -> float:
        """Return the cost of one segment too many or too few; the others have to be equal.

        One too many at the end is another resource, which the template does not have.
        """
        parts = self.parts
        shorter = min(len(parts), len(literals))
        # The last segment may be the value of a variable too: `log` for the path `/{id}/log`.
        end = shorter - 1 if literals[-1] == parts[-1] else shorter
        before = 0
        while before < end and literals[before] in (None, parts[before]):
            before += 1
        after = shorter - before
        if after == 0 and len(parts) > len(literals):
            return _FAR
        if not self._are_equal(before, after, literals):
            return _FAR
        return _GAP_COST if after else _END_COST

    def _are_equal(self, before: int, after: int, literals: _Literals) -> bool:
        """Return whether segments at the ends are equal, and the first ones have been found so.

        At least one of all these has no variable.
        """
        ends = literals[len(literals) - after :]
        pairs = zip(self.parts[len(self.parts) - after :], ends, strict=True)
        if any(literal not in (None, part) for part, literal in pairs):
            return False
        return any(literals[:before]) or any(ends)

    def _compare(self, part: str, literal: str) -> float:
        """Return the cost of two segments that are not equal."""
        if len(part) > _MAX_SEGMENT or len(literal) > _MAX_SEGMENT:
            return _FAR
        key = part, literal
        cost = self._costs.get(key)
        if cost is None:
            cost = self._costs[key] = self._measure(part.casefold(), literal.casefold())
        return cost

    def _measure(self, part: str, literal: str) -> float:
        """Return the cost of two segments in lower case."""
        if part == literal or _SEPARATORS.sub("", part) == _SEPARATORS.sub("", literal):
            return _CASE_COST
        if _VERSION.fullmatch(part) and _VERSION.fullmatch(literal):
            return _VERSION_COST
        shorter, longer = sorted((part, literal), key=len)
        if len(shorter) >= _MIN_PREFIX and longer.startswith(shorter):
            return _VERSION_COST
        # No ratio is higher than that of two segments of these lengths.
        if 2 * len(shorter) < _MIN_SIMILARITY * (len(shorter) + len(longer)):
            return _FAR
        matcher = self._matchers.get(part)
        if matcher is None:
            matcher = self._matchers[part] = SequenceMatcher(None, "", part, autojunk=False)
        matcher.set_seq1(literal)
        if matcher.quick_ratio() < _MIN_SIMILARITY:
            return _FAR
        ratio = matcher.ratio()
        return 1 - ratio if ratio >= _MIN_SIMILARITY else _FAR
