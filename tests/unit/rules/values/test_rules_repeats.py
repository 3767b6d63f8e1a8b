"""Patterns that would be large when they are written out."""

import pytest

from understudy.rules.values.bounded_regex import compile_pattern


@pytest.mark.parametrize(
    "text", ["a{99999999}", "(?:(?:a{100}){100}){10}", "a{2,99999}", "a{99999999999}"]
)
def test_a_pattern_that_repeats_too_often_is_refused(text: str) -> None:
    """Before it is compiled."""
    with pytest.raises(ValueError, match=r"the most|regular expression"):
        compile_pattern(text)


def test_usual_counts_are_fine() -> None:
    """A UUID, say."""
    assert compile_pattern("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$").is_found_in(
        "0" * 8 + "-0000" * 3 + "-" + "0" * 12
    )
