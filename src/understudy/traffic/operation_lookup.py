"""Finds the operation of a request that a client has sent, whatever is in front of its path."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from understudy.contract import Contract, Match, NoMethod, NoPath
from understudy.messages import Request

_MAX_PREFIX = 8
"""How many segments may be in front of the base path of a server."""
_WORLD = re.compile(r"/w/[^/]+(?=/)")
"""The start of a path in a world of a stub."""
_MOUNT = re.compile(r"/[A-Za-z][A-Za-z_.~-]*[0-9]{0,3}(?=/)")
"""A segment that may be the place where a service is mounted: a word, not an id."""


@dataclass(frozen=True, slots=True)
class Route:
    """The result of looking for an operation."""

    result: Match | NoPath | NoMethod
    path: str
    """The path without what is in front of it."""


def find_route(contract: Contract, request: Request, *, with_prefix: bool) -> Route:
    """Return the operation of a request; HEAD is answered by the operation of GET.

    `with_prefix`: something may be in front of the path: a world of a stub (`/w/mine`), one word of
    a gateway (`/shop/pets/1`), or anything in front of the base path of a server. More would find
    operations of other services: `/owners/5/pets/1` is not `/pets/1`. Without it, only the base
    paths of the contract's servers are removed.
    """
    first: Route | None = None
    for path in _iter_paths(contract, request.path, with_prefix=with_prefix):
        for method in _methods(request.method):
            route = Route(contract.route(method, path), path)
            if isinstance(route.result, Match):
                return route
            if first is None or (
                isinstance(route.result, NoMethod) and isinstance(first.result, NoPath)
            ):
                first = route
    return first or Route(NoPath(request.path), request.path)


def _methods(method: str) -> tuple[str, ...]:
    return ("HEAD", "GET") if method == "HEAD" else (method,)


def _iter_paths(contract: Contract, path: str, *, with_prefix: bool) -> Iterator[str]:
    """Yield the path without a server's base path, then without what may be in front of it."""
    yield contract.strip_base_path(path)
    if not with_prefix:
        return
    world = _WORLD.match(path)
    if world:
        path = path[world.end() :]
        yield contract.strip_base_path(path)
    mount = _MOUNT.match(path)
    if mount:
        yield path[mount.end() :]
    yield from _iter_below_bases(contract, path)


def _iter_below_bases(contract: Contract, path: str) -> Iterator[str]:
    """Yield what is behind a server's base path that has segments in front of it."""
    rest = path
    for _ in range(_MAX_PREFIX):
        _, slash, below = rest.lstrip("/").partition("/")
        if not slash:
            return
        rest = f"/{below}"
        for base in contract.base_paths:
            if base and rest.startswith(f"{base}/"):
                yield rest[len(base) :]
