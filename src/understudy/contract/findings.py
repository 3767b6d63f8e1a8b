"""Gathers what is wrong with a file of ours, each thing with its place, so that all of it can be told at once."""

from collections.abc import Callable, Iterable
from typing import Any

from understudy.contract.pointers import child
from understudy.errors import InputError, Place, Problem, nearest_name


class Findings:
    """The problems of one file."""

    def __init__(self, place: Callable[[str, bool], Place]) -> None:
        """`place` gives where the node at a pointer stands, or (True) its key."""
        self._place = place
        self._problems: dict[Problem, None] = {}

    def add(
        self,
        slug: str,
        what: str,
        pointer: str,
        *,
        key: bool = False,
        expected: str = "",
        hint: str = "",
        nearest: str = "",
    ) -> None:
        """Note one problem; the same one twice counts once."""
        place = self._place(pointer, key)
        self._problems[Problem(slug, what, place, expected=expected, hint=hint, nearest=nearest)] = None

    def mapping(self, value: Any, pointer: str, name: str) -> bool:
        """Whether a value is a mapping; note it when it is not."""
        if isinstance(value, dict):
            return True
        what = f'"{name}" is missing' if value is None else f'"{name}" is no mapping'
        self.add("bad-shape", what, pointer, expected="a mapping")
        return False

    def shape(self, node: dict[str, Any], name: str, kind: type, expected: str, pointer: str) -> None:
        """Note a member that is there and not of its type."""
        if name in node and not isinstance(node[name], kind):
            self.add("bad-shape", f'"{name}" does not fit', child(pointer, name), expected=expected)

    def texts(self, node: dict[str, Any], name: str, pointer: str) -> None:
        """Note a member that is there and no list of texts."""
        value = node.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.add("bad-shape", f'"{name}" does not fit', child(pointer, name), expected="a list of texts")

    def keys(self, node: dict[str, Any], known: Iterable[str], pointer: str) -> None:
        """Note each key that is not known; `x-` starts one that everybody may add."""
        names = tuple(known)
        for name in node:
            if name in names or name.startswith("x-"):
                continue
            near = nearest_name(name[:100], names)
            expected = "" if near else f"one of {', '.join(names)}"
            what, where = f'there is no key "{name}" here', child(pointer, name)
            self.add("unknown-key", what, where, key=True, expected=expected, nearest=near)

    def tell(self) -> None:
        """Raise InputError with everything that was noted, in the order of the files' lines; nothing when none was."""
        if self._problems:
            raise InputError(sorted(self._problems, key=_position))


def _position(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return (place.file, place.line, place.column) if place else ("", 0, 0)
