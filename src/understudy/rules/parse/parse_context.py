"""What the readers of a script share: where problems are noted, and how values are called."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from understudy.contract import Contract
from understudy.contract.document.pointers import child_pointer
from understudy.errors import ProblemReport, nearest_name
from understudy.rules.values.json_compare import format_value

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What is read, for whom."""

    report: ProblemReport
    label: str
    """What is read: `reply "third-look"`."""
    name: str = ""
    """The name of the rule."""
    contract: Contract | None = None
    codes: Collection[int] | None = None
    """The service's own codes of errors."""
    off_contract: bool = False

    def for_rule(self, label: str, name: str, *, off_contract: bool = False) -> "ParseContext":
        """Give the same for another rule."""
        return replace(self, label=label, name=name, off_contract=off_contract)

    def add_problem(
        self,
        slug: str,
        what: str,
        pointer: str,
        *,
        key: bool = False,
        expected: str = "",
        near: str = "",
        hint: str = "",
    ) -> None:
        """Note a problem. `what` goes on after the label: `names the operation …`, or `: "call" is …`."""
        text = f"{self.label}{what}" if what.startswith(":") else f"{self.label} {what}"
        self.report.add(slug, text, pointer, key=key, expected=expected, nearest=near, hint=hint)

    def add_wrong_value(self, pointer: str, value: Any, expected: str) -> None:
        """Note that the value at a pointer is not what it should be."""
        name = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        what = f'"{name}" is' if name else "it is"
        self.add_problem(
            "bad-value", f": {what} {describe_value(value)}", pointer, expected=expected
        )

    def add_unknown_key(self, pointer: str, name: str, known: Sequence[str]) -> None:
        """Note a key that nobody knows."""
        near = nearest_name(name, known)
        expected = "" if near else f"one of {', '.join(known)}"
        self.add_problem(
            "unknown-key",
            f': there is no key "{name}" here',
            child_pointer(pointer, name),
            key=True,
            expected=expected,
            near=near,
        )

    def parse_mapping(self, value: Any, known: Sequence[str], pointer: str) -> dict[str, Any]:
        """Give the known members of a mapping; note what else is there, and what is no mapping."""
        if not isinstance(value, dict):
            self.add_wrong_value(pointer, value, "a mapping")
            return {}
        for name in value:
            if name not in known:
                self.add_unknown_key(pointer, str(name), known)
        return {name: value[name] for name in known if name in value}

    def parse_text(
        self, parse: Callable[[str], T], value: Any, pointer: str, expected: str
    ) -> T | None:
        """Give what a text means, or note what is wrong with it and give None."""
        if not isinstance(value, str):
            self.add_wrong_value(pointer, value, expected)
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.add_problem("bad-value", f": {error}", pointer, expected=expected)
            return None

    def parse_integer(
        self, value: Any, pointer: str, least: int = 1, most: int | None = None
    ) -> int | None:
        """Give a whole number within its bounds, or note that it is none and give None."""
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and least <= value
            and (most is None or value <= most)
        ):
            return value
        self.add_wrong_value(
            pointer, value, f"a whole number from {least}{'' if most is None else f' to {most}'}"
        )
        return None


def describe_value(value: Any) -> str:
    """Say what a value is, in short."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f'"{format_value(value, 60)}"'
        case bool():
            return "true" if value else "false"
        case _:
            return f"the number {format_value(value, 60)}"


def format_scalar(value: Any) -> str | None:
    """Give the text that a text, number or boolean is compared as; None for anything else."""
    if isinstance(value, str):
        return value
    return format_value(value, 4000) if isinstance(value, int | float) else None


def as_sequence(value: Any) -> Sequence[Any]:
    """Give the items of a list, or the one value that stands for a list of one."""
    return value if isinstance(value, list) else (value,)
