"""The log of calls: which calls are logged, and their lines as text or JSON."""

from collections.abc import Callable
from enum import Enum
from json import JSONEncoder
from types import TracebackType
from typing import Self

from understudy.calllog.call_record import MAX_TARGET, CallRecord, printable
from understudy.calllog.line_writer import LineWriter
from understudy.clock import Clock, WallClock
from understudy.replay.known.short_way import KnownAnswer

DEFAULT_WORLD = "default"
_COLOURS = {2: "32", 3: "36", 4: "33", 5: "31"}
"""The colour of a status, by its first digit. Source: ECMA-48, 8.3.117 (SGR)."""

_encode = JSONEncoder(ensure_ascii=False, check_circular=False).encode

_Item = CallRecord | tuple[KnownAnswer, float]
"""A call; for a known answer, with its time in seconds: its record is built by the writer."""


class LogMode(Enum):
    """Which calls are logged."""

    ALL = "all"
    PROBLEMS = "problems"
    """Those that failed or broke the contract, and those with a hint for their developer."""
    OFF = "off"


class LogFormat(Enum):
    """How a call is logged."""

    TEXT = "text"
    JSON = "json"
    """One JSON object on each line."""


class CallLog:
    """Logs calls to a file descriptor, as one line each. Thread-safe; no method waits.

    `first_account` returns the account that lines do not name, because most calls have it.
    Characters that `encoding` does not have are escaped.
    """

    def __init__(
        self,
        descriptor: int,
        mode: LogMode = LogMode.ALL,
        line_format: LogFormat = LogFormat.TEXT,
        *,
        colour: bool = False,
        first_account: Callable[[], str] = str,
        wall: Clock | None = None,
        encoding: str = "utf-8",
    ) -> None:
        self.mode = mode
        self.shows_all = mode is LogMode.ALL
        """Whether calls without a problem are logged too."""
        self.wall = wall or WallClock()
        self.first_account = first_account
        self._colour = colour
        self._format = line_format
        self.writer: LineWriter[_Item] = LineWriter(
            descriptor, self._render, render_message=self._render_message, encoding=encoding
        )

    def add(self, record: CallRecord) -> None:
        """Log a call, if the mode selects it."""
        if self.shows_all or (record.is_problem and self.mode is LogMode.PROBLEMS):
            self.writer.put(record)

    def add_known(self, answer: KnownAnswer, elapsed_s: float) -> None:
        """Log a call that was answered on the short way: it has no problem."""
        if self.shows_all:
            self.writer.put((answer, elapsed_s))

    def start(self) -> Self:
        """Begin to write lines; until then, calls wait in the queue."""
        self.writer.start()
        return self

    def stop(self) -> None:
        """Write what is queued, and end the thread of the log."""
        self.writer.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _render(self, item: _Item) -> str:
        if isinstance(item, tuple):
            item = self._build_record(*item)
        if self._format is LogFormat.JSON:
            return render_json(item)
        return render_text(item, first_account=self.first_account(), colour=self._colour)

    def _render_message(self, message: str) -> str:
        """Return another line of the log; as JSON, its keys are time, level and message."""
        if self._format is LogFormat.TEXT:
            return f"{message}\n"
        at = self.wall.now().isoformat()
        return f"{_encode({'time': at, 'level': 'warning', 'message': message})}\n"

    def _build_record(self, answer: KnownAnswer, elapsed_s: float) -> CallRecord:
        call = answer.call
        return CallRecord(
            at=self.wall.now(),  # at most the writer's pause later than the answer
            elapsed_s=elapsed_s,
            method=call.request.method,
            target=printable(call.request.target, MAX_TARGET),  # the call holds no secrets
            status=answer.representation.status,
            world=answer.world,
            account=call.account,
            number=answer.number,
            operation=call.operation.id,
        )


def render_text(record: CallRecord, *, first_account: str = "", colour: bool = False) -> str:
    """Return a call as a line: time, method, target, status, milliseconds, then the rest.

    World and account are shown unless they are the usual ones.
    """
    status = str(record.status)
    reasons = "; ".join(record.reasons)
    if colour:
        status = f"\x1b[{_COLOURS.get(record.status // 100, '0')}m{status}\x1b[0m"
        if reasons and record.is_problem:
            reasons = f"\x1b[33m{reasons}\x1b[0m"
    at = record.at
    line = (
        f"{at.hour:02}:{at.minute:02}:{at.second:02} {record.method} {record.target} "
        f"{status} {record.elapsed_s * 1000:.1f} ms"
    )
    if record.world not in ("", DEFAULT_WORLD):
        line += f"  world {record.world}"
    if record.account not in ("", first_account):
        line += f"  account {record.account}"
    if reasons:
        line += f"  {reasons}"
    if record.is_problem and record.number:
        line += f"  (request {record.number})"
    return f"{line}\n"


def render_json(record: CallRecord) -> str:
    """Return a call as a JSON object on one line.

    Keys: time, level (`info` or `warning`), method, target, status, ms, world, account, number,
    operation, reasons. What is unknown is empty, or 0.
    """
    members = {
        "time": record.at.isoformat(),
        "level": "warning" if record.is_problem else "info",
        "method": record.method,
        "target": record.target,
        "status": record.status,
        "ms": round(record.elapsed_s * 1000, 3),
        "world": record.world,
        "account": record.account,
        "number": record.number,
        "operation": record.operation,
        "reasons": record.reasons,
    }
    return f"{_encode(members)}\n"
