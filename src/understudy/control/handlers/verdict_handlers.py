"""Handlers of the findings that a test should fail for, and of the accounts.

Violations of responses are no findings: they were requested (faults, corruptions), or come from an
example of the contract.
"""

from collections.abc import Iterator
from dataclasses import replace

from understudy.control.api.api_call import Call, json_response
from understudy.control.api.world_types import AccountRecord
from understudy.control.handlers.explanation import build_curl_command
from understudy.control.handlers.journal_handlers import describe_unmatched, find_unmatched
from understudy.control.handlers.rule_handlers import REPLIES, describe_rules
from understudy.messages import Exchange, RecordedViolation, Response
from understudy.ocp import Account
from understudy.replay import World

_MAX_OF_REQUEST = 10
"""Violations of one request that are findings of their own; the others are counted."""
_MAX_CURL_BODY = 4096
"""Bytes of a body that the command of a finding has; `explain` shows a longer one."""
_IGNORED_PATHS = ("/favicon.ico",)
"""Paths that browsers request on their own."""


_Finding = dict[str, object]
"""A finding as JSON data, with the keys of `FindingRecord`."""


def list_findings(call: Call) -> Response:
    """List violations of requests, unmatched calls, and replies that should have been used."""
    world = call.world()
    findings = [
        *_violations(world, call.base_url),
        *_unmatched_calls(world, call.base_url),
        *_unused_replies(world),
    ]
    return json_response({"findings": findings, "dropped": world.journal.dropped})


def list_accounts(call: Call) -> Response:
    """List the accounts of the scenario."""
    scenario = call.world().setup.scenario
    accounts = scenario.accounts.values() if scenario else ()
    return json_response({"accounts": [_describe_account(account) for account in accounts]})


def _violations(world: World, base_url: str) -> Iterator[_Finding]:
    """Yield the violations of requests; a client may send parameters that the contract lacks."""
    for exchange in world.journal.exchanges(_is_relevant):
        violations = [
            violation
            for violation in exchange.recorded_violations
            if violation.side == "request" and violation.rule != "unknown"
        ]
        for violation in violations[:_MAX_OF_REQUEST]:
            yield _describe_violation(exchange, violation, base_url)
        more = len(violations) - _MAX_OF_REQUEST
        if more > 0:
            last = replace(violations[-1], text=f"{more} more violations of this request")
            yield _describe_violation(exchange, last, base_url)


def _describe_violation(
    exchange: Exchange, violation: RecordedViolation, base_url: str
) -> _Finding:
    """Return the finding of a violation."""
    return {
        "kind": "violation",
        **_describe_exchange(exchange, base_url),
        "place": violation.place,
        "rule": violation.rule,
        "text": violation.text,
        "source": violation.source,
    }


def _unmatched_calls(world: World, base_url: str) -> Iterator[_Finding]:
    """Yield the unmatched calls that a client made on purpose."""
    for exchange in find_unmatched(world.journal):
        if not _is_relevant(exchange):
            continue
        yield {
            "kind": "unmatched",
            **_describe_exchange(exchange, base_url),
            "text": _explain_unmatched(world, exchange),
        }


def _explain_unmatched(world: World, exchange: Exchange) -> str:
    """Return why nothing matched: no method, or no path."""
    record = describe_unmatched(world, exchange)
    if "allowed" in record:
        return f"the path has no such method; it has {', '.join(record['allowed'])}"
    text = "no operation has this path"
    if "nearestPath" in record:
        text += f'; the nearest is "{record["nearestPath"]}"'
    return text


def _unused_replies(world: World) -> Iterator[_Finding]:
    """Yield the replies with `must` that no call has used."""
    for record in describe_rules(REPLIES, world, world.state()):
        if record["rule"].get("must") and not record["used"]:
            name = record["name"]
            yield {"kind": "unused", "rule": name, "text": f'the reply "{name}" was never used'}


def _is_relevant(exchange: Exchange) -> bool:
    """Return whether a client made the call on purpose."""
    return exchange.request.method != "OPTIONS" and exchange.request.path not in _IGNORED_PATHS


def _describe_exchange(exchange: Exchange, base_url: str) -> _Finding:
    """Return the members that findings about an exchange have in common."""
    request = exchange.request
    target = f"{request.path}?{request.query}" if request.query else request.path
    return {
        "number": exchange.number,
        "at": exchange.at.isoformat(),
        "operation": exchange.operation,
        "call": f"{request.method} {target}",
        "status": exchange.response.status,
        "curl": build_curl_command(exchange, base_url, max_body=_MAX_CURL_BODY),
    }


def _describe_account(account: Account) -> AccountRecord:
    """Return the record of an account."""
    return {
        "name": account.name,
        "password": account.password,
        "permissions": sorted(account.permissions),
        "accessKey": account.access_key,
        "secretKey": account.secret_key,
    }
