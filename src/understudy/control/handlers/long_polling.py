"""Handlers that hold a thread: waiting for calls, and the stream of events."""

import time
from collections.abc import Iterator
from threading import Lock

from understudy.control.api.api_call import ALL_WORLDS, Call, Stream, json_response
from understudy.control.api.control_problems import ControlProblem
from understudy.control.api.route import EVENTS
from understudy.control.handlers.journal_events import (
    JournalEvent,
    JournalFollower,
    is_wait_over,
)
from understudy.control.handlers.journal_search import parse_criteria
from understudy.durations import parse_duration
from understudy.messages import Exchange, Headers, Response, dump_json
from understudy.replay import ThreadLimit, World
from understudy.rules import When, matches_exchange

_HEARTBEAT_S = 15.0
_MAX_SHOWN = 100
_DEFAULT_TIMEOUT = "10s"


def wait_for_requests(call: Call) -> Response:
    """Wait until enough calls match criteria, or the timeout has passed.

    The body has the criteria, `count` (default 1) and `timeout` (default 10s).
    """
    world = call.world()
    criteria = {key: value for key, value in call.body.items() if key not in ("count", "timeout")}
    when = parse_criteria(criteria, world.contract)
    count = call.body.get("count", 1)
    timeout = parse_duration(call.body.get("timeout", _DEFAULT_TIMEOUT))
    exchanges = _collect(call, world, when, count, timeout.total_seconds())
    shown = [exchange.to_record() for exchange in exchanges[-_MAX_SHOWN:]]
    is_enough = len(exchanges) >= count
    return json_response({"requests": shown, "matched": is_enough, "count": len(exchanges)})


def _collect(call: Call, world: World, when: When, count: int, timeout_s: float) -> list[Exchange]:
    """Return the matching exchanges, as soon as there are enough of them or the wait is over.

    The thread is reserved when the first look has found too few, so that a wait for calls that
    were already made needs none.
    """
    deadline = time.monotonic() + timeout_s
    matching: list[Exchange] = []
    follower = _follower_of(call, world)
    reservation = _ThreadReservation(call.stub.thread_limit)
    try:
        while True:
            _read_matching(follower, when, matching)
            _require_whole_journal(world)
            remaining_s = deadline - time.monotonic()
            if len(matching) >= count or remaining_s <= 0:
                return matching
            if reservation.is_held and is_wait_over(call.stub.thread_limit, call.is_client_gone):
                return matching
            reservation.acquire()
            with call.stub.thread_limit.while_waiting():
                follower.wait(remaining_s)
    finally:
        follower.close()
        reservation.release()


def _read_matching(follower: JournalFollower, when: When, matching: list[Exchange]) -> None:
    """Add the new exchanges that match; start again after the journal was emptied."""
    for world, exchange in follower.read_new():
        if exchange is None:
            matching.clear()
        elif matches_exchange(when, exchange):
            matching.append(exchange)
        _require_whole_journal(world)


def _require_whole_journal(world: World) -> None:
    """Raise ControlProblem (`journal-truncated`) if calls may be missing."""
    dropped = world.journal.dropped
    if dropped:
        detail = (
            f"{dropped} exchanges were dropped from the journal, so the number of matching calls "
            "is unknown. Clear the journal first."
        )
        raise ControlProblem("journal-truncated", detail)


def events(call: Call) -> Response | Stream:
    """Stream exchanges as server-sent events; HEAD returns the header fields alone."""
    headers = Headers.of(
        [
            ("Content-Type", EVENTS),
            ("Cache-Control", "no-cache"),
            ("X-Accel-Buffering", "no"),  # nginx would hold the events back
        ]
    )
    if call.request.method == "HEAD":
        return Response(200, headers)
    follower = _event_follower(call)
    reservation = _ThreadReservation(call.stub.thread_limit)
    try:
        reservation.acquire()
    except ControlProblem:
        follower.close()
        raise

    def close() -> None:
        if reservation.release():
            follower.close()

    return Stream(200, headers, write_events(call, follower), close)


