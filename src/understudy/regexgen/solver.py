"""Generates strings for several patterns at once.

In these strings, some patterns are found and others are not.
"""

from dataclasses import dataclass
from functools import lru_cache

from understudy.regexgen.char_classes import UnsolvedError
from understudy.regexgen.derivatives import Languages
from understudy.regexgen.ecma_patterns import translate
from understudy.regexgen.generator import TextGenerator, build_text_generator
from understudy.regexgen.pattern_ast import Node
from understudy.regexgen.sre_parser import parse_pattern
from understudy.regexgen.terms import ALL_TEXTS


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A generator of strings, and the patterns that it does not take into account.

    The caller has to check these.
    """

    texts: TextGenerator | None
    """None when there are no such strings."""
    unsolved_required: tuple[str, ...]
    unsolved_forbidden: tuple[str, ...]


@lru_cache(maxsize=512)
def solve_patterns(
    required: tuple[str, ...], forbidden: tuple[str, ...], min_length: int, max_length: int | None
) -> Solution | None:
    """Return a generator of strings in which ECMA-262 patterns are found, and others are not.

    None when the patterns need too many states, or when none of them is supported. A pattern that
    Python's `re` cannot express counts as found in every string, as the contract's validators have
    it.
    """
    nodes = {pattern: _parse(pattern) for pattern in (*required, *forbidden)}
    languages = Languages(node for node in nodes.values() if node is not None)
    numbers = {pattern: _language_of(languages, pattern, node) for pattern, node in nodes.items()}
    solved = {pattern: number for pattern, number in numbers.items() if number is not None}
    if not solved:
        return None
    parts = [solved[pattern] for pattern in required if pattern in solved]
    parts += [languages.complement(solved[pattern]) for pattern in forbidden if pattern in solved]
    try:
        language = languages.intersection(*parts)
        texts = build_text_generator(languages, language, min_length, max_length)
    except (UnsolvedError, RecursionError):
        return None
    return Solution(
        texts,
        unsolved_required=tuple(pattern for pattern in required if pattern not in solved),
        unsolved_forbidden=tuple(pattern for pattern in forbidden if pattern not in solved),
    )


def _parse(pattern: str) -> Node | None:
    """Return the tree of a pattern; None when it has none, or is nested too deeply."""
    try:
        return parse_pattern(pattern)
    except (UnsolvedError, RecursionError):
        return None


def _language_of(languages: Languages, pattern: str, node: Node | None) -> int | None:
    """Return the language of a pattern; None when it is not supported."""
    if translate(pattern) is None:
        return ALL_TEXTS
    if node is None:
        return None
    try:
        return languages.search_language(node)
    except (UnsolvedError, RecursionError):
        return None
