"""Waiting for calls, and the stream of events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest

from control_builders import FAILED, LIST, StubDriver, assert_documented
from understudy.control import Stream
from understudy.messages import Response

GET = {"operation": "getTaskInstance"}


@contextmanager
def start_wait(
    driver: StubDriver, data: dict[str, Any], world: str = "default"
) -> Iterator[Queue[Response | Stream]]:
    """Wait in a thread, and yield the queue of its response.

    Starts when the wait holds a thread.
    """
    answers: Queue[Response | Stream] = Queue()
    reserved = Event()
    acquire = driver.stub.thread_limit.acquire

    def acquire_and_notify() -> bool:
        try:
            return acquire()
        finally:
            reserved.set()

    driver.stub.thread_limit.acquire = acquire_and_notify  # type: ignore[method-assign]
    thread = Thread(
        target=lambda: answers.put(driver.send("POST /requests/wait", data, world=world))
    )
    thread.start()
    assert reserved.wait(10)
    yield answers
    thread.join(20)


def take_result(answers: Queue[Response | Stream]) -> Any:
    answer = answers.get(timeout=20)
    assert isinstance(answer, Response)
    assert_documented("POST /requests/wait", answer)
    return answer.json()


def test_matching_call_ends_the_wait() -> None:
    """The wait ends long before its timeout, and releases its thread."""
    driver = StubDriver()
    with start_wait(driver, {**GET, "timeout": "10m"}) as answers:
        assert driver.fetch("GET /health")["waiting"]["active"] == 1
        driver.call(f"{LIST}?size=1")
        driver.call(f"{LIST}/{FAILED}")
        answer = take_result(answers)
    assert (answer["matched"], answer["count"], [r["number"] for r in answer["requests"]]) == (
        True,
        1,
        [2],
    )
    assert driver.stub.thread_limit.active == 0


def test_earlier_calls_count() -> None:
    """A wait that needs no later call needs no thread."""
    driver = StubDriver(threads=2)
    assert driver.stub.thread_limit.acquire()
    driver.call(f"{LIST}/{FAILED}")
    assert driver.fetch("POST /requests/wait", GET)["matched"] is True


def test_wait_for_several_calls() -> None:
    """The second call ends the wait for two."""
    driver = StubDriver()
    driver.call(f"{LIST}/{FAILED}")
    with start_wait(driver, {**GET, "count": 2, "timeout": "10m"}) as answers:
        driver.call(f"{LIST}/{FAILED}")
        assert take_result(answers)["count"] == 2


def test_timeout_is_reported() -> None:
    """The response is 200 with `matched: false` and the matches so far."""
    driver = StubDriver()
    driver.call(f"{LIST}/{FAILED}")
    answer = driver.fetch("POST /requests/wait", {**GET, "count": 2, "timeout": "10ms"})
    assert (answer["matched"], answer["count"], len(answer["requests"])) == (False, 1, 1)
    assert driver.stub.thread_limit.active == 0


def test_clearing_restarts_the_count() -> None:
    """Calls before the clearing do not count."""
    driver = StubDriver()
    driver.call(f"{LIST}/{FAILED}")
    with start_wait(driver, {**GET, "count": 2, "timeout": "10m"}) as answers:
        driver.fetch("DELETE /requests", status=204)
        driver.call(f"{LIST}/{FAILED}")
        driver.call(f"{LIST}/{FAILED}")
        assert [r["number"] for r in take_result(answers)["requests"]] == [1, 2]


def test_wait_follows_a_recreated_world() -> None:
    """A wait concerns the name of a world."""
    driver = StubDriver()
    with start_wait(driver, {**GET, "timeout": "10m"}, world="w") as answers:
        driver.fetch("DELETE /worlds/w", status=204)
        driver.call(f"{LIST}/{FAILED}", world="w")
        assert take_result(answers)["matched"] is True


def test_wait_without_free_thread_fails_at_once() -> None:
    """The response is 503 with Retry-After."""
    driver = StubDriver(threads=2)
    assert driver.stub.thread_limit.acquire()
    answer = driver.send("POST /requests/wait", {**GET, "timeout": "10m"})
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers.get("Retry-After")) == (503, "1")
    assert answer.json()["type"] == "urn:understudy:problem:no-thread-left"
    assert driver.fetch_problem("GET /events")[:2] == (503, "no-thread-left")
    assert driver.stub.thread_limit.active == 1


def test_stopping_the_server_ends_the_wait() -> None:
    """The result is `matched: false`."""
    driver = StubDriver()
    with start_wait(driver, {**GET, "timeout": "10m"}) as answers:
        driver.stub.thread_limit.stop()
        assert take_result(answers)["matched"] is False
    assert driver.stub.thread_limit.active == 0


@pytest.mark.parametrize("timeout", ["601s", "11m", "1h", "-1s", "", 5])
def test_invalid_timeout_is_reported(timeout: Any) -> None:
    """The maximum is 600 s."""
    assert StubDriver().fetch_problem("POST /requests/wait", {"timeout": timeout})[:2] == (
        400,
        "bad-request",
    )


def open_stream(
    driver: StubDriver, target: str = "/events", world: str = "default", **headers: str
) -> Stream:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    stream = driver.send(f"GET {target}", world=world, headers=fields)
    assert isinstance(stream, Stream)
    assert (stream.status, stream.headers.get("Content-Type")) == (200, "text/event-stream")
    assert next(stream.chunks) == b"retry: 1000\n\n"
    return stream


def parse_events(chunk: bytes) -> list[tuple[str, str, Any]]:
    """Return kind, id and data of each event."""
    events = []
    for block in chunk.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((fields["event"], fields.get("id", ""), json.loads(fields["data"])))
    return events


def test_new_exchanges_are_streamed() -> None:
    """The stream starts with the next exchange."""
    driver = StubDriver()
    driver.call(LIST)
    stream = open_stream(driver)
    assert driver.stub.thread_limit.active == 1
    driver.call(f"{LIST}/{FAILED}/retry", "POST")
    ((kind, number, data),) = parse_events(next(stream.chunks))
    assert (kind, number) == ("exchange", "2")
    assert data == {
        "number": 2,
        "world": "default",
        "at": "2021-08-25T15:09:31+08:00",
        "operation": "retryTask",
        "method": "POST",
        "target": f"{LIST}/{FAILED}/retry",
        "status": 200,
        "matched": "service",
        "violations": 0,
    }
    stream.close()
    stream.close()
    assert driver.stub.thread_limit.active == 0


@pytest.mark.parametrize(
    ("target", "last", "expected"),
    [("/events?after=0", "", [1, 2, 3]), ("/events", "1", [2, 3]), ("/events?after=2", "1", [3])],
)
def test_stream_resumes_after_a_number(target: str, last: str, expected: list[int]) -> None:
    """`after` takes precedence over the header that browsers send."""
    driver = StubDriver()
    for _ in range(3):
        driver.call(LIST)
    stream = open_stream(driver, target, **({"Last_Event_ID": last} if last else {}))
    assert [data["number"] for _, _, data in parse_events(next(stream.chunks))] == expected
    stream.close()


@pytest.mark.parametrize("last", ["w/7", "none", "²", "9" * 30])
def test_invalid_last_event_id_is_ignored(last: str) -> None:
    """The stream starts with the next exchange."""
    driver = StubDriver()
    driver.call(LIST)
    stream = open_stream(driver, Last_Event_ID=last)
    driver.call(LIST)
    assert [data["number"] for _, _, data in parse_events(next(stream.chunks))] == [2]
    stream.close()


def test_clearing_is_an_event() -> None:
    """A viewer can start again."""
    driver = StubDriver()
    stream = open_stream(driver)
    driver.fetch("DELETE /requests", status=204)
    driver.call(LIST)
    assert [(kind, number) for kind, number, _ in parse_events(next(stream.chunks))] == [
        ("cleared", ""),
        ("exchange", "1"),
    ]
    stream.close()


def test_all_worlds_are_streamed() -> None:
    """Worlds that are created later are included. The id names the world."""
    driver = StubDriver()
    driver.call(LIST, world="a")
    stream = open_stream(driver, "/events?world=*")
    driver.call(LIST, world="a")
    driver.call(LIST, world="b")
    ids = [number for _, number, _ in parse_events(next(stream.chunks))]
    assert sorted(ids) == ["a/2", "b/1"]
    stream.close()


def test_stream_finds_a_new_world() -> None:
    """The stream looks for new worlds while it waits."""
    driver = StubDriver()
    stream = open_stream(driver, "/events?world=*")
    thread = Thread(target=lambda: driver.call(LIST, world="late"))
    thread.start()
    assert [number for _, number, _ in parse_events(next(stream.chunks))] == ["late/1"]
    thread.join()
    stream.close()


def test_stream_ends_with_the_server_or_the_client() -> None:
    """Nothing follows after the server has stopped or the client has hung up."""
    driver = StubDriver()
    stream = open_stream(driver)
    driver.stub.thread_limit.stop()
    assert list(stream.chunks) == []
    stream.close()
    driver = StubDriver()
    gone = driver.control.handle(build_request("GET /events"), is_client_gone=lambda: True)
    assert isinstance(gone, Stream)
    assert list(gone.chunks) == [b"retry: 1000\n\n"]
    gone.close()
    assert driver.stub.thread_limit.active == 0


def test_heartbeat_is_a_comment() -> None:
    """It is sent when no exchange was."""
    from understudy.control.api.api_call import Call
    from understudy.control.handlers.journal_events import JournalFollower
    from understudy.control.handlers.long_polling import write_events

    driver = StubDriver()
    feed = JournalFollower(lambda: (driver.stub.world(),))
    chunks = write_events(
        Call(driver.stub, driver.control.snapshots, "default", build_request("GET /events")),
        feed,
        0.0,
    )
    assert [next(chunks), next(chunks)] == [b"retry: 1000\n\n", b": alive\n\n"]
    feed.close()


def test_deleting_a_world_is_a_cleared_event() -> None:
    """The stream continues with the next world of this name."""
    driver = StubDriver()
    stream = open_stream(driver, world="w")
    driver.fetch("DELETE /worlds/w", status=204)
    driver.call(LIST, world="w")
    assert [kind for kind, _, _ in parse_events(next(stream.chunks))] == ["cleared", "exchange"]
    stream.close()


def build_request(call: str) -> Any:
    from understudy.messages import Request

    method, _, target = call.partition(" ")
    return Request.of(method, target)


def test_head_of_the_stream_holds_no_thread() -> None:
    """HEAD returns the header fields only."""
    driver = StubDriver()
    answer = driver.send("HEAD /events")
    assert isinstance(answer, Response)
    assert (answer.headers.get("Content-Type"), driver.stub.thread_limit.active) == (
        "text/event-stream",
        0,
    )
