"""The loop runs timers in their order, and ends its wait when another thread wants it to."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from live_builders import BODY, read_response, reply, send_requests, serve_replies
from understudy.live.event_loop import EventLoop

FAR_S = 3600.0


@dataclass
class Note:
    """A timer that writes its name into a list."""

    name: str
    due_s: float
    ran: list[str] = field(default_factory=list)
    is_cancelled: bool = False

    def run(self) -> None:
        self.ran.append(self.name)


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    """A loop without channels."""
    running = EventLoop()
    yield running
    running.close()


def test_due_timers_run_in_order(loop: EventLoop) -> None:
    """The earliest first; those of the same time as they were added."""
    ran: list[str] = []
    now = time.monotonic()
    for name, due_s in (("late", now), ("early", now - 2), ("early too", now - 2)):
        loop.add_timer(Note(name, due_s, ran))
    loop.add_timer(Note("far", now + FAR_S, ran))
    loop.run_once(0)
    assert (ran, loop.timer_count) == (["early", "early too", "late"], 1)


def test_wait_ends_with_the_next_timer(loop: EventLoop) -> None:
    """It is not late by the time for which the sockets are waited for."""
    ran: list[str] = []
    loop.add_timer(Note("soon", time.monotonic() + 0.02, ran))
    while not ran:
        loop.run_once(FAR_S)
    assert ran == ["soon"]


def test_cancelled_timer_does_not_run(loop: EventLoop) -> None:
    """It is not counted either."""
    ran: list[str] = []
    timer = Note("cancelled", time.monotonic(), ran)
    loop.add_timer(timer)
    loop.cancel_timer(timer)
    assert loop.timer_count == 0
    loop.run_once(0)
    assert (ran, loop.timer_count) == ([], 0)


def test_cancelled_timers_are_forgotten(loop: EventLoop) -> None:
    """They take no memory until they would have been due."""
    timers = [Note("far", time.monotonic() + FAR_S) for _ in range(1000)]
    for timer in timers:
        loop.add_timer(timer)
    for timer in timers[:-1]:
        loop.cancel_timer(timer)
    assert loop.timer_count == 1
    assert len(loop._timers) < 200


def test_many_due_timers_leave_time_for_sockets(loop: EventLoop) -> None:
    """One round runs some of them, the next round the rest."""
    ran: list[str] = []
    for number in range(300):
        loop.add_timer(Note(str(number), 0.0, ran))
    loop.run_once(0)
    assert 0 < len(ran) < 300
    loop.run_once(0)
    assert ran == [str(number) for number in range(300)]


def test_wake_ends_the_wait(loop: EventLoop) -> None:
    """Also if it comes before the wait, and more than once."""
    loop.wake()
    loop.wake()
    loop.run_once(FAR_S)
    waker = threading.Thread(target=loop.wake)
    waker.start()
    loop.run_once(FAR_S)
    waker.join(timeout=30)


def test_wake_of_a_closed_loop_is_ignored() -> None:
    """A signal may come when the server has ended."""
    loop = EventLoop()
    loop.close()
    loop.wake()


def test_quiet_connections_are_not_looked_at() -> None:
    """The work for a call does not depend on the number of open connections."""
    with serve_replies({"plain": reply()}) as served:
        quiet = [served.connect() for _ in range(20)]
        with served.connect() as connection:
            send_requests(connection, "plain")
            assert read_response(connection) == (200, BODY)
            channels = list(served.server._server.active_channels.values())
            counts = dict.fromkeys(channels, 0)

            def count(channel: object) -> bool:
                counts[channel] += 1
                return True

            for channel in channels:
                channel.readable = lambda channel=channel: count(channel)
            for _ in range(10):
                send_requests(connection, "plain")
                assert read_response(connection) == (200, BODY)
            busy = connection.getsockname()
            # Once a second, the loop looks at all of them.
            assert {channel.addr for channel, times in counts.items() if times > 5} == {busy}
        for each in quiet:
            each.close()
