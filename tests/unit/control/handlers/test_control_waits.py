"""Waiting for calls, and the stream of events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest

from control_builders import FAILED, LIST, Desk, check
from understudy.control import Stream
from understudy.messages import Response

GET = {"operation": "getTaskInstance"}


@contextmanager
def waiting(
    desk: Desk, data: dict[str, Any], world: str = "default"
) -> Iterator[Queue[Response | Stream]]:
    """Wait in a thread; the answer is put into the queue. Begins when the wait has its place."""
    answers: Queue[Response | Stream] = Queue()
    asked = Event()
    enter = desk.stub.thread_limit.acquire

    def entered() -> bool:
        try:
            return enter()
        finally:
            asked.set()

    desk.stub.thread_limit.acquire = entered  # type: ignore[method-assign]
    thread = Thread(target=lambda: answers.put(desk.send("POST /requests/wait", data, world=world)))
    thread.start()
    assert asked.wait(10)
    yield answers
    thread.join(20)


def told(answers: Queue[Response | Stream]) -> Any:
    answer = answers.get(timeout=20)
    assert isinstance(answer, Response)
    check("POST /requests/wait", answer)
    return answer.json()


def test_a_call_wakes_the_wait() -> None:
    """Long before its time is over; its place is free again."""
    desk = Desk()
    with waiting(desk, {**GET, "timeout": "10m"}) as answers:
        assert desk.ask("GET /health")["waiting"]["active"] == 1
        desk.call(f"{LIST}?size=1")
        desk.call(f"{LIST}/{FAILED}")
        answer = told(answers)
    assert (answer["matched"], answer["count"], [r["number"] for r in answer["requests"]]) == (
        True,
        1,
        [2],
    )
    assert desk.stub.thread_limit.active == 0


def test_calls_that_were_made_before_count() -> None:
    """Then nobody waits, and no place is needed."""
    desk = Desk(threads=2)
    assert desk.stub.thread_limit.acquire()
    desk.call(f"{LIST}/{FAILED}")
    assert desk.ask("POST /requests/wait", GET)["matched"] is True


def test_as_many_calls_as_were_asked_for() -> None:
    """The second one ends the wait."""
    desk = Desk()
    desk.call(f"{LIST}/{FAILED}")
    with waiting(desk, {**GET, "count": 2, "timeout": "10m"}) as answers:
        desk.call(f"{LIST}/{FAILED}")
        assert told(answers)["count"] == 2


def test_when_the_time_is_over_it_is_told() -> None:
    """200, not matched, with what was found."""
    desk = Desk()
    desk.call(f"{LIST}/{FAILED}")
    answer = desk.ask("POST /requests/wait", {**GET, "count": 2, "timeout": "10ms"})
    assert (answer["matched"], answer["count"], len(answer["requests"])) == (False, 1, 1)
    assert desk.stub.thread_limit.active == 0


def test_a_cleared_journal_is_counted_anew() -> None:
    """What was before it does not count."""
    desk = Desk()
    desk.call(f"{LIST}/{FAILED}")
    with waiting(desk, {**GET, "count": 2, "timeout": "10m"}) as answers:
        desk.ask("DELETE /requests", status=204)
        desk.call(f"{LIST}/{FAILED}")
        desk.call(f"{LIST}/{FAILED}")
        assert [r["number"] for r in told(answers)["requests"]] == [1, 2]


def test_a_world_that_is_dropped_and_made_anew_is_followed() -> None:
    """The wait is for the name."""
    desk = Desk()
    with waiting(desk, {**GET, "timeout": "10m"}, world="w") as answers:
        desk.ask("DELETE /worlds/w", status=204)
        desk.call(f"{LIST}/{FAILED}", world="w")
        assert told(answers)["matched"] is True


def test_without_a_free_thread_the_wait_is_refused_at_once() -> None:
    """503 with Retry-After."""
    desk = Desk(threads=2)
    assert desk.stub.thread_limit.acquire()
    answer = desk.send("POST /requests/wait", {**GET, "timeout": "10m"})
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers.get("Retry-After")) == (503, "1")
    assert answer.json()["type"] == "urn:understudy:problem:no-thread-left"
    assert desk.problem("GET /events")[:2] == (503, "no-thread-left")
    assert desk.stub.thread_limit.active == 1


def test_the_end_of_the_server_ends_the_wait() -> None:
    """It is told as not matched."""
    desk = Desk()
    with waiting(desk, {**GET, "timeout": "10m"}) as answers:
        desk.stub.thread_limit.stop()
        assert told(answers)["matched"] is False
    assert desk.stub.thread_limit.active == 0


@pytest.mark.parametrize("timeout", ["601s", "11m", "1h", "-1s", "", 5])
def test_a_wait_that_is_too_long_is_refused(timeout: Any) -> None:
    """600 s is the bound."""
    assert Desk().problem("POST /requests/wait", {"timeout": timeout})[:2] == (400, "bad-request")


def opened(desk: Desk, target: str = "/events", world: str = "default", **headers: str) -> Stream:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    stream = desk.send(f"GET {target}", world=world, headers=fields)
    assert isinstance(stream, Stream)
    assert (stream.status, stream.headers.get("Content-Type")) == (200, "text/event-stream")
    assert next(stream.chunks) == b"retry: 1000\n\n"
    return stream


def parsed(chunk: bytes) -> list[tuple[str, str, Any]]:
    """Give kind, id and data of each event."""
    found = []
    for block in chunk.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields["event"], fields.get("id", ""), json.loads(fields["data"])))
    return found


def test_events_come_as_they_happen() -> None:
    """From now on; number, operation, status and the like."""
    desk = Desk()
    desk.call(LIST)
    stream = opened(desk)
    assert desk.stub.thread_limit.active == 1
    desk.call(f"{LIST}/{FAILED}/retry", "POST")
    ((kind, number, data),) = parsed(next(stream.chunks))
    assert (kind, number) == ("exchange", "2")
    assert data == {
        "number": 2, "world": "default", "at": "2021-08-25T15:09:31+08:00", "operation": "retryTask",
        "method": "POST", "target": f"{LIST}/{FAILED}/retry", "status": 200, "matched": "service", "violations": 0,
    }  # fmt: skip
    stream.close()
    stream.close()
    assert desk.stub.thread_limit.active == 0


@pytest.mark.parametrize(
    ("target", "last", "expected"),
    [("/events?after=0", "", [1, 2, 3]), ("/events", "1", [2, 3]), ("/events?after=2", "1", [3])],
)
def test_a_stream_is_taken_up_where_it_ended(target: str, last: str, expected: list[int]) -> None:
    """By the query, else by the header that browsers send."""
    desk = Desk()
    for _ in range(3):
        desk.call(LIST)
    stream = opened(desk, target, **({"Last_Event_ID": last} if last else {}))
    assert [data["number"] for _, _, data in parsed(next(stream.chunks))] == expected
    stream.close()


@pytest.mark.parametrize("last", ["w/7", "none", "²", "9" * 30])
def test_an_id_that_is_no_number_is_ignored(last: str) -> None:
    """The stream begins now."""
    desk = Desk()
    desk.call(LIST)
    stream = opened(desk, Last_Event_ID=last)
    desk.call(LIST)
    assert [data["number"] for _, _, data in parsed(next(stream.chunks))] == [2]
    stream.close()


def test_a_cleared_journal_is_an_event() -> None:
    """So a viewer can begin anew."""
    desk = Desk()
    stream = opened(desk)
    desk.ask("DELETE /requests", status=204)
    desk.call(LIST)
    assert [(kind, number) for kind, number, _ in parsed(next(stream.chunks))] == [
        ("cleared", ""),
        ("exchange", "1"),
    ]
    stream.close()


def test_all_worlds_stream_together() -> None:
    """Those that come later too; the id tells the world."""
    desk = Desk()
    desk.call(LIST, world="a")
    stream = opened(desk, "/events?world=*")
    desk.call(LIST, world="a")
    desk.call(LIST, world="b")
    ids = [number for _, number, _ in parsed(next(stream.chunks))]
    assert sorted(ids) == ["a/2", "b/1"]
    stream.close()


def test_a_world_made_while_the_stream_waits_is_found() -> None:
    """Within a moment."""
    desk = Desk()
    stream = opened(desk, "/events?world=*")
    thread = Thread(target=lambda: desk.call(LIST, world="late"))
    thread.start()
    assert [number for _, number, _ in parsed(next(stream.chunks))] == ["late/1"]
    thread.join()
    stream.close()


def test_the_stream_ends_with_the_server_and_when_the_client_has_gone() -> None:
    """Then nothing more comes."""
    desk = Desk()
    stream = opened(desk)
    desk.stub.thread_limit.stop()
    assert list(stream.chunks) == []
    stream.close()
    desk = Desk()
    gone = desk.control.handle(request("GET /events"), gone=lambda: True)
    assert isinstance(gone, Stream)
    assert list(gone.chunks) == [b"retry: 1000\n\n"]
    gone.close()
    assert desk.stub.thread_limit.active == 0


def test_a_comment_shows_that_the_server_lives() -> None:
    """When nothing else happens."""
    from understudy.control.api.api_call import Call
    from understudy.control.handlers.journal_events import JournalFollower
    from understudy.control.handlers.long_polling import write_events

    desk = Desk()
    feed = JournalFollower(lambda: (desk.stub.world(),))
    chunks = write_events(
        Call(desk.stub, desk.control.snapshots, "default", request("GET /events")), feed, 0.0
    )
    assert [next(chunks), next(chunks)] == [b"retry: 1000\n\n", b": alive\n\n"]
    feed.close()


def test_a_world_that_is_dropped_is_an_event_like_a_cleared_one() -> None:
    """The stream goes on with the world that takes its name."""
    desk = Desk()
    stream = opened(desk, world="w")
    desk.ask("DELETE /worlds/w", status=204)
    desk.call(LIST, world="w")
    assert [kind for kind, _, _ in parsed(next(stream.chunks))] == ["cleared", "exchange"]
    stream.close()


def request(what: str) -> Any:
    from understudy.messages import Request

    method, _, target = what.partition(" ")
    return Request.of(method, target)


def test_head_of_the_stream_holds_nothing() -> None:
    """The headers alone."""
    desk = Desk()
    answer = desk.send("HEAD /events")
    assert isinstance(answer, Response)
    assert (answer.headers.get("Content-Type"), desk.stub.thread_limit.active) == (
        "text/event-stream",
        0,
    )
