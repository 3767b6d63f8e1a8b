"""Checks that contracts and overlays share: types of members, and unknown keys."""

import sys
from collections.abc import Iterable
from typing import TypeGuard

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.errors import PlaceLookup, ProblemReport


class ShapeProblems(ProblemReport):
    """The problems of one file, and the checks that find the usual ones.

    Every check adds its problems; `raise_if_any` raises them together.
    """

    def __init__(self, source: PlaceLookup) -> None:
        # A contract lists the first of its warnings, and counts the others itself.
        super().__init__(source, max_problems=sys.maxsize)

    def check_mapping(self, value: object, pointer: str, name: str) -> TypeGuard[JsonObject]:
        """Return whether a value is a mapping, and add a problem when it is not.

        `name` is what the problem calls the value: the key of a member, or the kind of an element.
        """
        if isinstance(value, dict):
            return True
        message = f'"{name}" is not a mapping'
        if value is None:
            message = f'missing "{name}"'
        self.add("bad-shape", message, pointer, expected="a mapping")
        return False

    def check_type(
        self, node: JsonObject, name: str, kind: type, expected: str, pointer: str
    ) -> bool:
        """Return whether a member, when present, has a type. `expected` describes that type."""
        if name in node and not isinstance(node[name], kind):
            self._add_invalid(name, expected, pointer)
            return False
        return True

    def check_texts(self, node: JsonObject, name: str, pointer: str) -> bool:
        """Return whether a member, when present, is a list of texts."""
        value = node.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._add_invalid(name, "a list of texts", pointer)
            return False
        return True

    def _add_invalid(self, name: str, expected: str, pointer: str) -> None:
        where = child_pointer(pointer, name)
        message = f'invalid "{name}"'
        self.add("bad-shape", message, where, expected=expected)

    def check_keys(self, node: JsonObject, known: Iterable[str], pointer: str) -> None:
        """Check that every key is known. `x-` starts an extension, which is always allowed.

        Source: OpenAPI 3.1, "Specification Extensions".
        """
        names = tuple(known)
        for key in node:
            if key in names or key.startswith("x-"):
                continue
            nearest = self.find_nearest(key, names)
            # The nearest name says enough; the whole list is for keys that resemble none.
            expected = ""
            if not nearest:
                expected = f"one of {', '.join(names)}"
            self.add(
                "unknown-key",
                f'unknown key "{key}"',
                child_pointer(pointer, key),
                key=True,
                expected=expected,
                nearest=nearest,
            )
