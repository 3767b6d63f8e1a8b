"""The path prefixes of the control API and of worlds: checked at load, removed from requests."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from understudy.config import Settings
from understudy.contract import Contract
from understudy.errors import InputError, Problem
from understudy.messages import Request

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def split_world_prefix(request: Request, prefix: str) -> tuple[str, Request]:
    """Return the world in a path such as `/w/<world>/api/…`, and the request without it."""
    if not request.path.startswith(f"{prefix}/"):
        return "", request
    name, slash, rest = request.path[len(prefix) + 1 :].partition("/")
    return name, replace(request, path=slash + rest or "/")


def select_world(
    request: Request, prefix: str, world_of: Callable[[Request], str]
) -> tuple[str, Request]:
    """Return the world that a request selects, and the request as the world sees it.

    The most explicit selection wins: header, path prefix, user name, then cookie. Empty: none.
    """
    name, inner = split_world_prefix(request, prefix)
    selected = (
        request.headers.get("X-Understudy-World")
        or name
        or world_of(inner)
        or request.cookie("understudy-world")
    )
    return selected or "", inner


def check_prefixes(settings: Settings, contract: Contract) -> None:
    """Raise InputError for invalid path prefixes, and for those that hide operations."""
    problems = []
    if settings.admin_prefix == settings.world_prefix:
        message = f"--admin-prefix and --world-prefix are both {settings.admin_prefix}"
        problems.append(Problem("bad-prefix", message, expected="two different paths"))
    problems += _check_prefix("--admin-prefix", settings.admin_prefix, contract)
    problems += _check_prefix("--world-prefix", settings.world_prefix, contract)
    if problems:
        raise InputError(problems)


def _check_prefix(option: str, prefix: str, contract: Contract) -> Iterator[Problem]:
    if not _PREFIX.fullmatch(prefix):
        message = f'{option} is "{prefix}"'
        expected = "a path such as /__admin, without a slash at its end"
        yield Problem("bad-prefix", message, expected=expected)
    for operation in contract.operations.values():
        if operation.path == prefix or operation.path.startswith(f"{prefix}/"):
            message = (
                f"the operation {operation.id} has the path {operation.path}, "
                f"which lies under {option} ({prefix})"
            )
            hint = f"Move the prefix with {option}."
            place = contract.place(operation.pointer)
            yield Problem("prefix-taken", message, place, hint=hint)
