"""Finds the operation of a request that a client has sent, whatever is in front of its path."""

from collections.abc import Iterator
from dataclasses import dataclass

from understudy.contract import Contract, Match, NoMethod, NoPath
from understudy.messages import Request

_MAX_PREFIX = 8
"""How many segments may be in front of a path of the contract."""


@dataclass(frozen=True, slots=True)
class Route:
    """The result of looking for an operation."""

    result: Match | NoPath | NoMethod
    path: str
    """The path without what is in front of it."""


def find_route(contract: Contract, request: Request, *, with_prefix: bool) -> Route:
    """Return the operation of a request; HEAD is answered by the operation of GET.

    `with_prefix`: segments in front of the path may be those of a proxy, or of a world of a stub
    (`/w/mine/pets/1`). Without it, only the base paths of the contract's servers are removed.
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
    """Yield the path without a server's base path, then without the first segments."""
    yield contract.strip_base_path(path)
    if not with_prefix:
        return
    rest = path
    for _ in range(_MAX_PREFIX):
        _, slash, below = rest.lstrip("/").partition("/")
        if not slash:
            return
        rest = f"/{below}"
        yield contract.strip_base_path(rest)
