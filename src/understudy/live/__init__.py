"""A stub on a real socket, in a thread: for tests, notebooks and the command line."""

from understudy.live.live_server import LiveServer
from understudy.live.waitress_server import AppServer, PortInUseError

__all__ = ["AppServer", "LiveServer", "PortInUseError"]
