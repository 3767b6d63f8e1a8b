"""The internals of waitress that the server uses: named here, and looked at for each version."""

import ast
import inspect
from importlib.metadata import version
from types import ModuleType

import waitress.channel
import waitress.parser
import waitress.server
import waitress.task

from understudy.live import (
    answer_task,
    bounded_server,
    connection,
    event_loop,
    graceful_stop,
    held_answer,
    request_parser,
    timed_channel,
    waitress_server,
)
from understudy.live.task_dispatcher import TaskDispatcher
from understudy.live.tls import tls_channel

VERSIONS = ("3.0.2",)
"""The versions whose internals were looked at."""
INTERNALS = {
    waitress.channel.HTTPChannel: {
        "_flush_some", "accepting", "adj", "check_client_disconnected", "close_when_flushed", "connected",
        "current_outbuf_count", "error_task_class", "handle_close", "handle_read", "handle_write",
        "last_activity", "outbuf_lock", "outbufs", "parser_class", "readable", "received", "request", "requests", "requests_lock",
        "sendbuf_len", "sent_continue", "server", "service", "socket", "task_class", "total_outbufs_len", "will_close", "writable",
        "write_soon",
    },
    waitress.task.WSGITask: {
        "build_response_header", "channel", "close_on_finish", "content_bytes_written",
        "content_length", "environ", "finish", "get_environment", "has_body", "request", "response_headers", "service", "set_close_on_finish", "version", "write", "wrote_header",
    },
    waitress.task.ErrorTask: {
        "channel", "content_length", "execute", "request", "response_headers",
        "set_close_on_finish", "status", "write",
    },
    waitress.parser.HTTPRequestParser: {
        "adj", "body_rcv", "chunked", "command", "completed", "content_length", "error", "expect_continue",
        "headers", "headers_finished", "parse_header", "received", "request_uri", "version",
    },
    waitress.server.TcpWSGIServer: {
        "_map", "accepting", "active_channels", "adj", "channel_class", "close", "del_channel",
        "handle_accept", "pull_trigger", "readable", "set_socket_options", "socket",
    },
    waitress.task.ThreadedTaskDispatcher: {"add_task", "shutdown"},
}  # fmt: skip
"""By class of waitress: the attributes that `live` reads, sets or overrides. None is documented."""
CHECKS = """
waitress {version} is not among the versions whose internals were looked at: {versions}.
Compare waitress/channel.py, task.py, parser.py and server.py with the last of these. Check that
- the attributes in INTERNALS mean the same, and their methods are called at the same points;
- service() of a channel calls task_class with channel and request, then service() of the task, lets
  a BaseException pass, and ends the request only after that;
- write_soon and _flush_some take the same locks, and service() drops no response of a client that
  has ended its sending;
- the server calls add_task and shutdown of the dispatcher, and no other method;
- _flush_some offers bytes that were not sent again, before any later ones: TlsSocket relies on it;
- the header fields and the body are written with one write_soon each;
- the receiver of a body is used by its received(), completed, error, getfile(), getbuf() and length alone;
- parse_header() of the parser gets the whole head without its last line end, and raises ParsingError,
  ValueError or TransferEncodingNotImplemented for what it rejects; received() reads bodies alone, and looks at
  `error` and `completed` of their receiver.
Run tests/unit/live and tests/race, then add the version to VERSIONS.
"""


def attribute_names(cls: type) -> set[str]:
    """Return the names that a class and its bases have or set on themselves."""
    names = set(dir(cls))
    for base in cls.__mro__[:-1]:
        for node in ast.walk(ast.parse(inspect.getsource(inspect.getmodule(base) or base))):
            if isinstance(node, ast.ClassDef) and node.name == base.__name__:
                names |= names_of(node, "self")
    return names


def names_of(tree: ast.AST, *owners: str) -> set[str]:
    """Return the attributes of some expressions, `self.channel` for example, in a tree."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in owners
    }


def used_names(module: ModuleType, *owners: str) -> set[str]:
    return names_of(ast.parse(inspect.getsource(module)), *owners)


def public_names(cls: type) -> set[str]:
    return {name for name in vars(cls) if not name.startswith("_")}


def used_by_subclass(subclass: type, base: type) -> set[str]:
    """Return the attributes of a class of waitress that its subclass overrides or uses."""
    [tree] = ast.parse(inspect.getsource(subclass)).body
    used = names_of(tree, "self", "super()") | set(vars(subclass))
    return {name for name in used & attribute_names(base) if not name.startswith("__")}


def test_version_of_waitress_was_looked_at() -> None:
    """A new version fails here until its internals are compared; the text says what to check."""
    installed = version("waitress")
    assert installed in VERSIONS, CHECKS.format(version=installed, versions=", ".join(VERSIONS))


def test_internals_exist() -> None:
    """Each attribute is one that waitress has or sets."""
    missing = {cls.__name__: names - attribute_names(cls) for cls, names in INTERNALS.items()}
    assert missing == {cls.__name__: set() for cls in INTERNALS}


def test_all_used_internals_are_named() -> None:
    """Another attribute must be added to the list, and one that is no longer used be removed."""
    subclasses = {
        waitress.channel.HTTPChannel: connection.BreakableChannel,
        waitress.task.WSGITask: answer_task.BreakableTask,
        waitress.task.ErrorTask: answer_task.ProblemTask,
        waitress.parser.HTTPRequestParser: request_parser.FieldParser,
    }
    used = {base: used_by_subclass(subclass, base) for base, subclass in subclasses.items()}
    channel = waitress.channel.HTTPChannel
    for module in (waitress_server, graceful_stop, event_loop, held_answer):
        names = used_names(module, "channel", "self._channel")
        used[channel] |= names & attribute_names(channel)
    used[channel] |= used_by_subclass(tls_channel.TlsChannel, channel)
    used[channel] |= used_by_subclass(timed_channel.TimedChannel, channel)
    server = used_names(waitress_server, "self._server") | used_names(graceful_stop, "server")
    used[waitress.server.TcpWSGIServer] = server & attribute_names(waitress.server.TcpWSGIServer)
    used[waitress.server.TcpWSGIServer] |= used_by_subclass(
        bounded_server.BoundedServer, waitress.server.TcpWSGIServer
    )
    dispatcher = attribute_names(waitress.task.ThreadedTaskDispatcher)
    used[waitress.task.ThreadedTaskDispatcher] = dispatcher & public_names(TaskDispatcher)
    assert used == INTERNALS
    options = {"map", "_sock", "dispatcher", "adj", "sockinfo", "bind_socket"}
    assert options <= set(inspect.signature(waitress.server.TcpWSGIServer).parameters)
