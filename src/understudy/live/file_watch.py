"""Takes saved files while the server runs: looks at them a few times a second, in a thread of its own."""

import logging
from threading import Event, Thread
from typing import Self

from understudy.replay import Stub

log = logging.getLogger("understudy")

_PERIOD_S = 0.2


class FileWatcher:
    """Reloads a stub when a file that it was read from is saved. Polls: that works in containers and on shares too."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="understudy-watch", daemon=True)

    def start(self) -> Self:
        """Look from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def check_files(self) -> bool:
        """Look once; reload and say so when something was saved. Tell whether it was."""
        changed = self._stub.changed_files()
        if not changed:
            return False
        before = self._stub.reload_status
        after = self._stub.reload(changed)
        names = ", ".join(str(path) for path in changed)
        if after.problems:
            told = "\n".join(f"  {problem}" for problem in after.problems)
            log.error(
                "%s was saved with problems; what was served before goes on:\n%s", names, told
            )
            return True
        log.warning("%s was saved, and is served now", names)
        for dropped in [one for one in after.dropped if one not in before.dropped]:
            log.warning(
                "world %s: %s is refused now: %s",
                dropped.world,
                dropped.command.get("operation"),
                dropped.reason,
            )
        return True

    def _run(self) -> None:
        while not self._stopping.wait(_PERIOD_S):
            try:
                self.check_files()
            except Exception:  # a defect here must not end the watch in silence
                log.exception("looking at the files failed")
