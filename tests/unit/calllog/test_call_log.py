"""The log of calls: which calls it has, and lines that are not calls."""

import logging
import os
from datetime import UTC, datetime
from json import loads

import pytest

from understudy.calllog import CallLog, CallRecord, LogFormat, LogMode, WriterHandler

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SUCCESS = CallRecord(AT, 0.001, "GET", "/ok", 200)
PROBLEM = CallRecord(AT, 0.001, "GET", "/bad", 400, is_problem=True)


def read_log(mode: LogMode, line_format: LogFormat, message: str = "") -> list[str]:
    """Log a success, a problem and a message; return the lines."""
    reader, descriptor = os.pipe()
    with open(reader, encoding="utf-8") as pipe:
        with CallLog(descriptor, mode, line_format) as call_log:
            call_log.add(SUCCESS)
            call_log.add(PROBLEM)
            if message:
                record = logging.LogRecord("understudy", 30, "", 1, message, (), None)
                WriterHandler(call_log.writer).emit(record)
        os.close(descriptor)
        return pipe.read().splitlines()


@pytest.mark.parametrize(
    ("mode", "targets"),
    [(LogMode.ALL, ["/ok", "/bad"]), (LogMode.PROBLEMS, ["/bad"]), (LogMode.OFF, [])],
)
def test_mode_selects_calls(mode: LogMode, targets: list[str]) -> None:
    """All calls, problems only, or none."""
    lines = read_log(mode, LogFormat.JSON)
    assert [loads(line)["target"] for line in lines] == targets


def test_other_lines_have_the_format_too() -> None:
    """A reader of JSON lines can parse every line, those of `logging` included."""
    assert read_log(LogMode.OFF, LogFormat.TEXT, "a was reloaded") == ["a was reloaded"]
    [line] = read_log(LogMode.OFF, LogFormat.JSON, "a was\nreloaded")
    members = loads(line)
    assert (members["level"], members["message"]) == ("warning", "a was\nreloaded")
    assert datetime.fromisoformat(members["time"]).tzinfo is not None
