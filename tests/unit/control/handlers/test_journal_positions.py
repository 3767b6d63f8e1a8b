"""Positions in a journal: what was recorded since, and who is notified."""

from datetime import UTC, datetime

import pytest

from understudy.messages import Exchange, Request, Response
from understudy.replay import Journal


def build_exchange() -> Exchange:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Exchange(0, "w", at, Request.of("GET", "/"), Response(200))


def build_journal(length: int = 0, most: int = 10) -> Journal:
    journal = Journal(max_exchanges=most)
    for _ in range(length):
        journal.append(build_exchange())
    return journal


def test_since_returns_later_exchanges() -> None:
    """Each exchange comes once, in the order of recording, which is that of the numbers."""
    journal = build_journal(1)
    position = journal.end
    assert [journal.append(build_exchange()) for _ in range(2)] == [2, 3]
    exchanges, position = journal.since(position)
    assert [exchange.number for exchange in exchanges] == [2, 3]
    assert journal.since(position) == ((), position)
    assert [exchange.number for exchange in journal.since(journal.start)[0]] == [1, 2, 3]
    assert len(journal) == 3


@pytest.mark.parametrize(
    ("number", "expected"), [(0, [1, 2, 3]), (1, [2, 3]), (2, [3]), (3, []), (9, [])]
)
def test_position_after_a_number(number: int, expected: list[int]) -> None:
    """A number that the journal does not have yet is the end."""
    journal = build_journal(3)
    assert [
        exchange.number for exchange in journal.since(journal.position_after(number))[0]
    ] == expected


def test_since_a_dropped_position_returns_the_rest() -> None:
    """A position before the first exchange is no error."""
    journal = build_journal(1, most=2)
    start = journal.start
    for _ in range(3):
        journal.append(build_exchange())
    assert [exchange.number for exchange in journal.since(start)[0]] == [3, 4]
    assert [exchange.number for exchange in journal.since(journal.position_after(1))[0]] == [3, 4]


def test_since_returns_all_after_clearing() -> None:
    """The position belongs to an earlier era."""
    journal = build_journal(2)
    position = journal.end
    journal.clear()
    journal.append(build_exchange())
    exchanges, after = journal.since(position)
    assert ([exchange.number for exchange in exchanges], after.era) == ([1], position.era + 1)


def test_listener_is_notified_until_it_unsubscribes() -> None:
    """Recording and clearing both notify."""
    journal, heard = build_journal(), []

    def record_length() -> None:
        heard.append(len(journal))

    journal.subscribe(record_length)
    journal.append(build_exchange())
    journal.append(build_exchange())
    journal.clear()
    journal.unsubscribe(record_length)
    journal.append(build_exchange())
    journal.unsubscribe(record_length)
    assert heard == [1, 2, 0]
