"""A client that runs in a thread while the test moves the clock."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from traceback import extract_tb
from types import TracebackType
from typing import Generic, TypeVar

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

T_co = TypeVar("T_co", covariant=True)
_DEFAULT_TIMEOUT_S = 5.0
"""The time, on the wall clock, that a test waits for a client to end."""


class Background(Generic[T_co]):
    """A callable that runs in its own thread, from the moment the object is created."""

    def __init__(self, function: Callable[..., T_co], *args: object, **kwargs: object) -> None:
        self.name = getattr(function, "__name__", None) or repr(function)
        self._value: list[T_co] = []
        self._error: BaseException | None = None
        self._is_reported = False
        """Whether `result` has returned the value or raised the error."""

        def run() -> None:
            try:
                self._value.append(function(*args, **kwargs))
            except BaseException as error:
                self._error = error

        self._thread = Thread(target=run, name=f"background-{self.name}", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        if not self.done:
            state = "running"
        elif self._error:
            state = "failed"
        else:
            state = "done"
        return f"<background {self.name}, {state}>"

    @property
    def done(self) -> bool:
        """Whether the callable has returned or raised."""
        return not self._thread.is_alive()

    def result(self, timeout: float = _DEFAULT_TIMEOUT_S) -> T_co:
        """Wait for the callable. Return what it returned, or raise what it raised.

        `timeout` is in seconds of the wall clock. Raises TimeoutError if the callable still runs
        after that.
        """
        self._thread.join(timeout)
        if not self.done:
            raise TimeoutError(f"{self.name} still runs after {timeout:g} s of the wall clock")
        self._is_reported = True
        if self._error is not None:
            raise self._error
        return self._value[0]

    def end(self, timeout: float = _DEFAULT_TIMEOUT_S) -> None:
        """Wait for the callable. Raise what it raised, unless `result` has already done so."""
        if not (self.done and self._is_reported):
            self.result(timeout)

    def wait_for_error(self) -> Exception | None:
        """Return the exception that `end` raises, or None."""
        try:
            self.end()
        except Exception as error:
            return error
        return None

    def describe_unreported(self) -> str:
        """Return a line about a callable that still runs, or that failed unnoticed.

        The text is empty if there is nothing to report. The line of a failure ends with the file
        and line of the callable's own frame.
        """
        if not self.done:
            return f"{self.name} still runs"
        if self._error is None or self._is_reported:
            return ""
        # The first frame is that of `run` above, the second that of the callable.
        frames = extract_tb(self._error.__traceback__)[1:2]
        where = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in frames)
        return f"{self.name} failed: {type(self._error).__name__}: {self._error}{where}"

    def __enter__(self) -> "Background[T_co]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.end()
