"""Journals that were saved."""

import json
from dataclasses import replace

import pytest

from coverage_builders import LIST, Caller, covered, exchange, pets, shipped
from understudy.coverage import SavedJournal, measure_coverage, read_journal
from understudy.errors import InputError
from understudy.messages import Exchange, dump_json

GAPS = "exchanges that are not in the journal"


def line(of: Exchange) -> bytes:
    return dump_json(of.to_record()) + b"\n"


def test_each_line_is_an_exchange() -> None:
    """Empty ones are passed over."""
    one, two = exchange(), exchange("/pets/2", number=2)
    assert read_journal([line(one), b"\n", line(two)], file="j") == SavedJournal((one, two))
    assert read_journal([], file="j") == SavedJournal(())


def test_the_control_apis_answer_is_a_journal_too() -> None:
    """With what it tells to have been dropped."""
    told = json.dumps({"requests": [exchange(number=3).to_record()], "total": 1, "dropped": 2})
    saved = read_journal([told], file="j")
    assert saved == SavedJournal((exchange(number=3),), 2)
    assert dict(measure_coverage(pets(), [saved]).unknown) == {GAPS: 2}


def test_every_bad_line_is_told() -> None:
    """By its number, with what is wrong."""
    bad = [line(exchange()), b"{", dump_json({"number": 1}), b"[1]", b"\xff"]
    with pytest.raises(InputError) as caught:
        read_journal(bad, file="j.ndjson")
    assert str(caught.value).splitlines() == [
        "j.ndjson:2:2: this is not JSON: Expecting property name enclosed in double quotes.",
        "j.ndjson:3: this is no exchange: request is missing; expected an object.",
        "j.ndjson:4: this is no exchange: the record is [1]; expected an object.",
        "j.ndjson:5:1: this is not JSON: the text is not UTF-8 (byte 0).",
    ]


def test_a_saved_journal_tells_what_the_server_tells() -> None:
    """Section by section, as long as nothing was cut."""
    caller = Caller()
    for target in (f"{LIST}?status=FAILED", f"{LIST}/35000312", f"{LIST}/1", "/nowhere"):
        caller.call(target)
    lines = [line(one) for one in caller.world.journal.exchanges()]
    told = measure_coverage(shipped(), [read_journal(lines, file="j")])
    assert covered(told) == caller.counts()
    assert (told.exchanges, dict(told.unknown)) == (4, {})


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [([1, 2, 3], 0), ([2, 1], 0), ([3, 5], 3), ([1, 2, 1, 2], 0), ([2, 3, 2], 2), ([], 0)],
)
def test_numbers_that_are_missing_are_told(numbers: list[int], missing: int) -> None:
    """Exchanges are counted from 1, and anew when a journal was emptied."""
    saved = SavedJournal(tuple(exchange(number=number) for number in numbers))
    assert dict(measure_coverage(pets(), [saved]).unknown) == ({GAPS: missing} if missing else {})


def test_each_world_counts_for_itself() -> None:
    """The second call of one is not the second of another."""
    saved = SavedJournal((exchange(number=2), exchange(number=1, world="w")))
    assert dict(measure_coverage(pets(), [saved]).unknown) == {GAPS: 1}


def test_two_journals_are_two_stories() -> None:
    """What one saw last, the other did not see; counts are added."""
    ocp = shipped()
    first = exchange(
        f"{LIST}/1",
        {"data": {"id": 1, "status": "RUNNING", "subtasks": []}},
        operation="getTaskInstance",
    )
    then = exchange(
        f"{LIST}/1",
        {"data": {"id": 1, "status": "FAILED", "subtasks": []}},
        operation="getTaskInstance",
    )
    together = measure_coverage(ocp, [SavedJournal((first, replace(then, number=2)))])
    apart = measure_coverage(ocp, [SavedJournal((first,)), SavedJournal((then,))])
    assert (covered(together)["transitions"], covered(apart)["transitions"]) == (
        {"task RUNNING → FAILED": 1},
        {},
    )
    assert covered(together)["operations"] == covered(apart)["operations"] == {"getTaskInstance": 2}


def test_no_journal_is_no_coverage() -> None:
    """All is missing."""
    assert (measure_coverage(pets(), []).covered, measure_coverage(pets(), []).exchanges) == (0, 0)
