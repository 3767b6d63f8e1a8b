"""Handlers: what was asked and answered."""

from itertools import islice
from typing import Any

from understudy.contract import NoMethod, NoPath
from understudy.control.api.api_call import Call, json_response, no_content
from understudy.control.api.control_problems import ControlProblem
from understudy.control.handlers.explanation import explain_exchange
from understudy.control.handlers.journal_search import parse_criteria, rank_near_misses
from understudy.messages import Exchange, Response
from understudy.replay import JournalTruncatedError, World
from understudy.rules import matches_exchange

_MOST_MISSES = 10
_OWN_ANSWERS = ("service", "refusal", "tool")


def list_requests(call: Call) -> Response:
    """Tell the exchanges: the last ones, or those after a number."""
    journal, limit, after = call.world().journal, call.values["limit"], call.values.get("after")
    kept = journal.exchanges()
    if after is None:
        shown = list(islice(kept, max(0, len(kept) - limit), None))
    else:
        shown = list(islice(journal.since(journal.position_after(after))[0], limit))
    return json_response(
        {"requests": _records(shown), "total": len(kept), "dropped": journal.dropped}
    )


def get_request(call: Call) -> Response:
    """Tell one exchange."""
    return json_response(_exchange(call).to_record())


def clear_requests(call: Call) -> Response:
    """Empty the journal."""
    call.world().journal.clear()
    return no_content()


def find_requests(call: Call) -> Response:
    """Tell the exchanges that meet criteria."""
    world = call.world()
    when = parse_criteria(call.body, world.contract)
    found = world.journal.exchanges(lambda exchange: matches_exchange(when, exchange))
    return json_response({"requests": _records(found), "dropped": world.journal.dropped})


def count_requests(call: Call) -> Response:
    """Count the exchanges that meet criteria."""
    world = call.world()
    when = parse_criteria(call.body, world.contract)
    try:
        return json_response(
            {"count": world.journal.count(lambda exchange: matches_exchange(when, exchange))}
        )
    except JournalTruncatedError as error:
        raise ControlProblem("journal-truncated", f"{error}.") from error


def list_unmatched(call: Call) -> Response:
    """Tell the calls that no operation and no rule answered."""
    world = call.world()
    return json_response(
        {"requests": _records(find_unmatched(world)), "dropped": world.journal.dropped}
    )


def list_near_misses(call: Call) -> Response:
    """Tell of unmatched calls what came nearest."""
    world = call.world()
    return json_response(
        {"nearMisses": [describe_unmatched(world, exchange) for exchange in find_unmatched(world)]}
    )


def find_near_misses(call: Call) -> Response:
    """Tell the exchanges that nearly meet criteria, row by row."""
    world = call.world()
    when = parse_criteria(call.body, world.contract)
    return json_response(
        {"nearMisses": rank_near_misses(when, world.journal.exchanges(), _MOST_MISSES)}
    )


def explain_request(call: Call) -> Response:
    """Tell how an answer came about."""
    host = call.request.headers.get("Host") or "localhost:4010"
    return json_response(explain_exchange(call.world(), _exchange(call), host))


def _exchange(call: Call) -> Exchange:
    number, journal = call.values["number"], call.world().journal
    found = next((one for one in journal.exchanges() if one.number == number), None)
    if found is not None:
        return found
    gone = f" {journal.dropped} exchanges were dropped." if journal.dropped else ""
    detail = f'The journal of the world "{call.name}" has no exchange {number}.{gone}'
    raise ControlProblem("no-such-request", detail)


def find_unmatched(world: World) -> tuple[Exchange, ...]:
    """Give what was refused for its path or method: answered by no operation, and by no rule either."""
    return world.journal.exchanges(
        lambda one: not one.operation and one.trace.get("matched") in _OWN_ANSWERS
    )


def describe_unmatched(world: World, exchange: Exchange) -> dict[str, Any]:
    """Give what came nearest to a call that nothing matched, as JSON data."""
    request = exchange.request
    told: dict[str, Any] = {
        "number": exchange.number,
        "method": request.method,
        "target": request.target,
    }
    told["status"] = exchange.response.status
    route = world.contract.route(request.method, request.path)
    if isinstance(route, NoPath) and route.nearest:
        told["nearestPath"] = route.nearest
    if isinstance(route, NoMethod):
        told["allowed"] = list(route.allowed)
    if "closest" in exchange.trace:
        told["closest"] = exchange.trace["closest"]
    return told


def _records(exchanges: Any) -> list[dict[str, Any]]:
    return [exchange.to_record() for exchange in exchanges]
