"""What of a contract has been exercised in a world: counts only, so that nothing is lost when the journal drops."""

from collections import Counter
from threading import Lock


class Tally:
    """Counts the answers of each operation by their status."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, int]] = Counter()
        self._lock = Lock()

    def count(self, operation: str, status: int) -> None:
        """Count an answer. An empty operation is a call that no operation answered."""
        with self._lock:
            self._counts[operation, status] += 1

    def counts(self) -> dict[tuple[str, int], int]:
        """Give the counts by operationId and status."""
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._counts.clear()
