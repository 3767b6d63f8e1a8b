"""A stub on a real socket, in a thread: for tests, notebooks and the command line."""

from understudy.live.server import LiveServer
from understudy.live.serving import AppServer, PortInUseError

__all__ = ["AppServer", "LiveServer", "PortInUseError"]
