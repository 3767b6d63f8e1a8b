"""Options that are numbers: their errors name the kind of number and the bounds."""

from math import isfinite

import click


class WholeNumber(click.IntRange):
    """A whole number between bounds, of which the upper one may be missing."""

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> int:
        """Return the number; fail with the bounds if it is another text, or beyond them."""
        try:
            number = int(str(value))
        except ValueError:
            self.fail(_describe(value, "a whole number", self), parameter, context)
        if not _is_within(number, self):
            self.fail(_describe(value, "a whole number", self), parameter, context)
        return number


class AnyWholeNumber(click.types.IntParamType):
    """A whole number without bounds."""

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> int:
        """Return the number; fail if it is another text."""
        try:
            return int(str(value))
        except ValueError:
            self.fail(f'"{value}"; expected a whole number', parameter, context)


class Number(click.FloatRange):
    """A number between bounds, with or without a fraction."""

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> float:
        """Return the number; fail with the bounds if it is another text, or beyond them."""
        try:
            number = float(str(value))
        except ValueError:
            self.fail(_describe(value, "a number", self), parameter, context)
        if not isfinite(number) or not _is_within(number, self):
            self.fail(_describe(value, "a number", self), parameter, context)
        return number


def _is_within(number: float, bounds: click.IntRange | click.FloatRange) -> bool:
    is_enough = bounds.min is None or number >= bounds.min
    return is_enough and (bounds.max is None or number <= bounds.max)


def _describe(value: object, kind: str, bounds: click.IntRange | click.FloatRange) -> str:
    """Return what is wrong with a value: `"abc"; expected a whole number from 0 to 65535`."""
    expected = kind
    if bounds.min is not None and bounds.max is not None:
        expected = f"{kind} from {bounds.min} to {bounds.max}"
    elif bounds.min is not None:
        expected = f"{kind} of at least {bounds.min}"
    return f'"{value}"; expected {expected}'
