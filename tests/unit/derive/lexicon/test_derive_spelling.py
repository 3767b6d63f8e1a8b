"""The spell checker of identifiers, and the word lists."""

import pytest

from understudy.derive.lexicon.spelling import SpellChecker, is_single_typo
from understudy.derive.lexicon.word_lists import ENGLISH_LEXICON, ENTITY_NOUNS, MEASURE_NOUNS


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("onece", "once", True),
        ("paralle", "parallel", True),
        ("recieve", "receive", True),
        ("cluster", "clustre", True),
        ("status", "statue", True),
        ("once", "once", False),
        ("abc", "cba", False),
        ("ab", "abcd", False),
        ("", "a", True),
        ("abcd", "badc", False),
    ],
)
def test_a_typo_is_one_letter_or_two_swapped_ones(left: str, right: str, expected: bool) -> None:
    """The test is the same in both directions."""
    assert (is_single_typo(left, right), is_single_typo(right, left)) == (expected, expected)


@pytest.mark.parametrize(
    ("identifier", "correct"),
    [
        ("SYS_ONECE", "SYS_ONCE"),
        ("paralleIdx", "parallelIdx"),
        ("recieveTime", "receiveTime"),
        ("clustreName", "clusterName"),
        ("RecordRecor", "RecordRecord"),
        ("prohibitRollback", "prohibitRollback"),
        ("traceId", "traceId"),
        ("idx", "idx"),
        ("canceling", "canceling"),
        ("modified", "modified"),
        ("springBootVersion", "springBootVersion"),
        ("集群", "集群"),
    ],
)
def test_a_part_one_typo_from_a_known_word_is_corrected(identifier: str, correct: str) -> None:
    """It keeps its case. Known words, their forms and abbreviations stay."""
    assert SpellChecker([identifier]).correct(identifier) == correct


def test_a_part_of_three_identifiers_is_a_known_word() -> None:
    """A part that is one typo away from it is corrected."""
    checker = SpellChecker(["quuxa", "quuxaId", "quuxaName", "qouxaSize"])
    assert [checker.correct(name) for name in ("quuxaId", "qouxaSize")] == ["quuxaId", "quuxaSize"]


def test_the_word_lists_are_in_order() -> None:
    """Words are lower-case letters; a longer noun comes before those that it contains."""
    assert [word for word in ENGLISH_LEXICON if not word.isalpha() or not word.islower()] == []
    for nouns in (ENTITY_NOUNS, MEASURE_NOUNS):
        names = [noun for noun, _ in nouns]
        assert [(a, b) for at, a in enumerate(names) for b in names[at + 1 :] if a in b] == []
