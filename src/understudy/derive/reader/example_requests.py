"""Examples of calls → what they send: `curl … --data-raw '{…}'`, `GET /a?x=1`, a body alone."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from urllib.parse import unquote_plus

from understudy.derive.markdown.endpoints import METHODS, make_endpoint

_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_START = re.compile(rf"\s*(?:{'|'.join(METHODS)})\s+\S+", re.IGNORECASE)
_URL = re.compile(r"(?:https?://[^/\s]*|/)\S*")


@dataclass(frozen=True, slots=True)
class Call:
    """An example of a call. Its lines count from 0 at the example's first."""

    method: str = ""
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    line: int = 0
    """The line of the target."""
    body: str = ""
    body_line: int = 0


class UnreadableCall(ValueError):  # noqa: N818 - it is caught at the next call, and its text ends in the ledger
    """A command whose quotes do not end."""


def looks_like_call(text: str) -> bool:
    """Tell whether a text is a command or a request, not a body alone."""
    lines = [
        line
        for line in text.split("\n")
        if line.strip() and not line.lstrip().startswith(("#", "//"))
    ]
    first = lines[0].lstrip(" $") if lines else ""
    return first.startswith(("curl ", "http ", "wget ")) or _START.match(first) is not None


def read_call(text: str) -> Call:
    """Read a call. Raises UnreadableCall."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if re.match(r"\s*\$?\s*curl\s", line)), None)
    if first is not None:
        return _read_curl("\n".join(lines[first:]), first)
    for at, line in enumerate(lines):
        if _START.match(line):
            method, target = line.split()[:2]
            return _read_message(method.upper(), target, lines, at)
    return Call(body=text)


def _read_message(method: str, target: str, lines: list[str], at: int) -> Call:
    """Read a request as HTTP/1.1 writes it: the body stands after an empty line."""
    blank = next((n for n in range(at + 1, len(lines)) if not lines[n].strip()), None)
    start = next(
        (n for n in range(at + 1, len(lines)) if lines[n].lstrip().startswith(("{", "["))), None
    )
    begin = start if start is not None else blank
    body = "\n".join(lines[begin:]).strip() if begin is not None else ""
    path, query = split_target(target)
    return Call(method, path, query, at, body, begin or 0)


def _read_curl(text: str, offset: int) -> Call:
    try:
        words = shlex.split(text.replace("\\\r\n", " ").replace("\\\n", " "), comments=False)
    except ValueError as error:
        raise UnreadableCall("its quotes do not end") from error
    method, target, body = "", "", ""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        flag, _, value = word.partition("=")
        if word in ("-X", "--request"):
            method = following.upper()
        elif word.startswith("-X") and len(word) > 2:
            method = word[2:].upper()
        elif word in _DATA:
            body = following
        elif flag in _DATA and value:
            body = value
        elif not target and _URL.fullmatch(word.replace(" ", "")) and not word.startswith("//"):
            target = word
    path, query = split_target(target)
    first = body.strip().split("\n")[0]
    line = text[: text.find(first)].count("\n") if first and first in text else 0
    at = text[: text.find(target)].count("\n") if target and target in text else 0
    return Call(
        method or ("POST" if body else "GET"), path, query, offset + at, body.strip(), offset + line
    )


def split_target(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Part a target into its path and the pairs of its query."""
    endpoint = make_endpoint("GET", target)
    pairs = (piece.partition("=") for piece in endpoint.query.split("&") if piece)
    return endpoint.path, tuple(
        (unquote_plus(name), unquote_plus(value)) for name, _, value in pairs
    )
