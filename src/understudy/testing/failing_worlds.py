"""Saves a world that breaks a client as a scenario file, and says in the error how to replay it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis.errors import HypothesisException

from understudy.source import write_atomic
from understudy.strategies import DrawnWorld

FAILURES_FOLDER = Path(".understudy/failures")
"""Where the scenarios are saved, below the working directory."""
_MAX_NAME_LENGTH = 80

_last_saved: dict[str, Path] = {}
"""By the test's whole id: the file that this process wrote last, which a smaller world replaces."""


@contextmanager
def save_on_failure(world: DrawnWorld, *, folder: Path = FAILURES_FOLDER) -> Iterator[None]:
    """Save the world when the block fails.

    A note is added to the error: the scenario, and the line that replays it.
    """
    try:
        yield
    except HypothesisException:  # Hypothesis' own control flow, such as a rejected draw
        raise
    except Exception as error:
        path = save_world(world, folder=folder)
        error.add_note(
            f"The world in which this failed:\n\n{world.scenario}\n"
            f"Replay it: understudy serve --scenario {path}"
        )
        raise


def save_world(world: DrawnWorld, *, folder: Path = FAILURES_FOLDER) -> Path:
    """Write a world's scenario into the folder, and return its path.

    While Hypothesis shrinks a failure, one test fails with many worlds: only the last of a run
    remains.
    """
    test_id = _test_id()
    path = folder / f"{test_name()}-{world.digest}.yaml"
    replaced = _last_saved.get(test_id)
    write_atomic(path, world.scenario)
    if replaced is not None and replaced != path:
        with suppress(OSError):  # the user has deleted it already
            replaced.unlink()
    _last_saved[test_id] = path
    return path


def test_name() -> str:
    """Return the name of the test that pytest runs, for a file name; `world` when there is none.

    For a state machine it is the name of the class: the test of each machine is called `runTest`.
    """
    parts = _test_id().split("::")
    name = parts[-1]
    if len(parts) > 1 and name == "runTest":
        name = parts[-2]
    return re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:_MAX_NAME_LENGTH] or "world"


# pytest would collect the function as a test, where a test module imports it.
test_name.__test__ = False  # type: ignore[attr-defined]


def _test_id() -> str:
    """Return the id of the running test without its phase; empty outside of pytest."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
