"""The base paths under which a contract's servers offer its operations.

Source: OpenAPI 3.1, "Server Object".
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from understudy.contract.document.pointers import JsonObject

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def find_base_paths(document: JsonObject) -> tuple[str, ...]:
    """Return the paths of the servers of a document, its paths and its operations, longest first.

    Variables are replaced by their defaults. A server whose URL has no path contributes none.
    """
    bases: set[str] = set()
    for server in _iter_servers(document):
        path = _path_of(server)
        if path:
            bases.add(path)
    return tuple(sorted(bases, key=_longest_first))


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


def _path_of(server: object) -> str:
    """Return the path of a server's URL without a slash at its end; empty when it has none."""
    if not isinstance(server, dict):
        return ""
    template = server.get("url")
    if not isinstance(template, str):
        return ""
    defaults = _variable_defaults(server)
    # A variable without a default is replaced by its name.
    url = _VARIABLE.sub(lambda match: defaults.get(match[1], match[1]), template)
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


def _variable_defaults(server: JsonObject) -> dict[str, str]:
    """Return the default of each variable of a server. Source: "Server Variable Object"."""
    variables = server.get("variables")
    if not isinstance(variables, dict):
        return {}
    defaults: dict[str, str] = {}
    for name, variable in variables.items():
        if isinstance(variable, dict):
            default = variable.get("default", "")
            defaults[name] = str(default)
    return defaults
