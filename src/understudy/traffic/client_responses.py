"""Converts the responses of HTTP clients and of frameworks' test clients to messages.

Nothing is imported from them: their attributes differ.
"""

from typing import Any

from understudy.messages import Exchange, Headers, Response, dump_json
from understudy.traffic.client_requests import find_request, list_fields
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
        for name, value in list_fields(response.headers)
        if name.lower() not in _HOP_FIELDS
    ]
    received = Response(status, Headers.of(fields), _read_body(response))
    sent = None if operation else find_request(response)
    if sent is None:
        return Message(received, operation=operation)
    return Message(
        received,
        sent.request,
        has_request_body=sent.has_body,
        has_request_head=sent.has_head,
    )


def _convert_tuple(parts: tuple[Any, ...]) -> Response:
    """Return the response of `(status, headers, body)`. Another body than bytes or text is JSON."""
    if len(parts) != 3 or not isinstance(parts[0], int):
        raise TypeError(f"a tuple of {len(parts)} parts is not a response; expected {_SUPPORTED}")
    status, headers, body = parts
    fields = list(list_fields(headers or {}))
    if isinstance(body, str):
        content = body.encode("utf-8")
    elif isinstance(body, bytes | bytearray):
        content = bytes(body)
    else:
        content = dump_json(body)
        if not any(name.lower() == "content-type" for name, _ in fields):
            fields.append(("Content-Type", "application/json"))
    return Response(status, Headers.of(fields), content)


def _read_body(response: Any) -> bytes:
    """Return the body that a client has read."""
    if hasattr(response, "get_data"):  # werkzeug
        data = response.get_data()
    elif getattr(response, "streaming", False) is True:  # Django
        data = _read_stream(response)
    elif hasattr(response, "content_disposition") and hasattr(response, "_body"):
        data = response._body  # aiohttp: `content` is a stream there
        if data is None:
            raise ValueError("the body was not read; call `await response.read()` first")
    else:
        data = _read_content(response)  # requests, httpx, Django
    if not isinstance(data, bytes | bytearray):
        raise TypeError(f"the body is {type(data).__name__}; expected bytes")
    return bytes(data)


def _read_content(response: Any) -> Any:
    try:
        return response.content
    except AttributeError:
        name = type(response).__name__
        raise TypeError(f"{name} has no body; expected {_SUPPORTED}") from None
    except RuntimeError as error:  # httpx: not read, or read piece by piece
        text = "the body was not read; call `response.read()` or `await response.aread()` first"
        raise ValueError(text) from error


def _read_stream(response: Any) -> bytes:
    """Return the body of a streaming response; the test can read it again."""
    if getattr(response, "is_async", False):
        raise ValueError("the body is an asynchronous stream; pass (status, headers, body)")
    data: bytes = response.getvalue()
    response.streaming_content = [data]
    return data
