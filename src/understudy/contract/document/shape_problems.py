"""What is often wrong with the shape of a file of ours, in words."""

from collections.abc import Iterable
from typing import Any

from understudy.contract.document.pointers import child_pointer
from understudy.errors import PlaceLookup, ProblemReport, nearest_name


class ShapeProblems:
    """The problems of one file."""

    def __init__(self, source: PlaceLookup) -> None:
        report = ProblemReport(source)
        self.add = report.add
        """Note one problem: see Report.add."""
        self.close = report.raise_if_any
        """Raise InputError with everything that was noted; nothing when none was."""

    def check_mapping(self, value: Any, pointer: str, name: str) -> bool:
        """Whether a value is a mapping; note it when it is not."""
        if isinstance(value, dict):
            return True
        what = f'"{name}" is missing' if value is None else f'"{name}" is no mapping'
        self.add("bad-shape", what, pointer, expected="a mapping")
        return False

    def check_type(
        self, node: dict[str, Any], name: str, kind: type, expected: str, pointer: str
    ) -> None:
        """Note a member that is there and not of its type."""
        if name in node and not isinstance(node[name], kind):
            self.add(
                "bad-shape",
                f'"{name}" does not fit',
                child_pointer(pointer, name),
                expected=expected,
            )

    def check_texts(self, node: dict[str, Any], name: str, pointer: str) -> None:
        """Note a member that is there and no list of texts."""
        value = node.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.add(
                "bad-shape",
                f'"{name}" does not fit',
                child_pointer(pointer, name),
                expected="a list of texts",
            )

    def check_keys(self, node: dict[str, Any], known: Iterable[str], pointer: str) -> None:
        """Note each key that is not known; `x-` starts one that everybody may add."""
        names = tuple(known)
        for name in node:
            if name in names or name.startswith("x-"):
                continue
            near = nearest_name(name[:100], names)
            expected = "" if near else f"one of {', '.join(names)}"
            what, where = f'there is no key "{name}" here', child_pointer(pointer, name)
            self.add("unknown-key", what, where, key=True, expected=expected, nearest=near)
