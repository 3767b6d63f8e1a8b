"""Texts for several patterns at once: those in which some are found, and others are not."""

from dataclasses import dataclass
from functools import lru_cache

from understudy.regexgen.char_classes import UnsolvedError
from understudy.regexgen.derivatives import ALL_TEXTS, Languages
from understudy.regexgen.ecma_patterns import translate
from understudy.regexgen.generator import TextGenerator, build_text_generator
from understudy.regexgen.pattern_ast import Node, parse_pattern


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Texts, and the patterns that nothing could be built for: they are still to be checked."""

    texts: TextGenerator | None
    """None when there are none."""
    unsolved_required: tuple[str, ...]
    unsolved_forbidden: tuple[str, ...]


@lru_cache(maxsize=512)
def solve_patterns(
    holds: tuple[str, ...], fails: tuple[str, ...], least: int, most: int | None
) -> Solution | None:
    """Give texts of a length within bounds in which patterns of ECMA-262 are found, and others are not.

    None when that is too much for one machine, or can be told of no pattern. One that cannot be told to Python is
    taken to be found everywhere, as the contract takes it.
    """
    read = {pattern: _read(pattern) for pattern in (*holds, *fails)}
    languages = Languages(piece for piece in read.values() if piece is not None)
    told = {pattern: _told(languages, pattern, piece) for pattern, piece in read.items()}
    if not any(part is not None for part in told.values()):
        return None
    parts = [part for pattern in holds if (part := told[pattern]) is not None]
    parts += [
        languages.complement(part) for pattern in fails if (part := told[pattern]) is not None
    ]
    try:
        texts = build_text_generator(languages, languages.intersection(*parts), least, most)
    except (UnsolvedError, RecursionError):
        return None
    left = [
        tuple(pattern for pattern in several if told[pattern] is None) for several in (holds, fails)
    ]
    return Solution(texts, *left)


def _read(pattern: str) -> Node | None:
    try:
        return parse_pattern(pattern)
    except (UnsolvedError, RecursionError):
        return None


def _told(languages: Languages, pattern: str, piece: Node | None) -> int | None:
    """Give the language of a pattern; None when it is not built."""
    if translate(pattern) is None:
        return ALL_TEXTS
    try:
        return None if piece is None else languages.search_language(piece)
    except (UnsolvedError, RecursionError):
        return None
