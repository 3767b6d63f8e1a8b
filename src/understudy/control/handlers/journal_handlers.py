"""Handlers of the journal: lists, searches, near misses and explanations."""

from collections.abc import Iterable
from itertools import islice

from understudy.contract import NoMethod, NoPath
from understudy.control.api.api_call import Call, json_response, no_content
from understudy.control.api.control_problems import ControlProblem
from understudy.control.api.journal_types import UnmatchedRecord
from understudy.control.handlers.explanation import explain_exchange
from understudy.control.handlers.journal_search import parse_criteria, rank_near_misses
from understudy.messages import Exchange, Json, Response
from understudy.replay import Journal, JournalTruncatedError, World
from understudy.rules import matches_exchange

_MAX_NEAR_MISSES = 10
_NOT_RULES = ("service", "refusal", "tool")
"""Values of `matched` in a trace for responses that no rule gave."""


def list_requests(call: Call) -> Response:
    """List the last exchanges, or the first ones after a number."""
    journal = call.journal()
    limit: int = call.values["limit"]
    after: int | None = call.values.get("after")
    exchanges = journal.exchanges()
    if after is None:
        shown = islice(exchanges, max(0, len(exchanges) - limit), None)
    else:
        later, _ = journal.since(journal.position_after(after))
        shown = islice(later, limit)
    return json_response(
        {"requests": _records(shown), "total": len(exchanges), "dropped": journal.dropped}
    )


def get_request(call: Call) -> Response:
    """Return one exchange."""
    return json_response(_find_exchange(call).to_record())


def clear_requests(call: Call) -> Response:
    """Empty the journal."""
    call.journal().clear()
    return no_content()


def find_requests(call: Call) -> Response:
    """List the exchanges that match criteria."""
    journal = call.journal()
    when = parse_criteria(call.body, call.setup().contract)
    exchanges = journal.exchanges(lambda exchange: matches_exchange(when, exchange))
    return json_response({"requests": _records(exchanges), "dropped": journal.dropped})


def count_requests(call: Call) -> Response:
    """Count the exchanges that match criteria.

    Raises ControlProblem (`journal-truncated`) when the journal has dropped exchanges.
    """
    when = parse_criteria(call.body, call.setup().contract)
    try:
        count = call.journal().count(lambda exchange: matches_exchange(when, exchange))
    except JournalTruncatedError as error:
        raise ControlProblem("journal-truncated", f"{error}.") from error
    return json_response({"count": count})


def list_unmatched(call: Call) -> Response:
    """List the calls that no operation and no rule answered."""
    journal = call.journal()
    exchanges = find_unmatched(journal)
    return json_response({"requests": _records(exchanges), "dropped": journal.dropped})


def list_near_misses(call: Call) -> Response:
    """List what is nearest to each unmatched call."""
    world = call.world()
    records = [describe_unmatched(world, exchange) for exchange in find_unmatched(world.journal)]
    return json_response({"nearMisses": records})


def find_near_misses(call: Call) -> Response:
    """List the exchanges that nearly match criteria, row by row."""
    world = call.world()
    when = parse_criteria(call.body, world.contract)
    misses = rank_near_misses(when, world.journal.exchanges(), _MAX_NEAR_MISSES)
    return json_response({"nearMisses": misses})


def explain_request(call: Call) -> Response:
    """Explain how the response of an exchange came about."""
    exchange = _find_exchange(call)
    ca = "" if call.tls is None else call.tls.ca
    return json_response(explain_exchange(call.setup(), exchange, call.base_url, ca))


def _find_exchange(call: Call) -> Exchange:
    """Return the exchange of a call. Raises ControlProblem (`no-such-request`)."""
    number: int = call.values["number"]
    journal = call.journal()
    for exchange in journal.exchanges():
        if exchange.number == number:
            return exchange
    detail = f'The journal of the world "{call.name}" has no exchange {number}.'
    if journal.dropped:
        detail += f" {journal.dropped} exchanges were dropped."
    raise ControlProblem("no-such-request", detail)


def find_unmatched(journal: Journal) -> tuple[Exchange, ...]:
    """Return the calls whose path or method has no operation, and that no rule answered."""
    return journal.exchanges(_is_unmatched)


def _is_unmatched(exchange: Exchange) -> bool:
    """Return whether neither an operation nor a rule answered the call."""
    return not exchange.operation and exchange.trace.get("matched") in _NOT_RULES


def describe_unmatched(world: World, exchange: Exchange) -> UnmatchedRecord:
    """Return an unmatched call with what is nearest: a path, the methods of its path, a reply."""
    request = exchange.request
    record: UnmatchedRecord = {
        "number": exchange.number,
        "method": request.method,
        "target": request.target,
        "status": exchange.response.status,
    }
    match world.contract.route(request.method, request.path):
        case NoPath(nearest=nearest) if nearest:
            record["nearestPath"] = nearest
        case NoMethod(allowed=allowed):
            record["allowed"] = list(allowed)
    if "closest" in exchange.trace:
        record["closest"] = exchange.trace["closest"]
    return record


def _records(exchanges: Iterable[Exchange]) -> list[dict[str, Json]]:
    """Return exchanges as JSON data, in their order."""
    return [exchange.to_record() for exchange in exchanges]
