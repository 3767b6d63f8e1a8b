"""An immutable sorted sequence in which an item is added or removed at little cost."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_MAX_CHUNK = 128
"""A chunk with more items is divided in two."""


class SortedChunks(Generic[T]):
    """Sorted items in chunks that versions share. Items are comparable; no two are equal.

    A change copies one chunk and the tuple of chunks. Each chunk has a weight, the sum of the
    weights of its items, so that a reader can skip chunks.
    """

    __slots__ = ("_weigh", "chunks", "length", "weights")

    def __init__(self, items: Iterable[T] = (), weigh: Callable[[T], int] | None = None) -> None:
        """Take items in any order, and the function that weighs one; without it, each weighs 1."""
        ordered: list[Any] = sorted(items)
        step = _MAX_CHUNK // 2
        starts = range(0, len(ordered), step)
        self._weigh = weigh
        self.chunks: tuple[tuple[T, ...], ...] = tuple(
            tuple(ordered[start : start + step]) for start in starts
        )
        """The items; no chunk is empty."""
        self.weights: tuple[int, ...] = tuple(map(self._sum, self.chunks))
        """The weight of each chunk."""
        self.length = len(ordered)

    def with_item(self, item: T) -> "SortedChunks[T]":
        """Return the sequence with one more item."""
        if not self.chunks:
            return SortedChunks((item,), self._weigh)
        # After the last item there is no chunk: the last one takes it.
        index = min(self._find_chunk(item), len(self.chunks) - 1)
        items: list[Any] = list(self.chunks[index])
        insort(items, item)
        if len(items) <= _MAX_CHUNK:
            weight = self.weights[index] + self._sum((item,))
            return self._replace(index, (tuple(items),), (weight,), 1)
        half = len(items) // 2
        halves = (tuple(items[:half]), tuple(items[half:]))
        return self._replace(index, halves, tuple(map(self._sum, halves)), 1)

    def without_item(self, item: T) -> "SortedChunks[T]":
        """Return the sequence without an item. Raises KeyError when it is not there."""
        index = self._find_chunk(item)
        if index == len(self.chunks):
            raise KeyError(item)
        chunk: tuple[Any, ...] = self.chunks[index]
        place = bisect_left(chunk, item)
        if chunk[place] != item:
            raise KeyError(item)
        rest = (*chunk[:place], *chunk[place + 1 :])
        if not rest:
            return self._replace(index, (), (), -1)
        weight = self.weights[index] - self._sum((item,))
        return self._replace(index, (rest,), (weight,), -1)

    def with_changes(self, removed: Iterable[T], added: Iterable[T]) -> "SortedChunks[T]":
        """Return the sequence without some items, and with others.

        Raises KeyError when an item to remove is not there.
        """
        gone: list[Any] = sorted(removed)
        new = list(added)
        if len(gone) + len(new) > len(self.chunks) + _MAX_CHUNK:
            return SortedChunks((*self._without(gone), *new), self._weigh)
        changed = self
        for item in gone:
            changed = changed.without_item(item)
        for item in new:
            changed = changed.with_item(item)
        return changed

    def _without(self, gone: list[T]) -> Iterator[T]:
        """Yield the items without some of them, which are sorted."""
        place = 0
        for item in self:
            if place < len(gone) and item == gone[place]:
                place += 1
            else:
                yield item
        if place < len(gone):
            raise KeyError(gone[place])

    @property
    def first(self) -> T | None:
        """The first item; None without any."""
        return self.chunks[0][0] if self.chunks else None

    def __iter__(self) -> Iterator[T]:
        for chunk in self.chunks:
            yield from chunk

    def __len__(self) -> int:
        return self.length

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SortedChunks):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def _find_chunk(self, item: Any) -> int:
        """Return the index of the first chunk that ends with this item or a later one."""
        chunks: tuple[Any, ...] = self.chunks
        return bisect_left(chunks, item, key=_last_item)

    def _replace(
        self,
        index: int,
        chunks: tuple[tuple[T, ...], ...],
        weights: tuple[int, ...],
        change: int,
    ) -> "SortedChunks[T]":
        """Return the sequence with other chunks in place of one; it is `change` items longer."""
        replaced: SortedChunks[T] = SortedChunks.__new__(SortedChunks)
        replaced._weigh = self._weigh
        replaced.chunks = (*self.chunks[:index], *chunks, *self.chunks[index + 1 :])
        replaced.weights = (*self.weights[:index], *weights, *self.weights[index + 1 :])
        replaced.length = self.length + change
        return replaced

    def _sum(self, chunk: tuple[T, ...]) -> int:
        if self._weigh is None:
            return len(chunk)
        return sum(map(self._weigh, chunk))


def _last_item(chunk: tuple[Any, ...]) -> Any:
    return chunk[-1]
