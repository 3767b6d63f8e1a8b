"""Patterns that would be large when they are compiled."""

import pytest

from understudy.patterns.bounded_regex import compile_pattern


@pytest.mark.parametrize(
    "text", ["a{99999999}", "(?:(?:a{100}){100}){10}", "a{2,99999}", "a{99999999999}"]
)
def test_pattern_that_repeats_too_often_is_an_error(text: str) -> None:
    """Before it is compiled."""
    with pytest.raises(ValueError, match=r"the most|regular expression"):
        compile_pattern(text)


def test_usual_counts_are_accepted() -> None:
    """For example in a pattern of a UUID."""
    assert compile_pattern("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$").is_found_in(
        "0" * 8 + "-0000" * 3 + "-" + "0" * 12
    )
