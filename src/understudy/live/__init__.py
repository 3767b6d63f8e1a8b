"""A stub on a real socket, in a thread: for tests, notebooks and the command line."""

from understudy.live.server import LiveServer, PortInUseError

__all__ = ["LiveServer", "PortInUseError"]
