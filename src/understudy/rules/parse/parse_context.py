"""What the parsers of rules share: the report of problems, and checks of single values."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard, TypeVar

from understudy.contract import Contract
from understudy.contract.document.pointers import child_pointer, parse_pointer
from understudy.errors import ProblemReport
from understudy.messages import Json
from understudy.rules.values.json_compare import format_value

T = TypeVar("T")
_MAX_SHOWN = 60
"""How many characters of a value are shown in a problem."""
_MAX_TEXT = 4000
"""How many characters a number or boolean has as a text, at most."""


@dataclass(frozen=True, slots=True)
class ParseContext:
    """The rule that is parsed, and the report that its problems go to.

    Pointers are JSON pointers into the source of the report.
    """

    report: ProblemReport
    label: str
    """The beginning of each problem: `reply "third-look"`."""
    name: str = ""
    """The name of the rule."""
    contract: Contract | None = None
    """The contract that the rule is checked against; None: it is not checked."""
    codes: Collection[int] | None = None
    """The codes of the service's own errors."""
    off_contract: bool = False
    """Whether the rule may break the contract."""

    def for_rule(self, label: str, name: str, *, off_contract: bool = False) -> "ParseContext":
        """Return the context of another rule with the same report."""
        return replace(self, label=label, name=name, off_contract=off_contract)

    def add_problem(
        self,
        slug: str,
        message: str,
        pointer: str,
        *,
        key: bool = False,
        expected: str = "",
        near: str = "",
        hint: str = "",
    ) -> None:
        """Report a problem.

        The text is the label and the message. With `key`, the problem is at the name of the member
        rather than at its value.
        """
        text = f"{self.label}: {message}"
        self.report.add(slug, text, pointer, key=key, expected=expected, nearest=near, hint=hint)

    def add_wrong_value(self, pointer: str, value: object, expected: str) -> None:
        """Report a value that is not what was expected."""
        subject = "it"
        if pointer:
            subject = f'"{parse_pointer(pointer)[-1]}"'
        message = f"{subject} is {describe_value(value)}"
        self.add_problem("bad-value", message, pointer, expected=expected)

    def add_unknown_key(self, pointer: str, name: str, known: Sequence[str]) -> None:
        """Report an unknown key of the mapping at a pointer."""
        near = self.report.find_nearest(name, known)
        expected = "" if near else f"one of {', '.join(known)}"
        self.add_problem(
            "unknown-key",
            f'unknown key "{name}"',
            child_pointer(pointer, name),
            key=True,
            expected=expected,
            near=near,
        )

    def parse_mapping(self, value: object, known: Sequence[str], pointer: str) -> dict[str, Json]:
        """Return the known members of a mapping, in the order of `known`.

        Report unknown keys, and a value that is not a mapping; the result is then empty.
        """
        if not isinstance(value, dict):
            self.add_wrong_value(pointer, value, "a mapping")
            return {}
        for name in value:
            if name not in known:
                self.add_unknown_key(pointer, str(name), known)
        return {name: value[name] for name in known if name in value}

    def parse_text(
        self, parse: Callable[[str], T], value: object, pointer: str, expected: str
    ) -> T | None:
        """Return the result of `parse` for a text; report its ValueError and return None."""
        if not isinstance(value, str):
            self.add_wrong_value(pointer, value, expected)
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.add_problem("bad-value", f"{error}", pointer, expected=expected)
            return None

    def parse_integer(
        self, value: object, pointer: str, least: int = 1, most: int | None = None
    ) -> int | None:
        """Return a whole number within its bounds; report any other value and return None."""
        if is_integer(value):
            is_in_bounds = value >= least and (most is None or value <= most)
            if is_in_bounds:
                return value
        expected = f"a whole number from {least}"
        if most is not None:
            expected += f" to {most}"
        self.add_wrong_value(pointer, value, expected)
        return None


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether a value is a whole number: a boolean is one in Python, but not in YAML."""
    return isinstance(value, int) and not isinstance(value, bool)


def describe_value(value: object) -> str:
    """Return what a value is, in few words: `a list`, `"text"`, `the number 5`."""
    match value:
        case None:
            return "null"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f'"{format_value(value, _MAX_SHOWN)}"'
        case bool():
            return format_value(value)
        case _:
            return f"the number {format_value(value, _MAX_SHOWN)}"


def format_scalar(value: object) -> str | None:
    """Return the text that a text, number or boolean is compared as; None for other values."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return format_value(value, _MAX_TEXT)
    return None


def as_sequence(value: Json) -> Sequence[Json]:
    """Return the items of a list, or a tuple of one for any other value."""
    if isinstance(value, list):
        return value
    return (value,)
