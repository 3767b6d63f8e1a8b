"""What a store can do."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Store(Protocol):
    """Text by key. `update` is the only way to change a key, and it is atomic."""

    def read(self, key: str) -> str | None:
        """Give the text of a key, or None when it has none."""
        ...

    def update(self, key: str, function: Callable[[str | None], tuple[str | None, T]]) -> T:
        """Replace the text of a key by what `function` makes of it, and give the function's second result.

        The function gets the present text (None when there is none) and gives the new one; None leaves it as it is.
        It has to be pure: a store shared by several processes calls it again when another one was faster. When it
        raises, the text stays, and the exception passes through.
        """
        ...

    def clear(self, key: str) -> None:
        """Forget a key. One that is not there is no error."""
        ...
