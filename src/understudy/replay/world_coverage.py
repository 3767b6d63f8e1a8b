"""What the clients of a world were exercised with: worked out when somebody asks, or when the journal would lose it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from understudy.contract import Contract
from understudy.messages import Exchange

if TYPE_CHECKING:  # what only a server needs that somebody asks for coverage is imported then
    from understudy.coverage import Coverage, Report


class WorldCoverage:
    """The coverage of one world. `contract` gives the one that the world plays by now."""

    def __init__(self, contract: Callable[[], Contract]) -> None:
        self._contract = contract
        self._coverage: Coverage | None = None
        self._lock = Lock()

    def observe(self, exchange: Exchange) -> None:
        """Count an exchange. They come in the order in which they were kept, each once, and whole."""
        with self._lock:
            self._counting().observe(exchange)

    def report(self) -> Report:
        """Give everything that there is to exercise, with how often it was."""
        with self._lock:
            return self._counting().report()

    def add_to(self, total: Coverage) -> None:
        """Add what was counted to the counts of others."""
        with self._lock:
            if self._coverage is not None:
                total.add(self._coverage)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._coverage = None

    def _counting(self) -> Coverage:
        contract = self._contract()
        if self._coverage is None:
            from understudy.coverage import Coverage

            self._coverage = Coverage(contract)
        self._coverage.contract = contract  # a reload may have brought another one
        return self._coverage
