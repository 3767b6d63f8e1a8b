"""The base paths under which a contract's servers have its operations. Source: OpenAPI 3.1, "Server Object"."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def find_base_paths(document: dict[str, Any]) -> tuple[str, ...]:
    """Give the paths of the servers that a document names, of paths and operations too, the longest first.

    Variables stand for their defaults. A server without a path of its own gives none.
    """
    found = {base for server in _servers(document) if (base := _path(server))}
    return tuple(sorted(found, key=lambda base: (-len(base), base)))


def _servers(document: dict[str, Any]) -> Iterator[Any]:
    items = [item for item in document.get("paths", {}).values() if isinstance(item, dict)]
    operations = [part for item in items for part in item.values() if isinstance(part, dict)]
    for node in (document, *items, *operations):
        told = node.get("servers")
        yield from told if isinstance(told, list) else ()


def _path(server: Any) -> str:
    if not isinstance(server, dict) or not isinstance(server.get("url"), str):
        return ""
    variables = server.get("variables")
    defaults = {
        name: str(told.get("default", ""))
        for name, told in (variables.items() if isinstance(variables, dict) else ())
        if isinstance(told, dict)
    }
    url = _VARIABLE.sub(lambda match: defaults.get(match[1], match[1]), server["url"])
    try:
        path = urlsplit(url).path.rstrip("/")
    except ValueError:  # no URL at all
        return ""
    return path if path.startswith("/") else f"/{path}" if path and "://" not in url else ""
