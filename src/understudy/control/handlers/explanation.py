"""Explanations of exchanges: how a response came about, and a command that repeats the call."""

import base64
import re
import shlex
from collections.abc import Iterator

from understudy.control.api.journal_types import ExplanationRecord
from understudy.messages import Exchange, Request, redact_body
from understudy.replay.world_setup import Setup

_SOURCE = re.compile(r", (?P<source>[^\s,()]+:[0-9]+)\)$")
"""The line of the documents at the end of a violation's text."""
_CONNECTION_HEADERS = frozenset(
    ["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect"]
)
"""Header fields that curl sets itself."""


def explain_exchange(
    setup: Setup, exchange: Exchange, base_url: str, ca: str = ""
) -> ExplanationRecord:
    """Return all that is known of an exchange of a world with this setup."""
    trace = exchange.trace
    scenario = setup.scenario
    operation = setup.contract.operations.get(exchange.operation)
    return {
        "number": exchange.number,
        "world": exchange.world,
        "scenario": scenario.name if scenario else "",
        "at": exchange.at.isoformat(),
        "clock": trace.get("clock", {}),
        "operation": exchange.operation,
        "summary": operation.summary if operation else "",
        "sources": list(dict.fromkeys(_sources(setup, exchange))),
        "matched": trace.get("matched", ""),
        "faults": list(trace.get("faults", [])),
        "preferences": dict(trace.get("preferences", {})),
        "revision": list(trace.get("revision", [])),
        "before": trace.get("before"),
        "after": trace.get("after"),
        "violations": list(exchange.violations),
        "closest": trace.get("closest"),
        "curl": build_curl_command(exchange, base_url, ca),
    }


def _sources(setup: Setup, exchange: Exchange) -> Iterator[str]:
    """Yield the lines of the documents: of operation, response, violations. May repeat lines."""
    operation = setup.contract.operations.get(exchange.operation)
    if operation is not None:
        if operation.source:
            yield operation.source
        response = operation.response_spec(exchange.response.status)
        if response is not None and response.source:
            yield response.source
    for violation in exchange.violations:
        match = _SOURCE.search(violation)
        if match:
            yield match["source"]


def build_curl_command(
    exchange: Exchange, base_url: str, ca: str = "", *, max_body: int | None = None
) -> str:
    """Return a shell command that sends the request again.

    The password is not part of it: curl asks for it. Secrets in the body are redacted. A body that
    a command line cannot hold is piped into curl; one of more than `max_body` bytes is read from a
    file, which is yours to write. `ca` is the file of an authority that curl has to trust.
    """
    request = exchange.request
    body = redact_body(request.body, request.headers.get("Content-Type"))
    arguments = ["curl", *_method_arguments(request)]
    if ca:
        arguments += ["--cacert", ca]
    if exchange.account:
        arguments += ["-u", exchange.account]
    arguments += _header_arguments(request, skip_authorization=bool(exchange.account))
    text = _argument_text(body)
    if max_body is not None and len(body) > max_body:
        text = ""
        arguments += ["--data-binary", f"@body-of-request-{exchange.number}"]
    if text is None:
        arguments += ["--data-binary", "@-"]
    elif text.startswith("@"):  # curl would read a file with this name
        arguments += ["--data-raw", text]
    elif text:
        arguments += ["--data-binary", text]
    command = shlex.join([*arguments, f"{base_url}{request.target}"])
    if text is None:
        encoded = base64.b64encode(body).decode()
        return f"printf %s {encoded} | base64 -d | {command}"
    return command


def _method_arguments(request: Request) -> list[str]:
    """Return the arguments that select the method and print the response header fields."""
    if request.method == "HEAD":
        return ["-I"]
    if request.method == "GET" and not request.body:
        return ["-i"]
    return ["-i", "-X", request.method]


def _header_arguments(request: Request, *, skip_authorization: bool) -> list[str]:
    """Return the header fields as arguments, but for those that curl sets itself."""
    arguments = []
    for name, value in request.headers:
        key = name.lower()
        if key in _CONNECTION_HEADERS or (skip_authorization and key == "authorization"):
            continue
        # curl sends a header field without a value only in the form `Name;`.
        arguments += ["-H", f"{name}: {value}" if value else f"{name};"]
    return arguments


def _argument_text(body: bytes) -> str | None:
    """Return the body as a text; None if it cannot be an argument: not UTF-8, or with a NUL."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
