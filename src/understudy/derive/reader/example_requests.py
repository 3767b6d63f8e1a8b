"""Examples of calls to what they send: `curl … --data-raw '{…}'`, `GET /a?x=1`, a body alone."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

from understudy.derive.markdown.endpoints import METHODS, make_endpoint

_COMMANDS = ("curl ", "http ", "wget ")
_DATA_OPTIONS = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
"""Options of curl that hold the body."""
_METHOD = "|".join(METHODS)
_REQUEST_LINE = re.compile(rf"\s*(?:{_METHOD})\s+\S+", re.IGNORECASE)
_CURL = re.compile(r"\s*\$?\s*curl\s")
_CONTINUED = re.compile(r"\\\r?\n")
"""The end of a line that a shell continues."""
_URL = re.compile(r"(?:https?://[^/\s]*|/)\S*")


Query = tuple[tuple[str, str], ...]
"""Names and values of a query, decoded, in order."""


@dataclass(frozen=True, slots=True)
class Call:
    """An example of a call. Its lines count from 0 at the example's first line."""

    method: str = ""
    path: str = ""
    query: Query = ()
    line: int = 0
    """The line of the target."""
    body: str = ""
    body_line: int = 0


class UnreadableCall(ValueError):  # noqa: N818 - caught by its only caller
    """A command whose quotes are not closed."""


def looks_like_call(text: str) -> bool:
    """Check whether a text is a command or a request, and not a body alone."""
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", "//")):
            continue
        first = line.lstrip(" $")
        if first.startswith(_COMMANDS):
            return True
        return _REQUEST_LINE.match(first) is not None
    return False


def read_call(text: str) -> Call:
    """Parse a call.

    A text that is neither a command nor a request is a body. Raise UnreadableCall.
    """
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _CURL.match(line):
            command = "\n".join(lines[at:])
            return _read_curl(command, at)
    for at, line in enumerate(lines):
        if _REQUEST_LINE.match(line):
            return _read_message(lines, at)
    return Call(body=text)


def _read_message(lines: list[str], at: int) -> Call:
    """Parse a request message; its body begins at a bracket, else after an empty line.

    Source: RFC 9112 section 2.1. Many writers leave the empty line out before JSON.
    """
    method, target, *_ = lines[at].split()
    path, query = split_target(target)
    call = Call(method.upper(), path, query, at)
    begin = _find_body(lines, at + 1)
    if begin is None:
        return call
    body = "\n".join(lines[begin:])
    return replace(call, body=body.strip(), body_line=begin)


def _find_body(lines: list[str], start: int) -> int | None:
    """Return the first line that begins with a bracket, else the first empty line."""
    empty = None
    for at in range(start, len(lines)):
        line = lines[at].lstrip()
        if line.startswith(("{", "[")):
            return at
        if not line and empty is None:
            empty = at
    return empty


def _read_curl(text: str, offset: int) -> Call:
    """Parse a command of curl that begins at the line `offset` of the example.

    Only what the contract needs is read: the method, the target and the body. Other options are
    skipped.
    """
    one_line = _CONTINUED.sub(" ", text)
    try:
        arguments = shlex.split(one_line, comments=False)
    except ValueError as error:
        raise UnreadableCall("its quotes are not closed") from error
    method, target, body = _read_arguments(arguments)
    path, query = split_target(target)
    first_body_line = body.strip().split("\n")[0]
    return Call(
        # curl sends POST when it has a body. Source: curl(1), --data.
        method=method or ("POST" if body else "GET"),
        path=path,
        query=query,
        line=offset + _find_line(text, target),
        body=body.strip(),
        body_line=offset + _find_line(text, first_body_line),
    )


def _read_arguments(arguments: list[str]) -> tuple[str, str, str]:
    """Return method, target and body of curl's arguments; each may be empty."""
    method, target, body = "", "", ""
    followings = [*arguments[1:], ""]
    for argument, following in zip(arguments, followings, strict=True):
        option, _, value = argument.partition("=")
        if argument in ("-X", "--request"):
            method = following.upper()
        elif argument.startswith("-X"):
            method = argument.removeprefix("-X").upper()
        elif argument in _DATA_OPTIONS:
            body = following
        elif option in _DATA_OPTIONS and value:
            body = value
        elif not target and _is_url(argument):
            target = argument
    return method, target, body


def _is_url(argument: str) -> bool:
    """Check for a URL or an absolute path; a placeholder in it may contain spaces."""
    if argument.startswith("//"):
        return False
    without_spaces = argument.replace(" ", "")
    return _URL.fullmatch(without_spaces) is not None


def _find_line(text: str, part: str) -> int:
    """Return the line of a part of a text, from 0; 0 when the text does not hold it as it is."""
    if not part or part not in text:
        return 0
    at = text.find(part)
    return text.count("\n", 0, at)


def split_target(target: str) -> tuple[str, Query]:
    """Split a request target into its path and the decoded pairs of its query."""
    endpoint = make_endpoint("GET", target)
    pairs = []
    for pair in endpoint.query.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        decoded = (unquote_plus(name), unquote_plus(value))
        pairs.append(decoded)
    return endpoint.path, tuple(pairs)
