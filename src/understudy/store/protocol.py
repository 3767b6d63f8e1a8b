"""The protocol of a store."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Store(Protocol):
    """Text by key. `update` is the only way to change a key, and it is atomic."""

    def read(self, key: str) -> str | None:
        """Return the text of a key, or None when it has none."""
        ...

    def update(self, key: str, function: Callable[[str | None], tuple[str | None, T]]) -> T:
        """Replace the text of a key by the result of `function`; return its second result.

        `function` takes the present text (None when there is none) and returns the new text
        (None: no change) and any result. It has to be pure: a store that several processes
        share calls it again when another process was faster. When it raises, the text stays
        as it is, and the exception passes through.
        """
        ...

    def clear(self, key: str) -> None:
        """Delete a key. A missing key is not an error."""
        ...
