"""The loop of the server: it waits for sockets that are ready, and for timers.

The loop of waitress looks at every connection each time that one of them is ready. This one looks
at a connection only when something has happened to it, so that thousands of them may wait.
"""

import contextlib
import heapq
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from selectors import EVENT_READ, EVENT_WRITE
from threading import get_ident
from typing import Any, Protocol

from waitress import wasyncore

_MAX_DUE = 256
"""How many timers run before the sockets are looked at again."""
_ALL_S = 1.0
"""After this time, the loop looks at every channel: some change only because time passes."""
_SPARE = 64
"""How many cancelled timers the heap may have in any case."""


class Timer(Protocol):
    """Something that happens later; the loop calls it in its own thread."""

    is_cancelled: bool

    @property
    def due_s(self) -> float:
        """When it happens, on the monotonic clock."""

    def run(self) -> None:
        """Do it."""


class _ChannelMap(dict[int, Any]):
    """The channels of waitress by their file descriptors, which waitress adds and removes."""

    def __init__(self, added: Callable[[Any], None], removed: Callable[[int], None]) -> None:
        super().__init__()
        self._added, self._removed = added, removed

    def __setitem__(self, descriptor: int, channel: Any) -> None:
        super().__setitem__(descriptor, channel)
        self._added(channel)

    def __delitem__(self, descriptor: int) -> None:
        super().__delitem__(descriptor)
        self._removed(descriptor)


class EventLoop:
    """Waits for the channels of waitress and for timers; one thread calls `run_once`.

    A channel that changes outside of this thread is looked at again if it was added with `serve`.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._events: dict[int, int] = {}
        """What the selector waits for, by file descriptor."""
        self._changed: deque[Any] = deque()
        self.channels: dict[int, Any] = _ChannelMap(self._changed.append, self._unregister)
        """The map for waitress."""
        self._served: dict[int, Any] = {}
        """The channel that each thread serves."""
        self._new_timers: deque[Timer] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._cancelled = 0
        self._numbers = count()
        self._receiver, self._sender = socket.socketpair()
        for end in (self._receiver, self._sender):
            end.setblocking(False)
        self._selector.register(self._receiver, EVENT_READ)
        self._is_woken = False
        self._next_all_s = 0.0

    @property
    def timer_count(self) -> int:
        """How many timers are not due yet."""
        return len(self._new_timers) + len(self._timers) - self._cancelled

    def wake(self) -> None:
        """End the wait of `run_once`. Takes no lock; each thread and signal handler may call it."""
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(OSError):  # the loop has ended, or is woken anyway
                self._sender.send(b"\0")

    def wake_if_changed(self) -> None:
        """End the wait if the channel of a serving thread has to be waited for differently."""
        for channel in list(self._served.values()):
            # The loop looks again after it has changed what it waits for, so nothing is missed.
            if _wanted_events(channel) != self._events.get(_descriptor_of(channel), 0):
                self._changed.append(channel)
                self.wake()

    @contextlib.contextmanager
    def serve(self, channel: Any) -> Iterator[None]:
        """Look at this channel whenever the calling thread, inside of the block, changes it."""
        self._served[get_ident()] = channel
        try:
            yield
        finally:
            del self._served[get_ident()]

    def look_at(self, channel: Any) -> None:
        """Look at a channel again before the next wait."""
        self._changed.append(channel)

    def add_timer(self, timer: Timer) -> None:
        """Run a timer when it is due. Thread-safe."""
        self._new_timers.append(timer)
        self.wake()

    def cancel_timer(self, timer: Timer) -> None:
        """Forget a timer that was added; only the thread of the loop may do so."""
        timer.is_cancelled = True
        self._cancelled += 1
        if self._cancelled > _SPARE + len(self._timers) // 2:
            self._take_timers()
            self._timers = [entry for entry in self._timers if not entry[2].is_cancelled]
            heapq.heapify(self._timers)
            self._cancelled = 0

    def run_once(self, timeout_s: float) -> None:
        """Handle what is ready, after at most this time."""
        now = time.monotonic()
        if now >= self._next_all_s:
            self._next_all_s = now + _ALL_S
            self._changed.extend(self.channels.values())
        self._update_changed()
        self._take_timers()
        if self._timers:
            timeout_s = max(0.0, min(timeout_s, self._timers[0][0] - now))
        for key, events in self._selector.select(timeout_s):
            if key.fileobj is self._receiver:
                self._receive_wakes()
            else:
                self._handle(key.fd, key.events & events)
        self._run_due()

    def close(self) -> None:
        """Forget everything; the channels are closed by their owner."""
        self._selector.close()
        self._receiver.close()
        self._sender.close()

    def _handle(self, descriptor: int, events: int) -> None:
        """Let a channel read and write what it can."""
        channel = self.channels.get(descriptor)
        if channel is None:  # another one has closed it meanwhile
            return
        if events & EVENT_READ:
            wasyncore.read(channel)
        if events & EVENT_WRITE and self.channels.get(descriptor) is channel:
            wasyncore.write(channel)
        self._update(descriptor, channel)

    def _update_changed(self) -> None:
        while self._changed:
            channel = self._changed.popleft()
            self._update(_descriptor_of(channel), channel)

    def _update(self, descriptor: int, channel: Any) -> None:
        """Wait for what the channel wants now."""
        while self.channels.get(descriptor) is channel:
            wanted, before = _wanted_events(channel), self._events.get(descriptor, 0)
            if wanted == before:
                return
            # A thread that changes the channel compares with this; hence it is looked at again.
            self._events[descriptor] = wanted
            if not before:
                self._selector.register(descriptor, wanted)
            elif wanted:
                self._selector.modify(descriptor, wanted)
            else:
                self._selector.unregister(descriptor)

    def _unregister(self, descriptor: int) -> None:
        if self._events.pop(descriptor, 0):
            self._selector.unregister(descriptor)

    def _receive_wakes(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._receiver.recv(4096)
        self._is_woken = False  # from here on, what changes is seen in the next round

    def _take_timers(self) -> None:
        while self._new_timers:
            timer = self._new_timers.popleft()
            heapq.heappush(self._timers, (timer.due_s, next(self._numbers), timer))

    def _run_due(self) -> None:
        """Run the timers that are due, but let the sockets have their turn."""
        if not self._timers:
            return
        now = time.monotonic()
        for _ in range(_MAX_DUE):
            if not self._timers or self._timers[0][0] > now:
                return
            timer = heapq.heappop(self._timers)[2]
            if timer.is_cancelled:
                self._cancelled -= 1
            else:
                timer.run()


def _descriptor_of(channel: Any) -> int:
    """Return the file descriptor of a channel; -1: it is closed, perhaps by another thread."""
    connection = channel.socket
    return -1 if connection is None else int(connection.fileno())


def _wanted_events(channel: Any) -> int:
    """Return what a channel of waitress waits for."""
    events = EVENT_READ if channel.readable() else 0
    if channel.writable() and not channel.accepting:
        events |= EVENT_WRITE
    return events
