"""A watcher that reloads saved files while the server runs, in a thread of its own."""

import logging
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread
from typing import Self

from understudy.replay import Stub
from understudy.replay.file_stamp import ReloadStatus, read_file_stamp

log = logging.getLogger("understudy")

_PERIOD_S = 0.2


class FileWatcher:
    """Reloads a stub when one of its files is saved.

    It polls, because notifications of the file system do not work in all containers and on network
    shares.
    """

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._absent: set[Path] = set()
        """The files that the last check did not find."""
        self._missing: set[Path] = set()
        """Those of them that are reported as missing."""
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="understudy-watch", daemon=True)

    def start(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop the thread, and wait for it at most 5 seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def check_files(self) -> bool:
        """Reload changed files and log the result; return whether any file has changed."""
        self._report_missing()
        changed = self._stub.changed_files()
        if not changed:
            return False
        before = self._stub.reload_status
        after = self._stub.reload(changed)
        if after.problems:
            _log_problems(changed, after)
        else:
            _log_reload(changed, before, after)
        return True

    def _report_missing(self) -> None:
        """Log each file that is missing in two checks: editors delete a file before they write."""
        missing = {path for path in self._stub.files() if read_file_stamp(path) is None}
        for path in sorted(self._missing):
            if path not in missing:
                log.warning("%s is there again", path)
        for path in sorted((missing & self._absent) - self._missing):
            log.warning("%s is missing; nothing changes until it is there again", path)
        self._missing = missing & (self._absent | self._missing)
        self._absent = missing

    def _run(self) -> None:
        while not self._stopping.wait(_PERIOD_S):
            try:
                self.check_files()
            except Exception:  # a defect must not end the watch silently
                log.exception("the check of the files failed")


def _log_problems(changed: Iterable[Path], status: ReloadStatus) -> None:
    """Log why nothing changes, with one line for each problem."""
    lines = "\n".join(f"  {problem}" for problem in status.problems)
    log.error("%s was saved with problems; nothing changes:\n%s", _join_paths(changed), lines)


def _log_reload(changed: Iterable[Path], before: ReloadStatus, after: ReloadStatus) -> None:
    """Log the reload, and the commands that it has dropped."""
    log.warning("%s was saved and reloaded", _join_paths(changed))
    for dropped in after.dropped:
        if dropped not in before.dropped:
            operation = dropped.command.get("operation")
            log.warning(
                "world %s: %s is rejected now: %s", dropped.world, operation, dropped.reason
            )


def _join_paths(paths: Iterable[Path]) -> str:
    return ", ".join(str(path) for path in paths)
