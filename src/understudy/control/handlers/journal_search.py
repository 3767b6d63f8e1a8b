"""Searches in a journal, by the words of a rule's `when`."""

from collections.abc import Iterable, Mapping
from typing import Any

from understudy.contract import Contract
from understudy.control.api.control_problems import from_problems
from understudy.errors import InputError, Place, ProblemReport
from understudy.messages import Exchange
from understudy.rules import When, parse_when
from understudy.rules.matching.call_context import CallView


class BodyPlaces:
    """Knows of a call's body where its parts stand: at their pointers, below `root`."""

    def __init__(self, root: str = "") -> None:
        self._root = root

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give the pointer as the place."""
        return Place(f"body{pointer.removeprefix(self._root)}")


def parse_criteria(data: Mapping[str, Any], contract: Contract) -> When:
    """Read criteria. Raises ControlProblem with all that is wrong with them."""
    report = ProblemReport(BodyPlaces())
    when = parse_when(data, report, search=True, contract=contract)
    try:
        report.raise_if_any()
    except InputError as error:
        raise from_problems("bad-request", error.problems) from error
    return when


def rank_near_misses(when: When, exchanges: Iterable[Exchange], most: int) -> list[dict[str, Any]]:
    """Give the exchanges that do not meet criteria, row by row; those with the fewest rows that differ, the newest
    first among equals. One that differs in every row is not near."""
    found: list[dict[str, Any]] = []
    for exchange in exchanges:
        rows = when.describe_conditions(_sight(exchange))
        differing = sum(not row.matches for row in rows)
        if 0 < differing < max(2, len(rows)):
            told = [
                {"field": r.field, "wanted": r.expected, "found": r.actual, "matches": r.matches}
                for r in rows
            ]
            request = {"method": exchange.request.method, "target": exchange.request.target}
            found.append(
                {"number": exchange.number, **request, "differing": differing, "rows": told}
            )
    return sorted(found, key=lambda miss: (miss["differing"], -miss["number"]))[:most]


def _sight(exchange: Exchange) -> CallView:
    path = exchange.trace.get("path", {})
    sight = CallView(
        exchange.request, exchange.operation, path if isinstance(path, Mapping) else {}
    )
    sight.status, sight.account = exchange.response.status, exchange.account
    return sight
