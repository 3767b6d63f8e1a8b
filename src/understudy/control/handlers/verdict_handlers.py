"""Handlers: what a test has to be told of a world, beside its own assertions; and who may log on."""

from collections.abc import Iterator
from typing import Any

from understudy.control.api.api_call import Call, json_response
from understudy.control.handlers.explanation import build_curl_command
from understudy.control.handlers.journal_handlers import describe_unmatched, find_unmatched
from understudy.control.handlers.rule_handlers import REPLIES, describe_rules
from understudy.messages import Exchange, RecordedViolation, Response
from understudy.ocp import Account
from understudy.replay import World

_NEVER_COUNT = ("/favicon.ico",)
"""What browsers ask for by themselves."""


def list_findings(call: Call) -> Response:
    """Tell what clients did wrong, and which replies were waited for in vain."""
    world = call.world()
    host = call.request.headers.get("Host") or "localhost:4010"
    found = [*_violations(world, host), *_unmatched(world, host), *_unused(world)]
    return json_response({"findings": found, "dropped": world.journal.dropped})


def list_accounts(call: Call) -> Response:
    """Tell who may log on."""
    scenario = call.world().setup.scenario
    accounts = scenario.accounts.values() if scenario else ()
    return json_response({"accounts": [_account(account) for account in accounts]})


def _violations(world: World, host: str) -> Iterator[dict[str, Any]]:
    for exchange in world.journal.exchanges(_counts):
        for breach in exchange.recorded_violations:
            if breach.side == "request" and breach.rule != "unknown":
                yield {"kind": "violation", **_of(exchange, host), **_broken(breach)}


def _unmatched(world: World, host: str) -> Iterator[dict[str, Any]]:
    for exchange in find_unmatched(world):
        if _counts(exchange):
            told = describe_unmatched(world, exchange)
            text = "no operation has this path"
            if "nearestPath" in told:
                text += f'; the nearest is "{told["nearestPath"]}"'
            if "allowed" in told:
                text = f"the path has no such method; it has {', '.join(told['allowed'])}"
            yield {"kind": "unmatched", **_of(exchange, host), "text": text}


def _unused(world: World) -> Iterator[dict[str, Any]]:
    for record in describe_rules(REPLIES, world, world.state()):
        if record["rule"].get("must") and not record["used"]:
            yield {
                "kind": "unused",
                "rule": record["name"],
                "text": f'the reply "{record["name"]}" was never used',
            }


def _counts(exchange: Exchange) -> bool:
    return exchange.request.method != "OPTIONS" and exchange.request.path not in _NEVER_COUNT


def _of(exchange: Exchange, host: str) -> dict[str, Any]:
    request = exchange.request
    call = f"{request.method} {request.path}" + (f"?{request.query}" if request.query else "")
    told = {
        "number": exchange.number,
        "at": exchange.at.isoformat(),
        "operation": exchange.operation,
        "call": call,
    }
    return {**told, "status": exchange.response.status, "curl": build_curl_command(exchange, host)}


def _broken(breach: RecordedViolation) -> dict[str, str]:
    return {
        "place": breach.place,
        "rule": breach.rule,
        "text": breach.text,
        "source": breach.source,
    }


def _account(account: Account) -> dict[str, Any]:
    told = {
        "name": account.name,
        "password": account.password,
        "permissions": sorted(account.permissions),
    }
    return {**told, "accessKey": account.access_key, "secretKey": account.secret_key}
