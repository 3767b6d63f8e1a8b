"""A stub on a real socket."""

import ipaddress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from understudy.config import Settings
from understudy.control import Control
from understudy.errors import InputError, Problem
from understudy.live.file_watch import FileWatcher
from understudy.live.waitress_server import AppServer, bind
from understudy.replay import Stub, World
from understudy.server import create_app

DEFAULT_HOST = "127.0.0.1"


class LiveServer:
    """Serves a stub while its block runs.

        with LiveServer(scenario="demo") as server:
            requests.get(f"{server.url}/api/v2/tasks/instances", auth=("admin", "admin"))

    The socket is bound when the object is made (`port=0`: a free port), so `url` is right from then on, and requests
    wait in the backlog until `start`. With `watch`, files that are saved are taken while it serves. Raises
    PortInUseError, and InputError for files that cannot be used and for an address that other machines reach, unless
    the control API has a token.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        host: str = DEFAULT_HOST,
        port: int = 0,
        watch: bool = False,
        **overrides: Any,
    ) -> None:
        told = replace(settings or Settings(), **overrides)
        if not told.token and not _is_loopback(host):
            what = f"{host} can be reached from other machines, and the control API has no token"
            raise InputError(
                Problem(
                    "token-needed",
                    what,
                    hint="Set one with --control-token, or `auto` for a new one.",
                )
            )
        self.stub = Stub(told)
        self.host = host
        listener = bind(host, port)
        self.port: int = listener.getsockname()[1]
        self.control = Control(self.stub)
        """The control API that is served, for whoever is in this process."""
        app = create_app(control=self.control)
        self._server = AppServer(
            app, listener, threads=told.threads, waiting=self.stub.thread_limit
        )
        self._watcher = FileWatcher(self.stub) if watch else None

    @property
    def url(self) -> str:
        """Where the stub is, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def world(self, name: str) -> World:
        """Give a world of the stub; made on first use."""
        return self.stub.world(name)

    def start(self) -> Self:
        """Serve in a thread."""
        if self._watcher:
            self._watcher.start()
        self._server.start()
        return self

    def run(self) -> None:
        """Serve in this thread until `request_stop` is called: by another thread, or by a signal's handler."""
        if self._watcher:
            self._watcher.start()
        self._server.run()

    def request_stop(self) -> None:
        """Ask `run` to finish what is being answered and to return. Does not wait."""
        self._server.request_stop()

    def stop(self) -> None:
        """Finish what is being answered, then close the socket. What is late on purpose is sent at once."""
        if self._watcher:
            self._watcher.stop()
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address. What is no address at all is told when it is bound."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")
