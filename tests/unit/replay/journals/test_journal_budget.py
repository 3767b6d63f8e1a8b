"""The bound of all journals together."""

from datetime import UTC, datetime
from threading import Thread

import pytest

from understudy.messages import Exchange, Request, Response
from understudy.replay import Journal
from understudy.replay.journals.journal_budget import JournalBudget
from understudy.replay.journals.journal_entry import estimate_size

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def build_exchange(body: bytes = b"") -> Exchange:
    return Exchange(0, "w", NOW, Request.of("GET", "/"), Response(200, body=body))


SIZE = estimate_size(build_exchange())


@pytest.mark.parametrize(("count", "dropped"), [(9, 0), (10, 0), (11, 1)])
def test_bound_of_all_journals(count: int, dropped: int) -> None:
    """Ten exchanges fit, in however many journals; the eleventh drops one."""
    budget = JournalBudget(10 * SIZE, slack=0)
    journals = [Journal(budget=budget) for _ in range(3)]
    for number in range(count):
        journals[number % 3].append(build_exchange())
    assert sum(journal.dropped for journal in journals) == dropped
    assert budget.used == sum(journal.size for journal in journals) == (count - dropped) * SIZE


def test_largest_journal_drops_its_oldest() -> None:
    """A journal with few exchanges keeps all, although they are the oldest."""
    budget = JournalBudget(10 * SIZE, slack=0)
    small, large = Journal(budget=budget), Journal(budget=budget)
    for _ in range(2):
        small.append(build_exchange())
    for _ in range(20):
        large.append(build_exchange())
    assert (small.dropped, large.dropped) == (0, 12)
    assert [exchange.number for exchange in large.exchanges()] == list(range(13, 21))
    for _ in range(20):
        small.append(build_exchange())
    assert (len(small), len(large)) == (5, 5)


def test_emptied_and_closed_journals_free_their_bytes() -> None:
    """A closed journal is counted no more, also when a late call is recorded in it."""
    budget = JournalBudget(100 * SIZE, slack=0)
    cleared, restarted, closed = (Journal(budget=budget) for _ in range(3))
    for journal in (cleared, restarted, closed):
        journal.append(build_exchange())
    assert budget.used == 3 * SIZE
    cleared.clear()
    restarted.restart()
    closed.close()
    closed.close()
    assert budget.used == 0
    closed.append(build_exchange())
    cleared.append(build_exchange())
    assert (budget.used, len(closed)) == (SIZE, 2)


def test_exchange_larger_than_the_bound_is_dropped() -> None:
    """Nothing else can make room for it."""
    budget = JournalBudget(2 * SIZE, slack=0)
    journal = Journal(budget=budget)
    journal.append(build_exchange(b"x" * 5000))
    assert (len(journal), journal.dropped, budget.used) == (0, 1, 0)


def test_dropped_exchanges_reach_the_observer() -> None:
    """Those of another journal too, each once and in order."""
    budget, observed = JournalBudget(10 * SIZE, slack=0), []
    quiet = Journal(budget=budget, observer=lambda exchange: observed.append(exchange))
    for _ in range(9):
        quiet.append(build_exchange())
    busy = Journal(budget=budget)
    for _ in range(3):
        busy.append(build_exchange())
    assert quiet.dropped == 2
    assert [exchange.number for exchange in observed] == [1, 2]
    quiet.flush_to_observer()
    assert [exchange.number for exchange in observed] == list(range(1, 10))


def test_full_budget_refuses_to_wait() -> None:
    """Where exchanges have to be dropped first, the thread of a server's loop records nothing."""
    budget = JournalBudget(SIZE, slack=0)
    journal = Journal(budget=budget)
    budget.add(SIZE + 1)
    assert not journal.append_if_free(lambda number: pytest.fail("it was built"))
    assert len(journal) == 0


def test_budget_is_exact_under_threads() -> None:
    """Threads that append, clear and close leave the sum of what there is."""
    budget = JournalBudget(50 * SIZE, slack=0)
    journals = [Journal(budget=budget) for _ in range(6)]

    def run(number: int) -> None:
        for turn in range(300):
            journals[(number + turn) % 5].append(build_exchange())
            if turn % 97 == 0:
                journals[number].clear()
        journals[5].append(build_exchange())
        journals[5].close()

    threads = [Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.used == sum(journal.size for journal in journals[:5]) <= 50 * SIZE


def test_trim_frees_some_more_bytes() -> None:
    """So the next calls need not trim."""
    budget = JournalBudget(10 * SIZE, slack=3 * SIZE)
    journal = Journal(budget=budget)
    lengths = []
    for _ in range(12):
        journal.append(build_exchange())
        lengths.append(len(journal))
    assert lengths == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 7, 8]
