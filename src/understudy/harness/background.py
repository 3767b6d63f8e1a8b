"""A client that runs while the test moves the clock."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from traceback import extract_tb
from types import TracebackType
from typing import Any, Generic, TypeVar

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

T = TypeVar("T")
_PATIENCE_S = 5.0
"""How long, on the wall clock, a test waits for a client that should have ended."""


class Background(Generic[T]):
    """Runs a callable in a thread from the moment it is made."""

    def __init__(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> None:
        self.name = getattr(function, "__name__", None) or repr(function)
        self._value: list[T] = []
        self._error: BaseException | None = None
        self._told = False
        """Whether somebody has seen the error."""

        def run() -> None:
            try:
                self._value.append(function(*args, **kwargs))
            except BaseException as error:
                self._error = error

        self._thread = Thread(target=run, name=f"background-{self.name}", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        state = "running" if not self.done else "failed" if self._error else "done"
        return f"<background {self.name}, {state}>"

    @property
    def done(self) -> bool:
        """Whether it has returned or raised."""
        return not self._thread.is_alive()

    def result(self, timeout: float = _PATIENCE_S) -> T:
        """Wait for it, `timeout` seconds of the wall clock at most; give what it returned, or raise what it raised.

        Raises TimeoutError when it still runs.
        """
        self._thread.join(timeout)
        if not self.done:
            raise TimeoutError(f"{self.name} still runs after {timeout:g} s of the wall clock")
        self._told = True
        if self._error is not None:
            raise self._error
        return self._value[0]

    def end(self, timeout: float = _PATIENCE_S) -> None:
        """Wait for it; raise what it raised, unless `result` has told that already."""
        if not (self.done and self._told):
            self.result(timeout)

    def wait_for_error(self) -> Exception | None:
        """Give what `end` raises."""
        try:
            self.end()
        except Exception as error:
            return error
        return None

    def describe_unreported(self) -> str:
        """Say what nobody has seen of it yet: that it has failed, with the line, or still runs; empty for nothing."""
        if not self.done:
            return f"{self.name} still runs"
        if self._error is None or self._told:
            return ""
        own = extract_tb(self._error.__traceback__)[
            1:2
        ]  # after the frame of `run` here: the client's
        where = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in own)
        return f"{self.name} failed: {type(self._error).__name__}: {self._error}{where}"

    def __enter__(self) -> "Background[T]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.end()
