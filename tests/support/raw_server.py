"""A server that answers each connection with bytes, right or wrong."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket, bytes], None]
"""Answers a connection; gets the start of the request."""


@contextmanager
def raw_server(answer: Answer) -> Iterator[str]:
    """Answer each connection, one after the other; yield the URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    answer(connection, connection.recv(65536))
                except OSError:
                    continue  # The caller has left.

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
