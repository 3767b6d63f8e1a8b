"""Converts the responses of HTTP clients and of frameworks' test clients to messages.

Nothing is imported from them: their attributes differ.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from understudy.messages import Exchange, Headers, Request, Response, dump_json
from understudy.traffic.traffic_message import Message

_SUPPORTED = (
    "a response of requests, httpx, aiohttp, Django or werkzeug, "
    "a tuple (status, headers, body), or an Exchange"
)
_HOP_FIELDS = frozenset(["content-encoding", "transfer-encoding", "content-length"])
"""Fields about the bytes on the wire: clients decode a body before they return it."""


def convert_response(response: Any, operation: str = "") -> Message:
    """Return the message of a client's response, with its request where the client has it.

    `operation` is the operationId; without it, the operation is found by method and path. Raises
    TypeError for another object, ValueError where the body was not read.
    """
    if isinstance(response, Exchange):
        return Message(response.response, response.request, operation or response.operation)
    if isinstance(response, Response):
        return Message(response, operation=operation)
    if isinstance(response, tuple):
        return Message(_convert_tuple(response), operation=operation)
    status = getattr(response, "status_code", None)
    if status is None:
        status = getattr(response, "status", None)  # aiohttp, http.client
    if not isinstance(status, int) or not hasattr(response, "headers"):
        raise TypeError(f"{type(response).__name__} is not a response; expected {_SUPPORTED}")
    fields = [
        (name, value)
        for name, value in _list_fields(response.headers)
        if name.lower() not in _HOP_FIELDS
    ]
    received = Response(status, Headers.of(fields), _read_body(response))
    request = None if operation else _find_request(response)
    return Message(received, request, operation)


def _convert_tuple(parts: tuple[Any, ...]) -> Response:
    """Return the response of `(status, headers, body)`. Another body than bytes or text is JSON."""
    if len(parts) != 3 or not isinstance(parts[0], int):
        raise TypeError(f"a tuple of {len(parts)} parts is not a response; expected {_SUPPORTED}")
    status, headers, body = parts
    fields = list(_list_fields(headers or {}))
    if isinstance(body, str):
        content = body.encode("utf-8")
    elif isinstance(body, bytes | bytearray):
        content = bytes(body)
    else:
        content = dump_json(body)
        if not any(name.lower() == "content-type" for name, _ in fields):
            fields.append(("Content-Type", "application/json"))
    return Response(status, Headers.of(fields), content)


def _list_fields(headers: Any) -> list[tuple[str, str]]:
    """Return header fields in order, repeated ones included where the client keeps them."""
    pairs: Iterable[tuple[Any, Any]]
    if hasattr(headers, "multi_items"):  # httpx
        pairs = headers.multi_items()
    elif isinstance(headers, Mapping) or hasattr(headers, "items"):
        pairs = headers.items()
    else:
        pairs = headers
    return [(_to_text(name), _to_text(value)) for name, value in pairs]


def _to_text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _read_body(response: Any) -> bytes:
    """Return the body that a client has read."""
    if hasattr(response, "get_data"):  # werkzeug
        data = response.get_data()
    elif hasattr(response, "content") and not hasattr(response, "content_disposition"):
        data = response.content  # requests, httpx, Django
    elif hasattr(response, "_body"):  # aiohttp: `content` is a stream there
        data = response._body
        if data is None:
            raise ValueError("the body was not read; call `await response.read()` first")
    else:
        raise TypeError(f"{type(response).__name__} has no body; expected {_SUPPORTED}")
    if not isinstance(data, bytes | bytearray):
        raise TypeError(f"the body is {type(data).__name__}; expected bytes")
    return bytes(data)


def _find_request(response: Any) -> Request | None:
    """Return the request that a response answers; None where the client does not keep it."""
    request = getattr(response, "request", None)
    if isinstance(request, Mapping):  # Django's test client: the WSGI environment
        return _build_request(
            str(request.get("REQUEST_METHOD", "GET")),
            str(request.get("PATH_INFO", "/")),
            str(request.get("QUERY_STRING", "")),
            {},
        )
    if request is None and hasattr(response, "method"):  # aiohttp
        request = getattr(response, "request_info", response)
    if request is None or not hasattr(request, "method"):
        return None
    url = urlsplit(str(request.url))
    body = _read_request_body(request)
    return _build_request(str(request.method), url.path, url.query, request.headers, body)


def _build_request(method: str, path: str, query: str, headers: Any, body: bytes = b"") -> Request:
    path = path or "/"
    target = f"{path}?{query}" if query else path
    return Request(method.upper(), target, path, query, Headers.of(_list_fields(headers)), body)


def _read_request_body(request: Any) -> bytes:
    """Return the body that was sent, as far as the client still has it."""
    if hasattr(request, "get_data"):  # werkzeug
        return bytes(request.get_data())
    body = getattr(request, "body", None)  # requests
    if body is None:
        body = getattr(request, "_content", None)  # httpx: `content` raises for streams
    if isinstance(body, str):
        return body.encode("utf-8")
    return bytes(body) if isinstance(body, bytes | bytearray) else b""
