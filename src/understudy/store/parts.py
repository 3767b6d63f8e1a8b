"""A large JSON object in parts: each is stored once, under a key of its own, and never changes.

A small text refers to the parts by name. So what changes often stays small, and a change of a
few members writes these members only.

A part is lines: the path of a member, a tab, and its value, both as JSON. A member of a member
that is an object has a line of its own. Of two lines with the same path, the later part counts.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from understudy.messages import Json, dump_json, parse_json
from understudy.store.protocol import Store

T = TypeVar("T")

_MAX_ATTEMPTS = 5
"""How often an update is tried while other processes replace the parts that it reads."""


class PartMissingError(LookupError):
    """A part is not in the store: another process has replaced it since its name was read."""


class KeyDeletedError(LookupError):
    """The key was deleted: a late caller must not bring it back."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some members of the object."""

    name: str
    """The digest of the text."""
    count: int
    """The number of lines."""
    text: str | None = field(default=None, compare=False, repr=False)
    """None: it is in the store, and was not read."""

    def lines(self) -> list[str]:
        """Return the lines of a part that was read."""
        if self.text is None:
            raise PartMissingError(self.name)
        return self.text.split("\n") if self.text else []


Parts = tuple[Part, ...]
"""The oldest first. Each has at least twice as many lines as the next, so there are few."""


def build_part(members: dict[str, Json]) -> Part:
    """Build a part with the members of an object."""
    lines = []
    for name, value in members.items():
        if isinstance(value, dict) and value:
            lines += [_line([name, inner], member) for inner, member in value.items()]
        else:
            lines.append(_line([name], value))
    return _part_of(lines)


def _line(path: list[Json], value: Json) -> str:
    # JSON escapes tabs and line breaks in strings: none is in the middle of a line.
    return f"{dump_json(path).decode()}\t{dump_json(value).decode()}"


def _part_of(lines: Collection[str]) -> Part:
    text = "\n".join(lines)
    digest = hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()
    return Part(digest, len(lines), text)


def add_part(parts: Parts, part: Part) -> Parts:
    """Return the parts with a later one, which is merged with those that are not much larger.

    Each member is merged as often as the number of parts doubles.
    """
    while parts and parts[-1].count < 2 * part.count:
        lines = {line.partition("\t")[0]: line for line in (*parts[-1].lines(), *part.lines())}
        parts, part = parts[:-1], _part_of(lines.values())
    return (*parts, part)


def join_parts(parts: Parts) -> dict[str, Json]:
    """Return the object of parts that were read."""
    lines = {line.partition("\t")[0]: line for part in parts for line in part.lines()}
    members: dict[str, Json] = {}
    for line in lines.values():
        path, _, value = line.partition("\t")
        name, *inner = parse_json(path)
        if not inner:
            members.setdefault(name, parse_json(value))
            continue
        outer = members.setdefault(name, {})
        if isinstance(outer, dict):
            outer[inner[0]] = parse_json(value)
    return members


def _store_once(text: str, stored: str | None) -> tuple[str | None, None]:
    return (text if stored is None else None), None


class PartStore:
    """A key of a store, whose text refers to parts by name."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key
        self._unused: Parts = ()
        """The parts that updates no longer need; they are deleted after each update."""
        self._is_deleted = False
        """Changes inside of an update only."""

    def update(self, function: Callable[[str | None], tuple[str | None, T]]) -> T:
        """Change the text: see Store.update. Then delete the parts that it no longer names.

        Raises PartMissingError when `function` does so again and again, and KeyDeletedError after
        `delete`: then `function` is not called.
        """
        for _ in range(_MAX_ATTEMPTS - 1):
            try:
                return self._update_once(function)
            except PartMissingError:  # another process was faster: the text has other parts
                continue
        return self._update_once(function)

    def _update_once(self, function: Callable[[str | None], tuple[str | None, T]]) -> T:
        def change(text: str | None) -> tuple[str | None, T]:
            if self._is_deleted:
                raise KeyDeletedError(self._key)
            return function(text)

        result = self._store.update(self._key, change)
        if self._unused:
            self._store.update(self._key, self._clear_unused)
        return result

    def delete(self, find_parts: Callable[[str | None], Parts]) -> None:
        """Delete the key and its parts for good; later updates raise KeyDeletedError.

        `find_parts` gets the last text and returns the parts that it names; no other update is
        under way then.
        """

        def mark(text: str | None) -> tuple[None, Parts]:
            parts = find_parts(text)
            self._is_deleted = True
            return None, parts

        parts = self.update(mark)
        self._store.clear(self._key)
        self.clear(parts)

    def _clear_unused(self, text: str | None) -> tuple[None, None]:
        # Inside of an update: another thread may have restored a text that needs a part.
        unused, self._unused = self._unused, ()
        self.clear(part for part in unused if text is None or part.name not in text)
        return None, None

    def replace(self, stored: Parts, needed: Parts) -> None:
        """Store the parts that a new text needs; call it inside of the update.

        Those of the present text that it does not need are deleted after the update.
        """
        self.write(part for part in needed if part not in stored)
        self._unused += tuple(part for part in stored if part not in needed)

    def read(self, parts: Parts) -> Parts:
        """Return parts with their texts. Raises PartMissingError."""
        return tuple(part if part.text is not None else self._read(part) for part in parts)

    def _read(self, part: Part) -> Part:
        text = self._store.read(self._key_of(part.name))
        if text is None:
            raise PartMissingError(part.name)
        return Part(part.name, part.count, text)

    def write(self, parts: Iterable[Part]) -> None:
        """Store parts. Writing one again changes nothing, so an update may do it twice."""
        for part in parts:
            # A part without a text was read from the store.
            if part.text is not None:
                self._store.update(self._key_of(part.name), partial(_store_once, part.text))

    def clear(self, parts: Iterable[Part]) -> None:
        """Delete parts."""
        for part in parts:
            self._store.clear(self._key_of(part.name))

    def _key_of(self, name: str) -> str:
        return f"{self._key}/part/{name}"
