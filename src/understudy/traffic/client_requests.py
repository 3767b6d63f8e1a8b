"""Finds the request that a client's response answers, as far as the client still has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from understudy.messages import Headers, Request

_PATH_CHARACTERS = "/!$&'()*+,;=:@~-._"
"""What stays as it is in a path. Source: RFC 3986, section 3.3."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request, and which parts of it are known."""

    request: Request
    has_body: bool = True
    """False: the body was a stream, which is gone."""
    has_head: bool = True


def find_request(response: Any) -> SentRequest | None:
    """Return the request that a response answers; None where the client does not keep it."""
    request = getattr(response, "request", None)
    if isinstance(request, Mapping):  # Django's test client: the WSGI or ASGI environment
        return _convert_environment(request, getattr(response, "wsgi_request", None))
    if request is None and hasattr(response, "method"):  # aiohttp: the body is not kept
        info = getattr(response, "request_info", response)
        return SentRequest(_build(info.method, str(info.url), info.headers), has_body=False)
    if request is None or not hasattr(request, "method"):
        return None
    body = _read_body(request)
    built = _build(request.method, str(request.url), request.headers, body or b"")
    return SentRequest(built, has_body=body is not None)


def list_fields(headers: Any) -> list[tuple[str, str]]:
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


def _build(method: object, url: str, headers: Any, body: bytes = b"") -> Request:
    parts = urlsplit(url)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    fields = Headers.of(list_fields(headers))
    return Request(str(method).upper(), target, path, parts.query, fields, body)


def _read_body(request: Any) -> bytes | None:
    """Return the body that was sent; None for a stream, which can be read only once."""
    if hasattr(request, "get_data"):  # werkzeug
        return bytes(request.get_data())
    if hasattr(request, "stream"):  # httpx: `content` raises for streams
        body = getattr(request, "_content", None)
    else:
        body = getattr(request, "body", None) or b""  # requests
    if isinstance(body, str):
        return body.encode("utf-8")
    return bytes(body) if isinstance(body, bytes | bytearray) else None


def _convert_environment(environment: Mapping[str, Any], received: Any) -> SentRequest:
    """Return the request of Django's test client. Its paths are decoded, as WSGI has them.

    `received` is the request that the view got; if the view has read its body as a stream, that is
    gone.
    """
    path = quote(
        str(environment.get("PATH_INFO", "/")).encode("latin-1", "replace"), safe=_PATH_CHARACTERS
    )
    query = environment.get("QUERY_STRING", "")
    fields = [
        (name.removeprefix("HTTP_").replace("_", "-").title(), str(value))
        for name, value in environment.items()
        if value != "" and (name.startswith("HTTP_") or name == "CONTENT_TYPE")
    ]
    is_gone = getattr(received, "_read_started", True) and not hasattr(received, "_body")
    body: bytes | None = None if is_gone else received.body
    url = f"{path}?{query}" if query else path
    method = environment.get("REQUEST_METHOD", "GET")
    has_head = "wsgi.version" in environment or bool(fields)
    built = _build(method, "http://testserver" + url, fields, body or b"")
    return SentRequest(built, has_body=body is not None, has_head=has_head)
