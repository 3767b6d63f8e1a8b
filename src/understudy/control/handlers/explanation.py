"""How an answer came about, in full."""

import base64
import re
import shlex
from collections.abc import Iterator
from typing import Any

from understudy.messages import Exchange
from understudy.replay import World

_SOURCE = re.compile(r", (?P<source>[^\s,()]+:[0-9]+)\)$")
"""Where a violation's text tells the documents' line."""
_OF_CONNECTION = frozenset(
    ["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect"]
)


def explain_exchange(world: World, exchange: Exchange, host: str) -> dict[str, Any]:
    """Give all that is known of an exchange of a world, as JSON data."""
    trace, scenario = exchange.trace, world.setup.scenario
    operation = world.contract.operations.get(exchange.operation)
    return {
        "number": exchange.number,
        "world": exchange.world,
        "scenario": scenario.name if scenario else "",
        "at": exchange.at.isoformat(),
        "clock": trace.get("clock", {}),
        "operation": exchange.operation,
        "summary": operation.summary if operation else "",
        "sources": list(dict.fromkeys(_sources(world, exchange))),
        "matched": trace.get("matched", ""),
        "faults": list(trace.get("faults", [])),
        "preferences": dict(trace.get("preferences", {})),
        "revision": list(trace.get("revision", [])),
        "before": trace.get("before"),
        "after": trace.get("after"),
        "violations": list(exchange.violations),
        "closest": trace.get("closest"),
        "curl": build_curl_command(exchange, host),
    }


def _sources(world: World, exchange: Exchange) -> Iterator[str]:
    operation = world.contract.operations.get(exchange.operation)
    spec = operation.response_spec(exchange.response.status) if operation else None
    yield from (one.source for one in (operation, spec) if one is not None and one.source)
    for violation in exchange.violations:
        found = _SOURCE.search(violation)
        if found:
            yield found["source"]


def build_curl_command(exchange: Exchange, host: str) -> str:
    """Give a line for a shell that sends the request again. What was secret is not in it: curl asks for a password."""
    request, known = exchange.request, exchange.account
    words = ["curl", "-i"]
    if request.method == "HEAD":
        words = ["curl", "-I"]
    elif request.method != "GET" or request.body:
        words += ["-X", request.method]
    words += ["-u", known] if known else []
    for name, value in request.headers:
        if name.lower() not in _OF_CONNECTION and not (known and name.lower() == "authorization"):
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    try:
        told = request.body.decode("utf-8")
        piped = "\0" in told
    except UnicodeDecodeError:
        piped = True
    if request.body:
        words += (
            ["--data-binary", "@-" if piped else told]
            if piped or not told.startswith("@")
            else ["--data-raw", told]
        )
    line = shlex.join([*words, f"http://{host}{request.target}"])
    return (
        f"printf %s {base64.b64encode(request.body).decode()} | base64 -d | {line}"
        if piped
        else line
    )
