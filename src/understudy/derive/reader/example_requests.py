"""Examples of calls to what they send: `curl … --data-raw '{…}'`, `GET /a?x=1`, a body alone."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from urllib.parse import unquote_plus

from understudy.derive.markdown.endpoints import METHODS, make_endpoint

_COMMANDS = ("curl ", "http ", "wget ")
_DATA_OPTIONS = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
"""Options of curl that hold the body."""
_REQUEST_LINE = re.compile(rf"\s*(?:{'|'.join(METHODS)})\s+\S+", re.IGNORECASE)
_CURL = re.compile(r"\s*\$?\s*curl\s")
_URL = re.compile(r"(?:https?://[^/\s]*|/)\S*")


@dataclass(frozen=True, slots=True)
class Call:
    """An example of a call. Its lines count from 0 at the example's first line."""

    method: str = ""
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    """Names and values, decoded, in order."""
    line: int = 0
    """The line of the target."""
    body: str = ""
    body_line: int = 0


class UnreadableCall(ValueError):  # noqa: N818 - caught by its only caller
    """A command whose quotes are not closed."""


def looks_like_call(text: str) -> bool:
    """Check whether a text is a command or a request, and not a body alone."""
    lines = [
        line
        for line in text.split("\n")
        if line.strip() and not line.lstrip().startswith(("#", "//"))
    ]
    if not lines:
        return False
    first = lines[0].lstrip(" $")
    return first.startswith(_COMMANDS) or _REQUEST_LINE.match(first) is not None


def read_call(text: str) -> Call:
    """Parse a call.

    A text that is neither a command nor a request is a body. Raise UnreadableCall.
    """
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _CURL.match(line):
            return _read_curl("\n".join(lines[at:]), at)
    for at, line in enumerate(lines):
        if _REQUEST_LINE.match(line):
            return _read_message(lines, at)
    return Call(body=text)


def _read_message(lines: list[str], at: int) -> Call:
    """Parse a request message; its body begins at a bracket, else after an empty line.

    Source: RFC 9112 section 2.1. Many writers leave the empty line out before JSON.
    """
    method, target = lines[at].split()[:2]
    begin = _find_body(lines, at + 1)
    body = ""
    if begin is not None:
        body = "\n".join(lines[begin:]).strip()
    path, query = split_target(target)
    return Call(method.upper(), path, query, at, body, begin or 0)


def _find_body(lines: list[str], start: int) -> int | None:
    """Return the first line that begins with a bracket, else the first empty line."""
    following = range(start, len(lines))
    brackets = [at for at in following if lines[at].lstrip().startswith(("{", "["))]
    if brackets:
        return brackets[0]
    return next((at for at in following if not lines[at].strip()), None)


def _read_curl(text: str, offset: int) -> Call:
    """Parse a command of curl that begins at the line `offset` of the example."""
    one_line = text.replace("\\\r\n", " ").replace("\\\n", " ")
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
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        option, _, value = argument.partition("=")
        if argument in ("-X", "--request"):
            method = following.upper()
        elif argument.startswith("-X") and len(argument) > 2:
            method = argument[2:].upper()
        elif argument in _DATA_OPTIONS:
            body = following
        elif option in _DATA_OPTIONS and value:
            body = value
        elif not target and _is_url(argument):
            target = argument
    return method, target, body


def _is_url(argument: str) -> bool:
    return _URL.fullmatch(argument.replace(" ", "")) is not None and not argument.startswith("//")


def _find_line(text: str, part: str) -> int:
    """Return the line of a part of a text, from 0; 0 when the text does not hold it as it is."""
    if not part or part not in text:
        return 0
    return text.count("\n", 0, text.find(part))


def split_target(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Split a request target into its path and the decoded pairs of its query."""
    endpoint = make_endpoint("GET", target)
    pairs = []
    for pair in endpoint.query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return endpoint.path, tuple(pairs)
