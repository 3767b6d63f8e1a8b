"""The limit on open files, which has to be higher than the number of connections."""

import contextlib
import sys

from understudy.errors import InputError, Problem

_DEFAULT = 1000
_OTHER_FILES = 50
"""What a server opens beside its connections, generously."""


def allow_connections(wanted: int | None) -> int:
    """Raise the limit on open files if needed, and return the number of connections.

    By default, there are 1000, or fewer if the system allows no more. Raises InputError if it
    does not allow the wanted number.
    """
    limit = _raise_limit((wanted or _DEFAULT) + _OTHER_FILES)
    if limit is None:
        return wanted or _DEFAULT
    possible = max(1, limit - _OTHER_FILES)
    if wanted is None:
        return min(_DEFAULT, possible)
    if wanted > possible:
        message = (
            f"--connections {wanted} needs {wanted + _OTHER_FILES} open files, but this system "
            f"allows {limit}"
        )
        hint = f"Allow more with `ulimit -n {wanted + _OTHER_FILES}`."
        expected = f"at most {possible}"
        raise InputError(Problem("too-many-connections", message, expected=expected, hint=hint))
    return wanted


def _raise_limit(needed: int) -> int | None:
    """Raise the soft limit on open files to what is needed; return it. None: there is none."""
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    if soft < needed:
        wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS has a lower limit than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
            soft = max(soft, wanted)
    return soft
