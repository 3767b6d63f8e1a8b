"""The file descriptors that this process may open: each connection needs one."""

import contextlib
import os

try:
    import resource
except ImportError:  # Windows, where sockets are not counted
    resource = None  # type: ignore[assignment]  # the checks below ask for it

_RESERVE = 24
"""How many descriptors stay free for files: scenarios that are read again, large bodies."""
_MIN_CONNECTIONS = 4
_FOLDERS = ("/proc/self/fd", "/dev/fd")
"""Where Linux and others list the open descriptors."""


def bound_connections(wanted: int) -> int:
    """Return how many connections the limit of open files allows, at most `wanted`."""
    if resource is None:
        return wanted
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(_MIN_CONNECTIONS, min(wanted, soft - _count_open() - _RESERVE))


def _count_open() -> int:
    """Return how many descriptors are open."""
    for folder in _FOLDERS:
        with contextlib.suppress(OSError):
            return len(os.listdir(folder))
    return 3
