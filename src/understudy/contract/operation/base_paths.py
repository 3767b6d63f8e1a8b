"""The base paths under which a contract's servers offer its operations.

Source: OpenAPI 3.1, "Server Object".
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def find_base_paths(document: dict[str, Any]) -> tuple[str, ...]:
    """Return the paths of the servers of a document, its paths and its operations, longest first.

    Variables are replaced by their defaults. A server whose URL has no path contributes none.
    """
    bases = {_path_of(server) for server in _iter_servers(document)}
    bases.discard("")
    return tuple(sorted(bases, key=_longest_first))


def _longest_first(base: str) -> tuple[int, str]:
    return -len(base), base


def _iter_servers(document: dict[str, Any]) -> Iterator[Any]:
    items = [item for item in document.get("paths", {}).values() if isinstance(item, dict)]
    operations = [part for item in items for part in item.values() if isinstance(part, dict)]
    for node in (document, *items, *operations):
        servers = node.get("servers")
        if isinstance(servers, list):
            yield from servers


def _path_of(server: object) -> str:
    """Return the path of a server's URL without a slash at its end; empty when it has none."""
    if not isinstance(server, dict) or not isinstance(server.get("url"), str):
        return ""
    defaults = _variable_defaults(server)
    url = _VARIABLE.sub(lambda match: defaults.get(match[1], match[1]), server["url"])
    try:
        path = urlsplit(url).path.rstrip("/")
    except ValueError:
        # The text is not a URL.
        return ""
    if path.startswith("/"):
        return path
    # A relative URL such as `api/v1` is relative to where the document is served.
    is_relative = bool(path) and "://" not in url
    return f"/{path}" if is_relative else ""


def _variable_defaults(server: dict[str, Any]) -> dict[str, str]:
    """Return the default of each variable of a server. Source: "Server Variable Object"."""
    variables = server.get("variables")
    if not isinstance(variables, dict):
        return {}
    defaults: dict[str, str] = {}
    for name, variable in variables.items():
        if isinstance(variable, dict):
            defaults[name] = str(variable.get("default", ""))
    return defaults
