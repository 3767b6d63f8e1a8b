"""Texts with gaps: literals in their order, and at least one character in each gap between them."""

from collections.abc import Sequence


def matches_with_gaps(text: str, literals: Sequence[str]) -> bool:
    """Return whether a text has the literals in this order, from its start to its end.

    The time is linear, where a regular expression with several `.+` would try all ways to divide
    the text. A single literal has to be the whole text.
    """
    first, *others = literals
    if not others:
        return text == first
    *middle, last = others
    if not text.startswith(first) or not text.endswith(last):
        return False
    end = len(first)
    for literal in middle:
        # The first place that fits leaves most of the text for the literals that follow.
        start = text.find(literal, end + 1)
        if start < 0:
            return False
        end = start + len(literal)
    return end < len(text) - len(last)
