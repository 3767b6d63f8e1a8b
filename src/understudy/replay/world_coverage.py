"""The contract coverage of a world.

It is measured late: when a client asks for it, or when the journal is about to drop exchanges.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

from understudy.contract import Contract
from understudy.messages import Exchange
from understudy.replay.journals.journal_entry import LazyExchange

if TYPE_CHECKING:  # imported at run time only where coverage is measured
    from understudy.coverage import Coverage, Report


class WorldCoverage:
    """The coverage of one world. `contract` returns the world's present contract."""

    def __init__(self, contract: Callable[[], Contract]) -> None:
        self._contract = contract
        self._coverage: Coverage | None = None
        self.lock = RLock()
        """Every method takes it. The journal takes it first where it must not wait for it."""

    def observe(self, exchange: Exchange | LazyExchange) -> None:
        """Count an exchange. Exchanges come in the journal's order, each once, not cut."""
        with self.lock:
            coverage = self._get_coverage()
            if isinstance(exchange, Exchange):
                coverage.observe(exchange)
                return
            lazy = exchange
            coverage.observe_repeated(lazy.world, lazy.contents, lazy.shape, lazy.exchange)

    def report(self) -> Report:
        """Return the report: everything that can be exercised, with its counts."""
        with self.lock:
            return self._get_coverage().report()

    def add_to(self, total: Coverage) -> None:
        """Add the counts to those of other worlds."""
        with self.lock:
            if self._coverage is not None:
                total.add(self._coverage)

    def clear(self) -> None:
        """Forget every count."""
        with self.lock:
            self._coverage = None

    def _get_coverage(self) -> Coverage:
        contract = self._contract()
        if self._coverage is None:
            # Imported late: the start of a server that measures nothing stays fast.
            from understudy.coverage import Coverage

            self._coverage = Coverage(contract)
        # A reload may have replaced the contract.
        self._coverage.contract = contract
        return self._coverage
