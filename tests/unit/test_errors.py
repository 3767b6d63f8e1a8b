"""Problems as sentences, and nearest names."""

import pytest

from understudy.errors import InputError, MissingExtraError, Place, Problem, nearest_name


def test_a_problem_is_a_sentence_of_all_its_parts() -> None:
    """Place, message, expectation, nearest name and hint stand in one order."""
    problem = Problem(
        "x", 'found "a"', Place("f.yaml", 3, 7), expected="a number", hint="Write 1.", nearest="b"
    )
    assert str(problem) == 'f.yaml:3:7: found "a". Expected a number. Did you mean "b"? Write 1.'


def test_an_input_error_holds_every_problem() -> None:
    """The text has one line for each problem."""
    error = InputError([Problem("a", "one"), Problem("b", "two", Place("f"))])
    assert str(error) == "one.\nf: two."


def test_a_missing_extra_names_the_command_that_installs_it() -> None:
    """The user can copy the command."""
    assert "pip install 'understudy[derive]'" in str(
        MissingExtraError("`understudy derive`", "derive")
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [("retryTsk", "retryTask"), ("RETRYTASK", "retryTask"), ("zzz", ""), ("", "")],
)
def test_nearest_name_ignores_case_and_typos(word: str, expected: str) -> None:
    """The result is the candidate that is most like the word, or an empty text."""
    assert nearest_name(word, ["retryTask", "rollbackTask", "getTask"]) == expected
