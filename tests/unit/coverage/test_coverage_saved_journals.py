"""Coverage of saved journals."""

import json
from dataclasses import replace

import pytest

from coverage_builders import LIST, Caller, exchange, list_covered, pets, shipped_contract
from understudy.coverage import SavedJournal, measure_coverage, read_journal
from understudy.errors import InputError
from understudy.messages import Exchange, dump_json

GAPS = "exchanges missing from the journal"


def to_line(of: Exchange) -> bytes:
    return dump_json(of.to_record()) + b"\n"


def test_each_line_is_an_exchange() -> None:
    """Empty lines are skipped."""
    first, second = exchange(), exchange("/pets/2", number=2)
    assert read_journal([to_line(first), b"\n", to_line(second)], file="j") == SavedJournal(
        (first, second)
    )
    assert read_journal([], file="j") == SavedJournal(())


def test_response_of_the_control_api_is_a_journal() -> None:
    """It says how many exchanges were dropped."""
    response = json.dumps({"requests": [exchange(number=3).to_record()], "total": 1, "dropped": 2})
    saved = read_journal([response], file="j")
    assert saved == SavedJournal((exchange(number=3),), 2)
    assert dict(measure_coverage(pets(), [saved]).unknown) == {GAPS: 2}


def test_every_invalid_line_is_reported() -> None:
    """The problem has the number of the line and what is wrong."""
    bad = [to_line(exchange()), b"{", dump_json({"number": 1}), b"[1]", b"\xff"]
    with pytest.raises(InputError) as caught:
        read_journal(bad, file="j.ndjson")
    assert str(caught.value).splitlines() == [
        "j.ndjson:2:2: not JSON: Expecting property name enclosed in double quotes.",
        "j.ndjson:3: not an exchange: request is missing; expected an object.",
        "j.ndjson:4: not an exchange: the record is [1]; expected an object.",
        "j.ndjson:5:1: not JSON: the text is not UTF-8 (byte 0).",
    ]


def test_saved_journal_gives_the_coverage_of_the_server() -> None:
    """All sections are equal when nothing was cut."""
    caller = Caller()
    for target in (f"{LIST}?status=FAILED", f"{LIST}/35000312", f"{LIST}/1", "/nowhere"):
        caller.call(target)
    lines = [to_line(each) for each in caller.world.journal.exchanges()]
    report = measure_coverage(shipped_contract(), [read_journal(lines, file="j")])
    assert list_covered(report) == caller.counts()
    assert (report.exchanges, dict(report.unknown)) == (4, {})


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [([1, 2, 3], 0), ([2, 1], 0), ([3, 5], 3), ([1, 2, 1, 2], 0), ([2, 3, 2], 2), ([], 0)],
)
def test_missing_numbers_are_reported(numbers: list[int], missing: int) -> None:
    """Exchanges are numbered from 1, and from 1 again after a journal was cleared."""
    saved = SavedJournal(tuple(exchange(number=number) for number in numbers))
    assert dict(measure_coverage(pets(), [saved]).unknown) == ({GAPS: missing} if missing else {})


def test_worlds_are_numbered_separately() -> None:
    """The second call of one world is not the second of another."""
    saved = SavedJournal((exchange(number=2), exchange(number=1, world="w")))
    assert dict(measure_coverage(pets(), [saved]).unknown) == {GAPS: 1}


def test_journals_are_measured_separately() -> None:
    """A transition needs two exchanges of one journal; counts are added."""
    ocp = shipped_contract()
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
    assert (list_covered(together)["transitions"], list_covered(apart)["transitions"]) == (
        {"task RUNNING → FAILED": 1},
        {},
    )
    assert (
        list_covered(together)["operations"]
        == list_covered(apart)["operations"]
        == {"getTaskInstance": 2}
    )


def test_no_journal_gives_no_coverage() -> None:
    """Every item is missing."""
    assert (measure_coverage(pets(), []).covered, measure_coverage(pets(), []).exchanges) == (0, 0)
