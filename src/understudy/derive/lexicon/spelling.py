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
        counts: Counter[str] = Counter()
        for name in set(identifiers):
            counts.update(part.lower() for part in set(split_identifier(name)))
        own_terms = {part for part, count in counts.items() if count >= _OWN_TERM}
        self._known = ENGLISH_LEXICON | own_terms
        # Sorted, so that the correction does not depend on the order of a set.
        self._candidates = sorted(term for term in self._known if len(term) >= _MIN_LETTERS - 1)
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
        for candidate in self._candidates:
            # A typo in the first letter is rare, and the test saves most comparisons.
            if candidate[0] == part[0] and is_single_typo(part, candidate):
                return candidate
        return ""

    def _is_known(self, part: str) -> bool:
        """Check whether a part is a known word, a form of one, or a compound of two."""
        if any(base in self._known for base in _strip_endings(part)):
            return True
        for at in range(_MIN_COMPOUND_PART, len(part) - _MIN_COMPOUND_PART + 1):
            if part[:at] in self._known and part[at:] in self._known:
                return True
        return False


_ENDINGS = (
    *(("ies", "y"), ("es", ""), ("s", "")),
    *(("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e")),
    *(("er", ""), ("er", "e"), ("or", ""), ("or", "e"), ("ly", ""), ("ly", "e")),
    *(("able", ""), ("able", "e"), ("ment", ""), ("ment", "e")),
)
"""Endings of English forms, each with what stands in its place in the base."""


def _strip_endings(part: str) -> Iterator[str]:
    """Yield the part, and the words that it may be a plural, a verb's form or a derivation of."""
    yield part
    for ending, replacement in _ENDINGS:
        if not part.endswith(ending):
            continue
        base = part[: -len(ending)] + replacement
        yield base
        # A doubled consonant: `planned` is a form of `plan`.
        if len(base) > 3 and base[-1] == base[-2]:
            yield base[:-1]


def is_single_typo(word: str, other: str) -> bool:
    """Check whether two words differ by one letter, or by two neighbours that changed places."""
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    at = _find_difference(word, other)
    if len(word) != len(other):
        shorter, longer = sorted((word, other), key=len)
        return longer[at + 1 :] == shorter[at:]
    if word[at + 1 :] == other[at + 1 :]:
        return True
    swapped = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
    return swapped == other


def _find_difference(word: str, other: str) -> int:
    """Return the index of the first letter that differs, or the length of the shorter word."""
    for at, (letter, other_letter) in enumerate(zip(word, other, strict=False)):
        if letter != other_letter:
            return at
    return min(len(word), len(other))


def _copy_case(word: str, model: str) -> str:
    if model.isupper():
        return word.upper()
    if model[:1].isupper():
        return word.capitalize()
    return word
