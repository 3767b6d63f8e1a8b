"""The numbers of the calls of a world, which random values depend on."""

from threading import Lock

from understudy.replay.world_setup import ReloadedError, Setup


class CallNumbers:
    """Numbers the calls that see one setup of a world. Thread-safe.

    A call that saw another setup gets no number, so the numbers of a world that begins again are
    1, 2, 3 and so on, also with calls under way.
    """

    def __init__(self, setup: Setup, count: int) -> None:
        """Begin after a number of calls."""
        self._setup = setup
        self.count = count
        """How many calls had a number."""
        self._unauthenticated = 0
        self._lock = Lock()

    def take(self, setup: Setup, *, is_authenticated: bool = True) -> int:
        """Count a call; return its number, from 1.

        Unauthenticated calls have numbers of their own, from -1 down: the other calls have the same
        numbers, and so the same random values, with and without them.

        Raises ReloadedError when the world has another setup.
        """
        with self._lock:
            if setup is not self._setup:
                raise ReloadedError
            if not is_authenticated:
                self._unauthenticated += 1
                return -self._unauthenticated
            self.count += 1
            return self.count

    def switch(self, setup: Setup) -> None:
        """Go on with another setup."""
        with self._lock:
            self._setup = setup

    def restart(self, setup: Setup, count: int) -> None:
        """Begin again after a number of calls, with another setup."""
        with self._lock:
            self._setup, self.count, self._unauthenticated = setup, count, 0
