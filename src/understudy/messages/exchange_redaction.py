"""Exchanges without secrets, as the journal saves them."""

from dataclasses import replace

from understudy.messages.exchange import Exchange
from understudy.messages.redaction import redact_data, redact_headers, redact_target
from understudy.messages.secret_texts import Secrets


def redact_exchange(exchange: Exchange, secrets: Secrets | None = None) -> Exchange:
    """Return an exchange without secrets but for the bodies: the same object where there are none.

    A response may repeat the secrets of its request: they are replaced there too. `secrets` are
    those that are known already.
    """
    request, response = exchange.request, exchange.response
    secrets = secrets or Secrets()
    headers = redact_headers(request.headers, secrets)
    target = redact_target(request.target, secrets)
    query = redact_target(f"?{request.query}", secrets)[1:] if request.query else ""
    path = redact_target(request.path, secrets)
    if (target, path, query) != (request.target, request.path, request.query) or (
        headers is not request.headers
    ):
        request = replace(request, target=target, path=path, query=query, headers=headers)
        exchange = replace(exchange, request=request)
    fields = redact_headers(response.headers, secrets)
    body = secrets.replace_known_bytes(response.body)
    if fields is not response.headers or body is not response.body:
        exchange = replace(exchange, response=replace(response, headers=fields, body=body))
    return _redact_notes(exchange, secrets)


def _redact_notes(exchange: Exchange, secrets: Secrets) -> Exchange:
    """Replace the secrets of the request in violations and trace, which quote it."""
    if not secrets.has_known:
        return exchange
    violations = [
        replace(violation, text=secrets.replace_known(violation.text))
        for violation in exchange.recorded_violations
    ]
    trace = redact_data(exchange.trace, secrets)
    return replace(exchange, recorded_violations=tuple(violations), trace=trace)
