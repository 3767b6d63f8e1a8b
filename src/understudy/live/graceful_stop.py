"""The end of a server: every call that it has received is answered, then connections close.

Source: RFC 9112, section 9.6 (tear-down): the last response of a connection says `Connection:
close`, and a connection is closed only after it was.
"""

import time
from collections.abc import Callable
from typing import Any

_GRACE_S = 4.0
"""How long a stopping server waits for current responses."""
_QUIET_S = 0.5
"""How long a connection without a call was quiet before it is closed: the client of a busy one
has perhaps sent its next request already, and gets an answer with `Connection: close`."""
_STEP_S = 0.05
"""How long the loop waits for its sockets, before it looks for quiet connections."""
_BACKLOG = 1024


def finish_connections(server: Any, run_loop_once: Callable[[float], None]) -> None:
    """Accept no new connections, answer what was received, and close, within 4 seconds.

    `server` is that of waitress; `run_loop_once` handles its sockets, after at most the given time.
    """
    _accept_all(server)
    run_loop_once(0)  # reads what has arrived: then it is known which request is the last
    server.answer_bytes = None
    server.is_stopping = True
    for channel in list(server.active_channels.values()):
        channel.hurry()
    _accept_all(server)
    server.accepting = False
    server.del_channel()
    server.socket.close()
    deadline = time.monotonic() + _GRACE_S
    while server.active_channels and time.monotonic() < deadline:
        _close_quiet(server)
        run_loop_once(_STEP_S)


def _accept_all(server: Any) -> None:
    """Accept the connections that the system has made already.

    When the listening socket closes, the system resets those that were not accepted.
    """
    for _ in range(_BACKLOG):
        count = len(server.active_channels)
        server.handle_accept()
        if len(server.active_channels) == count:
            break


def _close_quiet(server: Any) -> None:
    """Close the connections that have no call, and had none for a while."""
    now = time.time()  # noqa: TID251 (the idle time of the socket)
    for channel in list(server.active_channels.values()):
        if channel.is_idle and now - channel.last_activity >= _QUIET_S:
            channel.handle_close()
