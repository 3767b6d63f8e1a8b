"""A world that breaks a client is kept as a scenario file, and the error tells how to replay it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis.errors import HypothesisException

from understudy.source import write_atomic
from understudy.strategies import DrawnWorld

FAILURES_FOLDER = Path(".understudy/failures")
"""Where the scenarios are kept, below the working directory."""

_last: dict[str, Path] = {}
"""By the test's whole id: the file that this process wrote last, which a smaller world replaces."""


@contextmanager
def save_on_failure(world: DrawnWorld, *, folder: Path = FAILURES_FOLDER) -> Iterator[None]:
    """Keep the world when the block fails, and add to the error the scenario and the line that replays it."""
    try:
        yield
    except HypothesisException:  # the library's own business: a draw that is thrown away
        raise
    except Exception as error:
        path = save_world(world, folder=folder)
        error.add_note(
            f"The world in which this failed:\n\n{world.scenario}\nReplay it: understudy serve --scenario {path}"
        )
        raise


def save_world(world: DrawnWorld, *, folder: Path = FAILURES_FOLDER) -> Path:
    """Write a world's scenario into the folder; give its path. Of one test, only the last world of a run is kept."""
    test = _test_id()
    path = folder / f"{test_name()}-{world.digest}.yaml"
    before = _last.get(test)
    write_atomic(path, world.scenario)
    if before is not None and before != path:
        with suppress(OSError):  # somebody has tidied up already
            before.unlink()
    _last[test] = path
    return path


def test_name() -> str:
    """Give the name of the test that pytest runs, as a part of a file's name; `world` when none does.

    Of a machine it is the class's: every machine's test is called `runTest`.
    """
    told = _test_id().split("::")
    name = told[-2] if len(told) > 1 and told[-1] == "runTest" else told[-1]
    return re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:80] or "world"


test_name.__test__ = False  # type: ignore[attr-defined]  # pytest would take the function for a test


def _test_id() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
