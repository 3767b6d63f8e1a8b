"""The threads of the server: which task begins, and when."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event

from understudy.live.task_dispatcher import TaskDispatcher

TIMEOUT_S = 10


class Job:
    """A task that runs a function."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.is_cancelled = False
        self.ended = Event()

    def service(self) -> None:
        try:
            self.work()
        finally:
            self.ended.set()

    def cancel(self) -> None:
        self.is_cancelled = True


@contextmanager
def dispatcher(threads: int) -> Iterator[TaskDispatcher]:
    dispatched = TaskDispatcher(threads)
    try:
        yield dispatched
    finally:
        dispatched.shutdown(timeout=TIMEOUT_S)


def test_tasks_begin_in_their_order() -> None:
    begun: list[int] = []
    jobs = [Job(partial(begun.append, number)) for number in range(50)]
    with dispatcher(4) as threads:
        for job in jobs:
            threads.add_task(job)
        assert all(job.ended.wait(TIMEOUT_S) for job in jobs)
    assert begun == list(range(50))


def test_a_task_begins_while_another_waits() -> None:
    release, second = Event(), Job(lambda: None)
    with dispatcher(2) as threads:

        def wait() -> None:
            with threads.waiting():
                release.wait(TIMEOUT_S)

        first = Job(wait)
        threads.add_task(first)
        threads.add_task(second)
        # No `check_queue`: the waiting thread itself has woken the other one.
        assert second.ended.wait(TIMEOUT_S)
        assert not first.ended.is_set()
        release.set()
        assert first.ended.wait(TIMEOUT_S)


def test_a_blocked_task_holds_up_the_next_one_for_a_moment_only() -> None:
    release, second = Event(), Job(lambda: None)
    first = Job(lambda: release.wait(TIMEOUT_S))
    with dispatcher(2) as threads:
        threads.add_task(first)
        threads.add_task(second)
        while not second.ended.wait(0.001):
            threads.check_queue()
        assert not first.ended.is_set()
        release.set()


def test_as_many_tasks_as_threads_can_be_blocked() -> None:
    release = Event()
    jobs = [Job(lambda: release.wait(TIMEOUT_S)) for _ in range(3)]
    last = Job(lambda: None)
    with dispatcher(3) as threads:
        for job in (*jobs, last):
            threads.add_task(job)
        for _ in range(20):
            threads.check_queue()
            assert not last.ended.wait(0.001)
        assert threads.has_queue
        release.set()
        assert last.ended.wait(TIMEOUT_S)


def test_an_error_of_a_task_ends_no_thread() -> None:
    second = Job(lambda: None)
    with dispatcher(1) as threads:
        threads.add_task(Job(lambda: 1 / 0))
        threads.add_task(second)
        assert second.ended.wait(TIMEOUT_S)


def test_a_stop_cancels_what_has_not_begun() -> None:
    begun, release = Event(), Event()

    def work() -> None:
        begun.set()
        release.wait(TIMEOUT_S)

    first, second = Job(work), Job(lambda: None)
    threads = TaskDispatcher(1)
    threads.add_task(first)
    threads.add_task(second)
    assert begun.wait(TIMEOUT_S)
    assert not threads.shutdown(timeout=0.01)
    assert second.is_cancelled
    assert not first.is_cancelled
    release.set()
    assert threads.shutdown(timeout=TIMEOUT_S)
