"""One object for equal values: thousands of answers of a list show the same tasks and fields."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value", bound=Hashable)


class SharedValues(Generic[Value]):
    """A bounded table of values, each of which is returned for all that are equal to it."""

    def __init__(self, max_values: int) -> None:
        self._values: dict[Value, Value] = {}
        self._max_values = max_values

    def __len__(self) -> int:
        return len(self._values)

    def share(self, value: Value) -> Value:
        """Return the first value that is equal to this one. At the bound, begin anew."""
        if len(self._values) >= self._max_values:
            self._values.clear()  # values in use stay alive, but are shared no longer
        return self._values.setdefault(value, value)
