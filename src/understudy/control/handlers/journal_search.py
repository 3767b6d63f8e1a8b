"""Searches in a journal, with the conditions of a rule's `when`."""

from collections.abc import Iterable, Mapping
from typing import Any

from understudy.contract import Contract
from understudy.control.api.control_problems import from_problems
from understudy.control.api.journal_types import NearMissRecord, RowRecord
from understudy.errors import InputError, Place, ProblemReport
from understudy.messages import Exchange
from understudy.rules import When, parse_when
from understudy.rules.matching.call_context import CallView


class BodyPlaces:
    """Locations in a call's body, for problems: a JSON pointer without the prefix `root`."""

    def __init__(self, root: str = "") -> None:
        self._root = root

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the pointer as a place; a body has no lines."""
        return Place(f"body{pointer.removeprefix(self._root)}")


def parse_criteria(data: Mapping[str, Any], contract: Contract) -> When:
    """Parse search criteria. Raises ControlProblem (`bad-request`) with all their problems."""
    report = ProblemReport(BodyPlaces())
    when = parse_when(data, report, search=True, contract=contract)
    try:
        report.raise_if_any()
    except InputError as error:
        raise from_problems("bad-request", error.problems) from error
    return when


def rank_near_misses(when: When, exchanges: Iterable[Exchange], limit: int) -> list[NearMissRecord]:
    """Return the exchanges that nearly match, at most `limit`.

    An exchange is near if it differs in some rows, but not in all of them. Those with the fewest
    differing rows come first, and the newest of them.
    """
    misses = [_compare(when, exchange) for exchange in exchanges]
    near = [miss for miss in misses if 0 < miss["differing"] < max(2, len(miss["rows"]))]
    near.sort(key=lambda miss: (miss["differing"], -miss["number"]))
    return near[:limit]


def _compare(when: When, exchange: Exchange) -> NearMissRecord:
    """Return an exchange with one row for each condition."""
    rows: list[RowRecord] = [
        {"field": row.field, "wanted": row.expected, "found": row.actual, "matches": row.matches}
        for row in when.describe_conditions(_call_view(exchange))
    ]
    return {
        "number": exchange.number,
        "method": exchange.request.method,
        "target": exchange.request.target,
        "differing": sum(not row["matches"] for row in rows),
        "rows": rows,
    }


def _call_view(exchange: Exchange) -> CallView:
    """Return what conditions can see of a recorded exchange."""
    path = exchange.trace.get("path", {})
    variables = path if isinstance(path, Mapping) else {}
    view = CallView(exchange.request, exchange.operation, variables)
    view.status = exchange.response.status
    view.account = exchange.account
    return view
