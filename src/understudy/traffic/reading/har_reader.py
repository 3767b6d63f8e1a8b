"""Reads HAR files, entry by entry: a file may be larger than the memory that it may take.

Source: HTTP Archive (HAR) 1.2, as browsers write it.
"""

import base64
from collections.abc import Iterator
from typing import IO
from urllib.parse import urlencode, urlsplit

import ijson

from understudy.messages import Headers, Json, Request, Response
from understudy.traffic.reading.input_kinds import skip_byte_order_mark
from understudy.traffic.reading.read_failure import ReadFailure
from understudy.traffic.traffic_message import Message

_ENTRIES = "log.entries.item"
_HOP_FIELDS = frozenset(["content-encoding", "transfer-encoding", "content-length"])
"""Fields about the bytes on the wire: the text of a HAR file is decoded already."""
_DEFAULT_MEDIA_TYPES = frozenset(["", "x-unknown", "application/x-unknown"])
"""What browsers write for a response without Content-Type."""
_CUT_TEXTS = ("premature eof", "incomplete json")
"""What the back ends of ijson say of a text that ends too early."""
_NO_ANSWER = 0
"""The status of a call that was blocked or broken off."""


class _EntryError(ValueError):
    """An entry with a wrong member."""


def read_har(stream: IO[bytes], file: str) -> Iterator[Message | ReadFailure]:
    """Yield the calls of a HAR file that were answered; failures for what cannot be read.

    A call that was answered from the browser's cache (304) is left out.
    """
    number = 0
    skip_byte_order_mark(stream)
    try:
        for number, entry in enumerate(ijson.items(stream, _ENTRIES, use_float=True), 1):
            try:
                message = _read_entry(entry, file, number)
            except _EntryError as error:
                yield ReadFailure(file, str(error), "bad-entry", entry=number)
                continue
            if message is not None:
                yield message
    except (ijson.JSONError, ValueError, RecursionError) as error:
        if _is_cut(error):
            text = f"the file ends in the middle, behind entry {number}"
            yield ReadFailure(file, text, "truncated", entry=number)
        else:
            text = f"the file is not JSON behind entry {number}: {_first_line(error)}"
            yield ReadFailure(file, text, "not-json", entry=number)


def _is_cut(error: Exception) -> bool:
    """Return whether a text ends too early. One back end raises the same error for other flaws."""
    if not isinstance(error, ijson.IncompleteJSONError):
        return False
    return any(phrase in str(error).lower() for phrase in _CUT_TEXTS)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _read_entry(entry: Json, file: str, number: int) -> Message | None:
    """Return the call of an entry; None for one without an answer of the server."""
    request, response = _get_object(entry, "request"), _get_object(entry, "response")
    status = response.get("status")
    if not isinstance(status, int):
        raise _EntryError("the response has no status; expected an integer")
    if status in (_NO_ANSWER, 304):
        return None
    body, has_body = _read_content(response)
    request_body, has_request_body = _read_post_data(request)
    url = urlsplit(_get_text(request, "url"))
    path = url.path or "/"
    target = f"{path}?{url.query}" if url.query else path
    method = _get_text(request, "method").upper()
    sent = Request(method, target, path, url.query, _read_headers(request), request_body)
    fields = [
        (name, value) for name, value in _read_headers(response) if name.lower() not in _HOP_FIELDS
    ]
    received = Response(status, _with_content_type(fields, response), body)
    return Message(
        received,
        sent,
        has_body=has_body,
        has_request_body=has_request_body,
        is_foreign=True,
        file=file,
        entry=number,
    )


def _with_content_type(fields: list[tuple[str, str]], response: dict[str, Json]) -> Headers:
    """Return header fields, with the media type of the content when no field has it."""
    headers = Headers.of(fields)
    content = response.get("content")
    media_type = content.get("mimeType") if isinstance(content, dict) else None
    if "Content-Type" in headers or not isinstance(media_type, str):
        return headers
    if media_type.lower() in _DEFAULT_MEDIA_TYPES:
        return headers
    return Headers.of([*fields, ("Content-Type", media_type)])


def _read_content(response: dict[str, Json]) -> tuple[bytes, bool]:
    """Return the body of a response, and whether the file has it."""
    content = response.get("content")
    if not isinstance(content, dict):
        return b"", False
    text = content.get("text")
    if not isinstance(text, str):
        size = content.get("size", 0)
        return b"", size == 0
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True), True
        except ValueError as error:
            raise _EntryError("the content of the response is not Base64") from error
    return text.encode("utf-8", "surrogatepass"), True


def _read_post_data(request: dict[str, Json]) -> tuple[bytes, bool]:
    """Return the body of a request, and whether the file has it."""
    data = request.get("postData")
    if not isinstance(data, dict):
        size = request.get("bodySize", 0)
        return b"", not isinstance(size, int) or size <= 0
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
    fields = message.get("headers", [])
    if not isinstance(fields, list):
        raise _EntryError("headers is not a list")
    pairs = [
        (str(part.get("name", "")), str(part.get("value", "")))
        for part in fields
        if isinstance(part, dict)
    ]
    # HTTP/2 has pseudo-fields (`:method`), which HTTP/1.1 does not know.
    return Headers.of((name, value) for name, value in pairs if not name.startswith(":"))


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
