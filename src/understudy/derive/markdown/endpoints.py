"""Methods and paths as documents write them: `GET /a/{id}`, `post: /a/:id?x=1`, `https://host/a`."""

from __future__ import annotations

import re
from dataclasses import dataclass

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_METHOD = "|".join(METHODS)
_HOST = r"(?:https?://[^\s/]+|\{\{?\w+\}\}?(?=/)|<\w+>(?=/))?"
_PLACED = re.compile(rf"(?<![A-Za-z])(?P<method>{_METHOD})[\s:：]+(?P<path>{_HOST}/\S*)")
_WHOLE = re.compile(
    rf"[\[【（(]?(?P<method>{_METHOD})[\]】）)]?[\s:：]+`?(?P<path>{_HOST}/\S*)(?:\s+HTTP/\d(?:\.\d)?)?",
    re.IGNORECASE,
)
_REVERSED = re.compile(
    rf"(?P<path>{_HOST}/\S*)\s*[\[【（(](?P<method>{_METHOD})[\]】）)]", re.IGNORECASE
)
_BARE = re.compile(rf"{_HOST}/[^\s，。；]*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and path as they stand; the path may be broken."""

    method: str
    path: str
    query: str = ""
    """What stands behind the path's `?`."""


def find_endpoint(text: str, *, anywhere: bool = False) -> Endpoint | None:
    """Read `GET /path`: the whole text, or (in headings and after labels) wherever it stands."""
    stripped = text.strip().strip("`*").strip()
    if "/" not in stripped:
        return None
    found = _WHOLE.fullmatch(stripped) or _REVERSED.fullmatch(stripped)
    if found is None and anywhere:
        found = _PLACED.search(stripped)
    if not found or (found["method"].islower() and found["path"] == "/"):
        return None
    return _endpoint(found["method"], found["path"])


def read_method(text: str) -> str:
    """Give the method that a text is; empty when it is none."""
    word = text.strip().strip("`*。. ").upper()
    return word if word in METHODS else ""


def read_path(text: str) -> str:
    """Give the path that a text is, its host and query included; empty when it is none."""
    word = text.strip().strip("`* ")
    return word if _BARE.fullmatch(word) else ""


def make_endpoint(method: str, path: str) -> Endpoint:
    """Make an endpoint of a method and a path that stand apart."""
    return _endpoint(method, path)


def _endpoint(method: str, path: str) -> Endpoint:
    bare, _, query = re.sub(rf"^{_HOST}(?=/)", "", path).rstrip("`*.,;，。；、）)").partition("?")
    bare = re.sub(r"(?<=/):([A-Za-z_]\w*)(?=/|$)", r"{\1}", bare)
    bare = re.sub(r"(?<=/)(?:<([A-Za-z_]\w*)>|\$\{([A-Za-z_]\w*)\})(?=/|$)", r"{\1\2}", bare)
    return Endpoint(method.upper(), bare, query)


def is_path_template(path: str) -> bool:
    """Tell whether a path is a URL template."""
    bare = re.sub(r"\{[A-Za-z_][\w.\-]*\}", "", path)
    return not re.search(r"[{}<>\s\\\"^`|]|[^\x21-\x7e]", bare)
