"""Options that are numbers: what they accept, and what their errors say."""

import click
import pytest

from understudy.cli.main import cli
from understudy.cli.options.number_options import AnyWholeNumber, Number, WholeNumber

Kind = AnyWholeNumber | WholeNumber | Number
PORT = WholeNumber(0, 65535)


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (PORT, "0", 0),
        (PORT, "65535", 65535),
        (WholeNumber(1), "9" * 20, int("9" * 20)),
        (AnyWholeNumber(), "-5", -5),
        (Number(0.1, 10), "0.1", 0.1),
        (Number(0.1, 10), "10", 10.0),
    ],
)
def test_numbers_within_bounds_are_accepted(kind: Kind, text: str, number: float) -> None:
    """The bounds themselves are within."""
    assert kind.convert(text, None, None) == number


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (PORT, "abc", "a whole number from 0 to 65535"),
        (PORT, "1.5", "a whole number from 0 to 65535"),
        (PORT, "65536", "a whole number from 0 to 65535"),
        (PORT, "-1", "a whole number from 0 to 65535"),
        (PORT, "", "a whole number from 0 to 65535"),
        (WholeNumber(1), "0", "a whole number of at least 1"),
        (AnyWholeNumber(), "1.5", "a whole number"),
        (Number(0.1, 10), "fast", "a number from 0.1 to 10"),
        (Number(0.1, 10), "nan", "a number from 0.1 to 10"),
        (Number(0.1, 10), "inf", "a number from 0.1 to 10"),
        (Number(0), "inf", "a number of at least 0"),
    ],
)
def test_error_has_what_is_expected(kind: Kind, text: str, expected: str) -> None:
    """With the bounds."""
    with pytest.raises(click.BadParameter) as caught:
        kind.convert(text, None, None)
    assert caught.value.message == f'"{text}"; expected {expected}'


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_each_number_of_a_command_has_such_an_error(name: str) -> None:
    """No option has an error of click's own."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    plain = (click.IntRange, click.FloatRange, type(click.INT), type(click.FLOAT))
    own = (WholeNumber, AnyWholeNumber, Number)
    numbers = [option for option in command.params if isinstance(option.type, plain)]
    assert [option.name for option in numbers if not isinstance(option.type, own)] == []
