"""An immutable mapping that a few changes copy at little cost, with a quick comparison."""

from collections.abc import Iterator, Mapping
from math import isqrt
from typing import Any, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

_MIN_LAYER = 64
"""The upper layer holds at least this many changes before it is merged."""


class LayeredMap(Mapping[K, V]):
    """A mapping in two layers: a large one that versions share, and the latest changes over it.

    `with_items` copies the upper layer only, which grows up to the square root of the lower one;
    then both are merged. So a change costs the square root of the size, in the mean. The order of
    keys is that of a dict with the same changes. A value is never None.
    """

    __slots__ = ("_changes", "_length", "_lower", "merges")

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        self._lower: dict[K, V] = dict(items or {})
        self._changes: dict[K, V] = {}
        self._length = len(self._lower)
        self.merges = 0
        """How often the layers were merged until this version."""

    def with_items(self, items: Mapping[K, V]) -> "LayeredMap[K, V]":
        """Return a mapping with items replaced or added."""
        changed: LayeredMap[K, V] = LayeredMap.__new__(LayeredMap)
        changed._length = self._length + sum(key not in self for key in items)
        changed._lower, changed.merges = self._lower, self.merges
        changed._changes = {**self._changes, **items}
        if len(changed._changes) > max(_MIN_LAYER, isqrt(len(self._lower))):
            changed._lower = {**self._lower, **changed._changes}
            changed._changes = {}
            changed.merges += 1
        return changed

    def keys_that_differ(self, other: "LayeredMap[K, V]") -> list[K]:
        """Return the keys whose values are not the same objects; a missing key differs.

        Quick for versions with the same lower layer: only their changes are compared.
        """
        if self._lower is other._lower:
            changes, before = self._changes, other._changes
            keys = [key for key in {**before, **changes} if changes.get(key) is not before.get(key)]
        else:
            keys = list({**other._lower, **other._changes, **self._lower, **self._changes})
        return [key for key in keys if self.get(key) is not other.get(key)]

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...
    def get(self, key: K, /, default: Any = None) -> Any:
        """Return the value of a key, else `default`; quicker than that of Mapping."""
        value = self._changes.get(key)
        if value is not None:
            return value
        return self._lower.get(key, default)

    def __getitem__(self, key: K) -> V:
        value = self._changes.get(key)
        if value is not None:
            return value
        return self._lower[key]

    def __contains__(self, key: object) -> bool:
        return key in self._changes or key in self._lower

    def __iter__(self) -> Iterator[K]:
        yield from self._lower
        for key in self._changes:
            if key not in self._lower:
                yield key

    def __len__(self) -> int:
        return self._length
