"""The thread that writes the log: bounded, and never in the way of an answer."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from understudy.calllog import LineWriter, WriterHandler


@contextmanager
def open_pipe() -> Iterator[tuple[int, int]]:
    """Yield the descriptors of a pipe: to read, and to write."""
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        for descriptor in (reader, writer):
            with suppress(OSError):  # the test has closed it
                os.close(descriptor)


def read_all(reader: int) -> str:
    """Return all that is left in a pipe whose other end is closed."""
    data = b""
    while piece := os.read(reader, 65536):
        data += piece
    return data.decode()


def render(item: int) -> str:
    """Render a number as a line of 1 000 characters; 13 cannot be rendered."""
    if item == 13:
        raise ValueError("thirteen")
    return f"{item:0999}\n"


def test_lines_are_written_in_order() -> None:
    """All items that were put before `stop` are written, also those before `start`."""
    with open_pipe() as (reader, descriptor):
        writer = LineWriter(descriptor, render)
        writer.put(1)
        writer.start()
        writer.put("a message")
        writer.put(2)
        writer.stop()
        os.close(descriptor)
        assert read_all(reader) == f"{1:0999}\na message\n{2:0999}\n"


def test_full_queue_drops_and_counts() -> None:
    """Items beyond the bound are dropped; a line reports how many."""
    with open_pipe() as (reader, descriptor):
        writer = LineWriter(descriptor, render, max_queued=3)
        for number in range(10):
            writer.put(number)
        assert writer.dropped == 7
        writer.start()
        writer.stop()
        os.close(descriptor)
        lines = read_all(reader).splitlines()
    assert [line.lstrip("0") for line in lines] == [
        "",
        "1",
        "2",
        "7 lines were dropped: the terminal is too slow",
    ]


def test_slow_reader_blocks_no_caller() -> None:
    """With a reader that reads nothing, `put` returns and `stop` gives up; the queue stays bounded."""
    with open_pipe() as (reader, descriptor):
        writer = LineWriter(descriptor, render, max_queued=50)
        writer.start()
        for number in range(100, 5100):  # 5 MB: more than any pipe holds
            writer.put(number)
        assert writer.dropped > 0
        writer.stop(timeout_s=0.05)
        # The reader goes away: the write that hangs ends with an error, and so does the thread.
        os.close(reader)
        writer.stop(timeout_s=10)
        writer.put(1)
        assert writer.dropped > 0


def test_closed_reader_ends_nothing() -> None:
    """After the reader has closed its end, lines are dropped and no exception is raised."""
    with open_pipe() as (reader, descriptor):
        os.close(reader)
        writer = LineWriter(descriptor, render)
        writer.put(1)
        writer.start()
        writer.stop()
        before = writer.dropped
        writer.put(2)
        assert writer.dropped == before + 1


def test_item_that_cannot_be_rendered_is_reported() -> None:
    """A defect in rendering becomes a line, and the lines after it are written."""
    with open_pipe() as (reader, descriptor):
        writer = LineWriter(descriptor, render)
        writer.put(13)
        writer.put("next")
        writer.start()
        writer.stop()
        os.close(descriptor)
        assert read_all(reader) == "a call could not be logged: ValueError: thirteen\nnext\n"


def test_logging_goes_through_the_writer(caplog: pytest.LogCaptureFixture) -> None:
    """Records of `logging` are written by the same thread."""
    with open_pipe() as (reader, descriptor):
        writer = LineWriter(descriptor, render)
        handler = WriterHandler(writer)
        handler.emit(logging.LogRecord("understudy", 30, "", 1, "world %s", ("a",), None))
        writer.start()
        writer.stop()
        os.close(descriptor)
        assert read_all(reader) == "world a\n"


def test_characters_without_encoding_are_escaped() -> None:
    """Lines are in the encoding of the terminal, and a character that it lacks is an escape."""
    with open_pipe() as (reader, descriptor):
        writer = LineWriter(descriptor, render, encoding="ascii")
        writer.put("任务 é")
        writer.start()
        writer.stop()
        os.close(descriptor)
        assert read_all(reader) == "\\u4efb\\u52a1 \\u00e9\n"
