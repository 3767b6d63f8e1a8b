"""Reads HAR files, entry by entry: a file may be larger than the memory that it may take.

Source: HTTP Archive (HAR) 1.2, as browsers write it.
"""

import base64
from collections.abc import Iterable, Iterator
from typing import IO
from urllib.parse import urlencode, urlsplit

from understudy.messages import Headers, Json, Request, Response
from understudy.traffic.reading.json_items import read_items
from understudy.traffic.reading.read_failure import ReadFailure
from understudy.traffic.traffic_message import Message

_ENTRIES = "log.entries.item"
_HOP_FIELDS = frozenset(["content-encoding", "transfer-encoding", "content-length"])
"""Fields about the bytes on the wire: the text of a HAR file is decoded already."""
_DEFAULT_MEDIA_TYPES = frozenset(["", "x-unknown", "application/x-unknown"])
"""What browsers write for a response without Content-Type."""
_NOT_SENT = frozenset([101, 304])
"""The statuses of an upgrade to another protocol, and of an answer from the browser's cache."""
_PARTIAL = 206
_BROWSER_REDIRECT = "Non-Authoritative-Reason"
"""The field of a redirect that the browser has made up, such as that of HSTS."""


class _EntryError(ValueError):
    """An entry with a wrong member."""


def read_har(stream: IO[bytes], file: str) -> Iterator[Message | ReadFailure]:
    """Yield the calls of a HAR file that were answered; failures for what cannot be read.

    Left out are calls that were answered by the browser (from its cache, redirects of HSTS), and
    those that became a web socket.
    """
    for number, entry in read_items(stream, file, _ENTRIES):
        if isinstance(entry, ReadFailure):
            yield entry
            continue
        try:
            message = _read_entry(entry, file, number)
        except _EntryError as error:
            yield ReadFailure(file, str(error), "bad-entry", entry=number)
            continue
        if message is not None:
            yield message


def _read_entry(entry: Json, file: str, number: int) -> Message | None:
    """Return the call of an entry; None for one without an answer of the server."""
    request = _get_object(entry, "request")
    if isinstance(entry, dict) and entry.get("response", entry) is None:
        return None
    response = _get_object(entry, "response")
    status = _read_status(response)
    answer_fields = _read_headers(response)
    if status <= 0 or status in _NOT_SENT or _BROWSER_REDIRECT in answer_fields:
        return None
    sent, has_request_body = _read_request(request)
    body, has_body = _read_content(response)
    fields = [(name, value) for name, value in answer_fields if name.lower() not in _HOP_FIELDS]
    received = Response(status, _with_content_type(fields, response.get("content")), body)
    return Message(
        received,
        sent,
        has_body=has_body and status != _PARTIAL,
        has_request_body=has_request_body,
        has_head=bool(answer_fields.fields),
        has_request_head=bool(request.get("headers")),
        has_cookies="Cookie" in sent.headers or "Set-Cookie" in answer_fields,
        is_foreign=True,
        file=file,
        entry=number,
    )


def _read_status(response: dict[str, Json]) -> int:
    """Return the status; 0 (-1 or null in some tools) for a call that was blocked or broken off."""
    status = response.get("status", "")
    if status is None:
        return 0
    if isinstance(status, str) and status.isascii() and status.isdigit():
        return int(status[:4])
    if isinstance(status, float) and status.is_integer():
        return int(status)
    if not isinstance(status, int) or isinstance(status, bool):
        raise _EntryError("the response has no status; expected an integer")
    return status


def _read_request(request: dict[str, Json]) -> tuple[Request, bool]:
    """Return the request, and whether the file has its body."""
    try:
        url = urlsplit(_get_text(request, "url"))
    except ValueError as error:
        raise _EntryError(f"the request has a wrong url: {error}") from error
    path = url.path or "/"
    target = f"{path}?{url.query}" if url.query else path
    method = _get_text(request, "method").upper()
    fields = _with_content_type(_read_headers(request).fields, request.get("postData"))
    body, has_body = _read_post_data(request, fields)
    return Request(method, target, path, url.query, fields, body), has_body


def _with_content_type(fields: Iterable[tuple[str, str]], content: Json) -> Headers:
    """Return header fields, with the media type of the content when no field has it."""
    headers = Headers.of(fields)
    media_type = content.get("mimeType") if isinstance(content, dict) else None
    if "Content-Type" in headers or not isinstance(media_type, str):
        return headers
    if media_type.lower() in _DEFAULT_MEDIA_TYPES:
        return headers
    return Headers.of([*headers, ("Content-Type", media_type)])


def _read_content(response: dict[str, Json]) -> tuple[bytes, bool]:
    """Return the body of a response, and whether the file has it.

    A text may be missing: browsers drop bodies, and some tools write them to a file beside it.
    """
    content = response.get("content")
    if not isinstance(content, dict):
        return b"", False
    text, size = content.get("text"), content.get("size")
    if not isinstance(text, str) or not text:
        is_known = size == 0 or (text == "" and size is None)
        return b"", is_known and "_file" not in content
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode("".join(text.split()), validate=True), True
        except ValueError as error:
            raise _EntryError("the content of the response is not Base64") from error
    return text.encode("utf-8", "surrogatepass"), True


def _read_post_data(request: dict[str, Json], fields: Headers) -> tuple[bytes, bool]:
    """Return the body of a request, and whether the file has it."""
    data = request.get("postData")
    if not isinstance(data, dict):
        size = request.get("bodySize", 0)
        is_described = "Content-Type" in fields or fields.get("Content-Length", "0") != "0"
        return b"", size == 0 and not is_described
    text = data.get("text")
    if isinstance(text, str) and text:
        return text.encode("utf-8", "surrogatepass"), True
    parameters = data.get("params")
    if isinstance(parameters, list) and "urlencoded" in str(data.get("mimeType", "")):
        pairs = [
            (str(part.get("name", "")), str(part.get("value", "")))
            for part in parameters
            if isinstance(part, dict)
        ]
        return urlencode(pairs).encode(), True
    return b"", False


def _read_headers(message: dict[str, Json]) -> Headers:
    fields = message.get("headers")
    if fields is None:
        return Headers()
    if not isinstance(fields, list):
        raise _EntryError("headers is not a list")
    pairs = [
        (str(part.get("name", "")), str(part.get("value", "")))
        for part in fields
        if isinstance(part, dict)
    ]
    # HTTP/2 has pseudo-fields (`:method`), which HTTP/1.1 does not know. Chromium writes fields of
    # one name as one, with line ends in it.
    return Headers.of(
        (name, part)
        for name, value in pairs
        if not name.startswith(":")
        for part in value.split("\n")
    )


def _get_object(value: Json, name: str) -> dict[str, Json]:
    part = value.get(name) if isinstance(value, dict) else None
    if not isinstance(part, dict):
        raise _EntryError(f"there is no {name}; expected an object")
    return part


def _get_text(value: dict[str, Json], name: str) -> str:
    part = value.get(name)
    if not isinstance(part, str):
        raise _EntryError(f"the request has no {name}; expected a string")
    return part
