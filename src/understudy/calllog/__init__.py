"""The log of calls: one line for each call, with the reasons of its answer."""

from understudy.calllog.call_log import CallLog, LogFormat, LogMode
from understudy.calllog.call_record import CallRecord
from understudy.calllog.line_writer import LineWriter, WriterHandler

__all__ = ["CallLog", "CallRecord", "LineWriter", "LogFormat", "LogMode", "WriterHandler"]