def _event_follower(call: Call) -> JournalFollower:
    """Return a follower that starts after the last event of the client, or at the end."""
    if call.name == ALL_WORLDS:
        follower = JournalFollower(call.stub.worlds)
        for world in call.stub.worlds():
            follower.follow(world, world.journal.end)
        return follower
    world = call.world()
    follower = _follower_of(call, world)
    after = _last_event_number(call)
    if after is None:
        follower.follow(world, world.journal.end)
    else:
        follower.follow(world, world.journal.position_after(after))
    return follower


def _follower_of(call: Call, world: World) -> JournalFollower:
    """Return a follower of the world with this name, also after it was deleted and created anew."""
    return JournalFollower(lambda: (call.stub.find_world(call.name) or world,))


def _last_event_number(call: Call) -> int | None:
    """Return the number of the last exchange that the client has seen.

    `after` takes precedence over `Last-Event-ID`, which browsers send when they reconnect.
    Source: HTML Living Standard, 9.2.4 (server-sent events).
    """
    after: int | None = call.values.get("after")
    if after is not None:
        return after
    text = str(call.values.get("Last-Event-ID", ""))
    is_number = text.isascii() and text.isdigit() and len(text) < 19  # fits into int64
    return int(text) if is_number else None


def write_events(
    call: Call, follower: JournalFollower, heartbeat_s: float = _HEARTBEAT_S
) -> Iterator[bytes]:
    """Yield server-sent events until the server stops or the client hangs up.

    After `heartbeat_s` seconds without an event, a comment shows that the server is alive.
    """
    yield b"retry: 1000\n\n"
    next_heartbeat = time.monotonic() + heartbeat_s
    while not is_wait_over(call.stub.thread_limit, call.is_client_gone):
        texts = [_format_event(event, call.name == ALL_WORLDS) for event in follower.read_new()]
        chunk = b"".join(texts)
        if not chunk and time.monotonic() >= next_heartbeat:
            chunk = b": alive\n\n"
        if chunk:
            next_heartbeat = time.monotonic() + heartbeat_s
            yield chunk
        with call.stub.thread_limit.while_waiting():
            follower.wait(heartbeat_s)


def _format_event(event: JournalEvent, is_world_named: bool) -> bytes:
    """Return an event in the format of server-sent events: lines, then an empty line."""
    world, exchange = event
    if exchange is None:
        return b"event: cleared\ndata: " + dump_json({"world": world.name}) + b"\n\n"
    number = str(exchange.number)
    if is_world_named:
        number = f"{world.name}/{number}"
    data = {
        "number": exchange.number,
        "world": exchange.world,
        "at": exchange.at.isoformat(),
        "operation": exchange.operation,
        "method": exchange.request.method,
        "target": exchange.request.target,
        "status": exchange.response.status,
        "matched": exchange.trace.get("matched", ""),
        "violations": len(exchange.violations),
    }
    return f"event: exchange\nid: {number}\ndata: ".encode() + dump_json(data) + b"\n\n"


class _ThreadReservation:
    """A thread of the server that a call may hold: acquired once, released once."""

    def __init__(self, threads: ThreadLimit) -> None:
        self._threads = threads
        self._lock = Lock()
        self.is_held = False

    def acquire(self) -> None:
        """Reserve a thread, unless it is held already.

        Raises ControlProblem (`no-thread-left`) when half of the threads wait.
        """
        if self.is_held:
            return
        if not self._threads.acquire():
            detail = (
                "Half of the server's threads are already waiting (fault delays, waits, event "
                "streams). Try again."
            )
            raise ControlProblem("no-thread-left", detail, headers=(("Retry-After", "1"),))
        self.is_held = True

    def release(self) -> bool:
        """Release the thread; return whether it was held."""
        with self._lock:
            was_held, self.is_held = self.is_held, False
        if was_held:
            self._threads.release()
        return was_held
