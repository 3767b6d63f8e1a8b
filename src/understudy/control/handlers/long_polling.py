"""Handlers that hold a thread: waiting for calls, and the stream of events."""

import time
from collections.abc import Iterator
from threading import Lock

from understudy.control.api.api_call import Call, Stream, json_response
from understudy.control.api.control_problems import ControlProblem
from understudy.control.api.route import EVENTS
from understudy.control.handlers.journal_events import JournalEvent, JournalFollower, is_wait_over
from understudy.control.handlers.journal_search import parse_criteria
from understudy.durations import parse_duration
from understudy.messages import Exchange, Headers, Response, dump_json
from understudy.replay import ThreadLimit, World
from understudy.rules import matches_exchange

ALL_WORLDS = "*"
_HEARTBEAT_S = 15.0
_MOST_SHOWN = 100


def wait_for_requests(call: Call) -> Response:
    """Wait until enough calls meet criteria, or the time is over."""
    world = call.world()
    wanted = {key: value for key, value in call.body.items() if key not in ("count", "timeout")}
    when = parse_criteria(wanted, world.contract)
    count, timeout = call.body.get("count", 1), parse_duration(call.body.get("timeout", "10s"))
    deadline = time.monotonic() + timeout.total_seconds()
    found: list[Exchange] = []
    feed = JournalFollower(lambda: (call.stub.find_world(call.name) or world,))
    place = _Place(call.stub.thread_limit)
    try:
        while True:
            for where, exchange in feed.read_new():
                if exchange is None:
                    found.clear()
                elif matches_exchange(when, exchange):
                    found.append(exchange)
                _check_whole(where)
            _check_whole(world)
            left = deadline - time.monotonic()
            if (
                len(found) >= count
                or left <= 0
                or (place.is_taken and is_wait_over(call.stub.thread_limit, call.is_client_gone))
            ):
                break
            place.take()
            feed.wait(left)
    finally:
        feed.close()
        place.give_back()
    shown = [exchange.to_record() for exchange in found[-_MOST_SHOWN:]]
    return json_response({"requests": shown, "matched": len(found) >= count, "count": len(found)})


def events(call: Call) -> Response | Stream:
    """Stream exchanges as they happen."""
    headers = Headers.of(
        [("Content-Type", EVENTS), ("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no")]
    )
    if call.request.method == "HEAD":
        return Response(200, headers)
    feed = _feed(call)
    place = _Place(call.stub.thread_limit)
    try:
        place.take()
    except ControlProblem:
        feed.close()
        raise

    def close() -> None:
        if place.give_back():
            feed.close()

    return Stream(200, headers, write_events(call, feed), close)


def _feed(call: Call) -> JournalFollower:
    after = _after(call)
    if call.name == ALL_WORLDS:
        feed = JournalFollower(call.stub.worlds)
        for world in call.stub.worlds():
            feed.follow(world, world.journal.end)
        return feed
    world = call.world()
    feed = JournalFollower(lambda: (call.stub.find_world(call.name) or world,))
    feed.follow(world, world.journal.end if after is None else world.journal.position_after(after))
    return feed


def _after(call: Call) -> int | None:
    """Give the number of the exchange that the client has seen; the header counts when the query says nothing."""
    told = call.values.get("after")
    last = str(call.values.get("Last-Event-ID", ""))
    if told is None and last.isascii() and last.isdigit() and len(last) < 19:
        return int(last)
    return told


def write_events(
    call: Call, feed: JournalFollower, heartbeat_s: float = _HEARTBEAT_S
) -> Iterator[bytes]:
    """Write news as server-sent events; a comment shows that the server lives when nothing else does so long."""
    yield b"retry: 1000\n\n"
    beat = time.monotonic() + heartbeat_s
    while not is_wait_over(call.stub.thread_limit, call.is_client_gone):
        events = b"".join(_event(item, named=call.name == ALL_WORLDS) for item in feed.read_new())
        if not events and time.monotonic() >= beat:
            events = b": alive\n\n"
        if events:
            beat = time.monotonic() + heartbeat_s
            yield events
        feed.wait(heartbeat_s)


def _event(item: JournalEvent, *, named: bool) -> bytes:
    world, exchange = item
    if exchange is None:
        return b"event: cleared\ndata: " + dump_json({"world": world.name}) + b"\n\n"
    number = f"{world.name}/{exchange.number}" if named else str(exchange.number)
    told = {
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
    return f"event: exchange\nid: {number}\ndata: ".encode() + dump_json(told) + b"\n\n"


def _check_whole(world: World) -> None:
    dropped = world.journal.dropped
    if dropped:
        detail = f"{dropped} exchanges were dropped from the journal, so nobody knows how many match. Clear it first."
        raise ControlProblem("journal-truncated", detail)


class _Place:
    """A place among the waiting calls: taken once, given back once."""

    def __init__(self, waiting: ThreadLimit) -> None:
        self._waiting = waiting
        self._lock = Lock()
        self.is_taken = False

    def take(self) -> None:
        """Take it, if that has not been done. Raises ControlProblem when none is left."""
        if self.is_taken:
            return
        if not self._waiting.acquire():
            detail = "Half of the server's threads wait already (fault delays, waits, event streams). Try again."
            raise ControlProblem("no-thread-left", detail, headers=(("Retry-After", "1"),))
        self.is_taken = True

    def give_back(self) -> bool:
        """Give it back; tell whether it was taken."""
        with self._lock:
            was, self.is_taken = self.is_taken, False
        if was:
            self._waiting.release()
        return was
