"""News of journals: marks, what was kept since, and who hears of it."""

from datetime import UTC, datetime

import pytest

from understudy.messages import Exchange, Request, Response
from understudy.replay import Journal


def exchange(number: int) -> Exchange:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Exchange(number, "w", at, Request.of("GET", "/"), Response(200))


def journal_of(*numbers: int, most: int = 10) -> Journal:
    journal = Journal(max_exchanges=most)
    for number in numbers:
        journal.append(exchange(number))
    return journal


def test_since_a_mark_comes_what_was_kept_after_it() -> None:
    """Each exchange once, in the order in which it was kept, which need not be that of the numbers."""
    journal = journal_of(1)
    mark = journal.end
    for number in (3, 2):
        journal.append(exchange(number))
    found, mark = journal.since(mark)
    assert [one.number for one in found] == [3, 2]
    assert journal.since(mark) == ((), mark)
    assert [one.number for one in journal.since(journal.start)[0]] == [1, 3, 2]
    assert len(journal) == 3


@pytest.mark.parametrize(
    ("number", "expected"), [(0, [1, 3, 2]), (1, [3, 2]), (3, [2]), (2, []), (9, [])]
)
def test_a_mark_stands_behind_the_exchange_of_a_number(number: int, expected: list[int]) -> None:
    """So nothing that was kept after it is passed over, whatever its number."""
    journal = journal_of(1, 3, 2)
    assert [one.number for one in journal.since(journal.position_after(number))[0]] == expected


def test_of_a_dropped_part_the_rest_comes() -> None:
    """A mark before it is no error."""
    journal = journal_of(1, most=2)
    start = journal.start
    for number in (2, 3, 4):
        journal.append(exchange(number))
    assert [one.number for one in journal.since(start)[0]] == [3, 4]
    assert [one.number for one in journal.since(journal.position_after(1))[0]] == [3, 4]


def test_after_a_clearing_all_is_new() -> None:
    """The mark is of another era."""
    journal = journal_of(1, 2)
    mark = journal.end
    journal.clear()
    journal.append(exchange(1))
    found, after = journal.since(mark)
    assert ([one.number for one in found], after.era) == ([1], mark.era + 1)


def test_who_listens_hears_of_each_change_until_it_ends() -> None:
    """Of exchanges, and of a clearing."""
    journal, heard = journal_of(), []

    def hear() -> None:
        heard.append(len(journal))

    journal.subscribe(hear)
    journal.append(exchange(1))
    journal.append(exchange(2))
    journal.clear()
    journal.unsubscribe(hear)
    journal.append(exchange(3))
    journal.unsubscribe(hear)
    assert heard == [1, 2, 0]
