"""Misspelt parts of identifiers: unknown words one slip away from a known one."""

import re
from collections import Counter
from collections.abc import Iterable

from understudy.derive.facts.names import IDENTIFIER_PART, split_identifier
from understudy.derive.lexicon.word_lists import ENGLISH_LEXICON

_SHORTEST = 5
"""Shorter parts are mostly abbreviations; there is nothing to compare them with."""
_OWN = 3
"""A part of so many distinct identifiers is a word of the document's field, not a slip."""


class SpellChecker:
    """Judges the identifiers of some documents by the English lexicon and by each other."""

    def __init__(self, identifiers: Iterable[str]) -> None:
        counts = Counter(
            part.lower() for name in set(identifiers) for part in set(split_identifier(name))
        )
        self._known = ENGLISH_LEXICON | {part for part, count in counts.items() if count >= _OWN}
        self._candidates = sorted(word for word in self._known if len(word) >= _SHORTEST - 1)
        self._cache: dict[str, str] = {}

    def correct(self, identifier: str) -> str:
        """Give the identifier as it should be spelt; itself when nothing is wrong with it."""
        return IDENTIFIER_PART.sub(self._correct_part, identifier)

    def _correct_part(self, match: re.Match[str]) -> str:
        part, word = match.group(), match.group().lower()
        if word not in self._cache:
            self._cache[word] = self._nearest(word)
        nearest = self._cache[word]
        return _in_case(nearest, part) if nearest else part

    def _nearest(self, word: str) -> str:
        if len(word) < _SHORTEST or self._is_word(word):
            return ""
        slips = (
            known
            for known in self._candidates
            if known[0] == word[0] and is_single_typo(word, known)
        )
        return next(slips, "")

    def _is_word(self, word: str) -> bool:
        if any(base in self._known for base in _bases(word)):
            return True
        return any(
            word[:at] in self._known and word[at:] in self._known for at in range(3, len(word) - 2)
        )


_ENDINGS = (
    *(
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ied", "y"),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
    ),
    *((ending, instead) for ending in ("er", "or", "ly", "able", "ment") for instead in ("", "e")),
)


def _bases(word: str) -> Iterable[str]:
    """Give the words that this may be a plural or a verb's form of."""
    yield word
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            base = word[: -len(ending)] + instead
            yield base
            if len(base) > 3 and base[-1] == base[-2]:
                yield base[:-1]


def is_single_typo(word: str, other: str) -> bool:
    """Tell whether one letter was left out, added, changed, or two neighbours changed places."""
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b),
        min(len(word), len(other)),
    )
    if len(word) != len(other):
        longer, shorter = sorted((word, other), key=len, reverse=True)
        return longer[at + 1 :] == shorter[at:]
    swapped = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
    return word[at + 1 :] == other[at + 1 :] or swapped == other


def _in_case(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word
