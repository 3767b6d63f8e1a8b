"""A stub on a real socket."""

import ipaddress
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from understudy.calllog import CallLog
from understudy.clock import WallClock
from understudy.config import Settings
from understudy.control import Control
from understudy.errors import InputError, Problem
from understudy.live.file_watch import FileWatcher
from understudy.live.waitress_server import AppServer, bind
from understudy.replay import Stub, World
from understudy.server import create_app
from understudy.server.operation_front import OperationFront

if TYPE_CHECKING:
    from understudy.live.tls.server_tls import ServerTls

DEFAULT_HOST = "127.0.0.1"


class LiveServer:
    """A server of a stub, which runs during a `with` block::

        with LiveServer(scenario="demo") as server:
            requests.get(f"{server.url}/api/v2/tasks/instances", auth=("admin", "admin"))

    The socket is bound when the object is created (`port=0`: a free port), so `url` is known from
    then on, and requests wait in the backlog until `start`. With `watch`, saved files are reloaded
    while the server runs. `call_log` logs each call. `overrides` replace single settings: with
    `tls=True` the server speaks HTTPS, and clients trust the file `ca`.

    Raises PortInUseError, OSError or ValueError for an address that cannot be bound, and
    InputError for files with problems, and for an address that other machines can reach without a
    token of the control API, MissingExtraError for `tls` without its library.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        host: str = DEFAULT_HOST,
        port: int = 0,
        watch: bool = False,
        call_log: CallLog | None = None,
        **overrides: Any,
    ) -> None:
        settings = replace(settings or Settings(), **overrides)
        if not settings.token and not _is_loopback(host):
            raise _token_needed(host)
        self.stub = Stub(settings)
        self.stub.is_watched = watch
        self.host = host
        self._tls = _create_tls(settings, host)
        listener = bind(host, port)
        self.port: int = listener.getsockname()[1]
        if self._tls is not None:
            try:
                self._tls.write_ca(settings.tls_ca)
            except InputError:
                listener.close()
                raise
        self.control = Control(self.stub)
        """The control API of the stub, for callers in this process."""
        self.control.tls = self._tls
        app = create_app(control=self.control, call_log=call_log)
        front: OperationFront = app.extensions["understudy.front"]
        self._server = AppServer(
            app,
            listener,
            threads=settings.threads,
            connections=settings.connections,
            thread_limit=self.stub.thread_limit,
            answer_bytes=front.answer_bytes,
            call_log=call_log,
            cross_origin=front.cross_origin,
            tls=self._tls,
        )
        if call_log is not None:
            call_log.first_account = self._first_account
        self._watcher = FileWatcher(self.stub) if watch else None

    def _first_account(self) -> str:
        """Return the account that most calls have: the first of the scenario."""
        scenario = self.stub.scenario
        return next(iter(scenario.accounts), "") if scenario else ""

    @property
    def url(self) -> str:
        """The base URL of the stub, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host  # RFC 3986, 3.2.2
        return f"{self.stub.settings.scheme}://{host}:{self.port}"

    @property
    def ca(self) -> str | None:
        """The file with the certificate that clients have to trust: `requests.get(…, verify=ca)`.

        None for a server without TLS, or with a certificate of the user.
        """
        if self._tls is None or not self._tls.ca:
            return None
        return self._tls.ca

    def world(self, name: str) -> World:
        """Return a world of the stub; it is created on first use."""
        return self.stub.world(name)

    def start(self) -> Self:
        """Serve in a thread of its own."""
        if self._watcher:
            self._watcher.start()
        self._server.start()
        return self

    def run(self) -> None:
        """Serve in this thread until another thread or a signal handler calls `request_stop`."""
        if self._watcher:
            self._watcher.start()
        try:
            self._server.run()
        finally:
            self._close_tls()
        if self._watcher:
            self._watcher.stop()

    @property
    def is_ended(self) -> bool:
        """Whether the server has stopped, and all its threads have ended."""
        is_watching = self._watcher is not None and self._watcher.is_alive
        return self._server.is_ended and not is_watching

    def request_stop(self) -> None:
        """Ask `run` to finish the current responses and to return. Does not wait.

        A signal handler may call it: it takes no lock.
        """
        self._server.request_stop()

    def stop(self) -> None:
        """Finish the current responses, then close the socket; delayed responses go out at once.

        The last response of each connection says `Connection: close`. Takes at most 10 seconds.
        """
        if self._watcher:
            self._watcher.stop()
        self._server.stop()
        self._close_tls()

    def _close_tls(self) -> None:
        if self._tls is not None:
            self._tls.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _create_tls(settings: Settings, host: str) -> "ServerTls | None":
    """Return the certificates of a server that speaks HTTPS, else None."""
    if not settings.has_tls:
        return None
    # Late: most servers need neither `ssl` nor a library for certificates.
    from understudy.live.tls.server_tls import ServerTls

    return ServerTls(settings, host, WallClock().now())


def _is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address; `bind` reports invalid ones."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")


def _token_needed(host: str) -> InputError:
    """Return the error of an address that other machines can reach without a token."""
    detail = f"{host} can be reached from other machines, and the control API has no token"
    hint = "Set one with --control-token, or `auto` for a new one."
    return InputError(Problem("token-needed", detail, hint=hint))
