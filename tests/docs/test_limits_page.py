"""The page of limits has the numbers of the code."""

import re
from pathlib import Path

import pytest

from understudy.calllog import line_writer
from understudy.config import Settings
from understudy.control.api import snapshots
from understudy.control.handlers import rule_handlers
from understudy.replay import scenario_library, world, world_journal, world_registry, world_setup
from understudy.replay.journals import journal_budget, journal_entry, outside_calls
from understudy.replay.known import representation, short_way
from understudy.replay.world_state import MAX_COMMANDS
from understudy.server import request_limits

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "limits.md"
KIB, MIB = 1024, 1024 * 1024
LIMITS = {
    "exchanges in its journal": world_journal.MAX_EXCHANGES,
    "bytes of its journal": world_journal.MAX_BYTES,
    "bytes of a body in the journal": journal_entry.MAX_BODY,
    "commands before they become a checkpoint": MAX_COMMANDS,
    "replies and faults that you have added": rule_handlers._MAX_RULES,
    "events of tasks in one move of the clock": world.MAX_EVENTS,
    "snapshots": snapshots.MAX_PER_WORLD,
    "worlds": Settings().max_worlds,
    "names of evicted and closed worlds": world_registry._MAX_REMEMBERED,
    "options of worlds that do not exist any more": world_setup.MAX_UNUSED_OPTIONS,
    "bytes of all journals": journal_budget.MAX_TOTAL_BYTES,
    "exchanges of calls that reached no world": outside_calls.MAX_OUTSIDE_EXCHANGES,
    "bytes of calls that reached no world": outside_calls.MAX_OUTSIDE_BYTES,
    "uploaded scenarios": scenario_library.MAX_UPLOADED,
    "bytes of uploaded scenarios": scenario_library.MAX_UPLOADED_BYTES,
    "bytes of all snapshots": snapshots.MAX_BYTES,
    "known answers": representation.MAX_REPRESENTATIONS,
    "bytes of known answers": representation.MAX_BYTES,
    "known calls": short_way.MAX_CALLS,
    "bytes of known calls": short_way.MAX_BYTES,
    "lines of the log that wait for a slow terminal": line_writer.MAX_QUEUED,
    "bytes of a body, also when it is decoded": request_limits.MAX_BODY,
    "characters of the target": request_limits.MAX_TARGET,
    "bytes of the head": request_limits.MAX_HEAD,
    "fields of the head": request_limits.MAX_FIELDS,
}


def read_table() -> dict[str, str]:
    """Return the limits of the page by what they limit."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: limit for name, limit in rows if name not in ("what", "---")}


@pytest.mark.parametrize("name", LIMITS)
def test_limit_is_that_of_the_code(name: str) -> None:
    """Units are those of memory: 8 MiB."""
    match = re.match(r"([0-9 ]+)(?: (KiB|MiB))?(?: \(.*\))?$", read_table()[name])
    assert match is not None
    factor = {None: 1, "KiB": KIB, "MiB": MIB}[match[2]]
    assert int(match[1].replace(" ", "")) * factor == LIMITS[name]


def test_each_limit_is_tested() -> None:
    """The page has no other rows, but that of the threads, which an option sets."""
    assert set(read_table()) == {*LIMITS, "calls that wait"}
