"""A spell checker for the parts of identifiers.

A part counts as misspelt when it is unknown and one typo away from a known word. The lexicon is
small on purpose: a rare English word that is one typo away from a common one would hide the typo.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from understudy.derive.facts.names import IDENTIFIER_PART, split_identifier
from understudy.derive.lexicon.word_lists import ENGLISH_LEXICON

_MIN_LETTERS = 5
"""Shorter parts are mostly abbreviations, which no list can confirm."""
_OWN_TERM = 3
"""A part of so many distinct identifiers is a term of the documents, not a typo."""
_MIN_COMPOUND_PART = 3
"""Letters of each half of a compound such as `hostname`."""


class SpellChecker:
    """Compares the identifiers of some documents with the English lexicon and with each other."""

    def __init__(self, identifiers: Iterable[str]) -> None:
        self._known = ENGLISH_LEXICON | _find_own_terms(set(identifiers))
        # Sorted, so that the correction does not depend on the order of a set. A typo may add a
        # letter, so a candidate may be one letter shorter than a part.
        shortest = _MIN_LETTERS - 1
        long_enough = [term for term in self._known if len(term) >= shortest]
        self._candidates = sorted(long_enough)
        self._cache: dict[str, str] = {}

    def correct(self, identifier: str) -> str:
        """Return the identifier with its misspelt parts corrected, each in its own case."""
        return IDENTIFIER_PART.sub(self._correct_part, identifier)

    def _correct_part(self, match: re.Match[str]) -> str:
        part = match.group()
        lowered = part.lower()
        if lowered not in self._cache:
            self._cache[lowered] = self._find_correction(lowered)
        correction = self._cache[lowered]
        return _copy_case(correction, part) if correction else part

    def _find_correction(self, part: str) -> str:
        """Return the first known word that is one typo away.

        Return an empty text when the part is right or too short.
        """
        if len(part) < _MIN_LETTERS or self._is_known(part):
            return ""
        first = part[0]
        for candidate in self._candidates:
            # A typo in the first letter is rare, and the test saves most comparisons.
            if candidate[0] != first:
                continue
            if is_single_typo(part, candidate):
                return candidate
        return ""

    def _is_known(self, part: str) -> bool:
        """Check whether a part is a known word, a form of one, or a compound of two."""
        if not self._known.isdisjoint(_strip_endings(part)):
            return True
        last = len(part) - _MIN_COMPOUND_PART
        for at in range(_MIN_COMPOUND_PART, last + 1):
            head = part[:at]
            tail = part[at:]
            if head in self._known and tail in self._known:
                return True
        return False


def _find_own_terms(identifiers: set[str]) -> set[str]:
    """Return the parts that many of the documents' identifiers share."""
    counts: Counter[str] = Counter()
    for identifier in identifiers:
        for part in set(split_identifier(identifier)):
            counts[part.lower()] += 1
    return {part for part, count in counts.items() if count >= _OWN_TERM}


_ENDINGS: dict[str, tuple[str, ...]] = {
    "ies": ("y",),
    "es": ("",),
    "s": ("",),
    "ied": ("y",),
    "ed": ("", "e"),
    "ing": ("", "e"),
    "er": ("", "e"),
    "or": ("", "e"),
    "ly": ("", "e"),
    "able": ("", "e"),
    "ment": ("", "e"),
}
"""Endings of English forms, each with what may stand in its place in the base."""


def _strip_endings(part: str) -> Iterator[str]:
    """Yield the part, and the words that it may be a plural, a verb's form or a derivation of."""
    yield part
    for ending, replacements in _ENDINGS.items():
        if not part.endswith(ending):
            continue
        stem = part[: -len(ending)]
        for replacement in replacements:
            base = stem + replacement
            yield base
            # A doubled consonant: `planned` is a form of `plan`.
            if len(base) > 3 and _ends_in_double(base):
                yield base[:-1]


def _ends_in_double(word: str) -> bool:
    last = word[-1]
    return word.endswith(last * 2)


def is_single_typo(left: str, right: str) -> bool:
    """Check whether two words differ by one letter, or by two neighbours that changed places."""
    if left == right:
        return False
    at = _find_difference(left, right)
    after = at + 1
    match len(left) - len(right):
        case 1:
            return left[after:] == right[at:]
        case -1:
            return right[after:] == left[at:]
        case 0:
            is_changed = left[after:] == right[after:]
            return is_changed or _swap_letters(left, at) == right
        case _:
            return False


def _find_difference(left: str, right: str) -> int:
    """Return the index of the first letter that differs, or the length of the shorter word."""
    length = min(len(left), len(right))
    for at in range(length):
        if left[at] != right[at]:
            return at
    return length


def _swap_letters(word: str, at: int) -> str:
    """Return a word with the letter at an index and the next one in changed places."""
    letters = list(word)
    letters[at : at + 2] = reversed(letters[at : at + 2])
    return "".join(letters)


def _copy_case(word: str, model: str) -> str:
    if model.isupper():
        return word.upper()
    if model[:1].isupper():
        return word.capitalize()
    return word
