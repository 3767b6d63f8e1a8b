"""The base paths under which a contract's servers offer its operations.

Source: OpenAPI 3.1, "Server Object".
"""

import re
from collections.abc import Iterator
from itertools import islice, product
from urllib.parse import urlsplit

from understudy.contract.document.pointers import JsonObject

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_MAX_BASE_PATHS = 1000
"""How many paths a server has at most: the values of several variables multiply."""


def find_base_paths(document: JsonObject) -> tuple[str, ...]:
    """Return the paths of the servers of a document, its paths and its operations, longest first.

    A variable is replaced by its default, and by each value of its enumeration. A server whose URL
    has no path contributes none.
    """
    bases: set[str] = set()
    for server in _iter_servers(document):
        paths = islice(_iter_paths(server), _MAX_BASE_PATHS)
        bases.update(path for path in paths if path)
    return tuple(sorted(bases, key=_longest_first))


def find_first_base_path(document: JsonObject) -> str:
    """Return the path of the first server of a document; empty: it has none."""
    servers = _own_servers(document)
    return next(_iter_paths(servers[0]), "") if servers else ""


def _longest_first(base: str) -> tuple[int, str]:
    return -len(base), base


def _iter_servers(document: JsonObject) -> Iterator[object]:
    yield from _own_servers(document)
    paths = document.get("paths", {})
    for item in paths.values():
        yield from _own_servers(item)
        if isinstance(item, dict):
            for operation in item.values():
                yield from _own_servers(operation)


def _own_servers(node: object) -> list[object]:
    """Return the member `servers` of a document, path or operation."""
    if not isinstance(node, dict):
        return []
    servers = node.get("servers")
    if isinstance(servers, list):
        return servers
    return []


def _iter_paths(server: object) -> Iterator[str]:
    """Yield the paths of a server's URL, with each value of its variables; the defaults first."""
    if not isinstance(server, dict):
        return
    template = server.get("url")
    if not isinstance(template, str):
        return
    values = _variable_values(server)
    names = list(dict.fromkeys(_VARIABLE.findall(template)))
    # A variable without a value is replaced by its name.
    for chosen in product(*(values.get(name) or [name] for name in names)):
        url = template
        for name, value in zip(names, chosen, strict=True):
            url = url.replace(f"{{{name}}}", value)
        yield _path_of(url)


def _path_of(url: str) -> str:
    """Return the path of a URL without a slash at its end; empty when it has none."""
    try:
        path = urlsplit(url).path.rstrip("/")
    except ValueError:
        # The text is not a URL.
        return ""
    if path.startswith("/"):
        return path
    # A relative URL such as `api/v1` is relative to where the document is served.
    is_relative = "://" not in url
    if path and is_relative:
        return f"/{path}"
    return ""


def _variable_values(server: JsonObject) -> dict[str, list[str]]:
    """Return the values of each variable of a server: its default, then its enumeration.

    Source: "Server Variable Object".
    """
    variables = server.get("variables")
    if not isinstance(variables, dict):
        return {}
    values: dict[str, list[str]] = {}
    for name, variable in variables.items():
        if isinstance(variable, dict):
            listed = variable.get("enum")
            options = [variable.get("default", ""), *(listed if isinstance(listed, list) else ())]
            values[name] = list(dict.fromkeys(map(str, options)))
    return values
