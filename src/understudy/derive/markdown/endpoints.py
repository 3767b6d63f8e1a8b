"""Parsers of methods and paths: `GET /a/{id}`, `post: /a/:id?x=1`, `https://host/a`."""

from __future__ import annotations

import re
from dataclasses import dataclass

METHODS = (
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
)
"""The methods of a Path Item Object. Source: OpenAPI 3.1, Path Item Object."""

_METHOD = "|".join(METHODS)
_HOST = r"(?:https?://[^\s/]+|\{\{?\w+\}\}?(?=/)|<\w+>(?=/))?"
"""A host, or a placeholder for one: `{{base}}`, `<host>`."""
_HOST_BEFORE_PATH = re.compile(rf"^{_HOST}(?=/)")
_INSIDE_TEXT = re.compile(
    rf"(?<![A-Za-z])(?P<method>{_METHOD})[\s:：]+"
    rf"(?P<path>{_HOST}/\S*)"
)
"""`GET /a` inside of a text."""
_WHOLE = re.compile(
    rf"[\[【（(]?(?P<method>{_METHOD})[\]】）)]?[\s:：]+`?"
    rf"(?P<path>{_HOST}/\S*)(?:\s+HTTP/\d(?:\.\d)?)?",
    re.IGNORECASE,
)
"""`GET /a`, `[GET] /a`, `GET /a HTTP/1.1` as the whole text."""
_REVERSED = re.compile(
    rf"(?P<path>{_HOST}/\S*)\s*[\[【（(](?P<method>{_METHOD})[\]】）)]", re.IGNORECASE
)
"""`/a (GET)`."""
_BARE = re.compile(rf"{_HOST}/[^\s，。；]*")
_PARAMETER = re.compile(r"\{[A-Za-z_][\w.\-]*\}")
_NOT_IN_PATH = re.compile(r"[{}<>\s\\\"^`|]|[^\x21-\x7e]")
"""A character that a path must escape. Source: RFC 3986 sections 2 and 3.3."""
_COLON_PARAMETER = re.compile(r"(?<=/):([A-Za-z_]\w*)(?=/|$)")
_BRACKET_PARAMETER = re.compile(r"(?<=/)(?:<([A-Za-z_]\w*)>|\$\{([A-Za-z_]\w*)\})(?=/|$)")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path. The path may be broken."""

    method: str
    """In capitals."""
    path: str
    """Without host and query, its parameters in braces."""
    query: str = ""
    """The part behind the path's `?`."""


def find_endpoint(text: str, *, anywhere: bool = False) -> Endpoint | None:
    """Parse `GET /path` as the whole text.

    With `anywhere`, also inside of a text, as in headings.
    """
    unmarked = text.strip().strip("`*")
    stripped = unmarked.strip()
    # A quick test before three patterns.
    if "/" not in stripped:
        return None
    match = _WHOLE.fullmatch(stripped) or _REVERSED.fullmatch(stripped)
    if match is None and anywhere:
        match = _INSIDE_TEXT.search(stripped)
    if match is None:
        return None
    method: str = match["method"]
    path: str = match["path"]
    # `get /` in lower case is a piece of prose.
    if method.islower() and path == "/":
        return None
    return make_endpoint(method, path)


def read_method(text: str) -> str:
    """Return the method that a text is, in capitals; empty when it is not one."""
    bare = text.strip().strip("`*。. ")
    method = bare.upper()
    return method if method in METHODS else ""


def read_path(text: str) -> str:
    """Return the path that a text is, with host and query; empty when it is not one."""
    path = text.strip().strip("`* ")
    return path if _BARE.fullmatch(path) else ""


def make_endpoint(method: str, path: str) -> Endpoint:
    """Build an endpoint from a method and a path with host and query.

    Parameters written as `:id`, `<id>` or `${id}` become `{id}`.
    """
    without_host = _HOST_BEFORE_PATH.sub("", path)
    target = without_host.rstrip("`*.,;，。；、）)")
    bare, _, query = target.partition("?")
    bare = _COLON_PARAMETER.sub(r"{\1}", bare)
    bare = _BRACKET_PARAMETER.sub(r"{\1\2}", bare)
    return Endpoint(method.upper(), bare, query)


def is_path_template(path: str) -> bool:
    """Check for a URL template whose parameters are in braces.

    Source: OpenAPI 3.1, Path Templating.
    """
    without_parameters = _PARAMETER.sub("", path)
    return not _NOT_IN_PATH.search(without_parameters)
