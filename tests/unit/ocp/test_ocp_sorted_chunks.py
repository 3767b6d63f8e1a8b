"""The sorted sequence in chunks: behaves like a sorted list that is copied at each change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.ocp.sorted_chunks import SortedChunks

NUMBERS = st.sets(st.integers(0, 2000), max_size=400)


@given(NUMBERS, st.lists(st.integers(0, 2000), max_size=300))
def test_changes_equal_those_of_a_sorted_list(start: set[int], changes: list[int]) -> None:
    """Each number is removed if it is there, else added; weights are those of the chunks."""
    sequence, expected = SortedChunks(start, lambda number: number), set(start)
    for number in changes:
        if number in expected:
            sequence = sequence.without_item(number)
        else:
            sequence = sequence.with_item(number)
        expected ^= {number}
    assert list(sequence) == sorted(expected)
    assert len(sequence) == len(expected)
    assert sequence.weights == tuple(sum(chunk) for chunk in sequence.chunks)
    assert sequence.first == min(expected, default=None)
    assert all(0 < len(chunk) <= 128 for chunk in sequence.chunks)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_many_changes_at_once(start: set[int], removed: set[int], added: set[int]) -> None:
    """The result is the same as that of one change after the other."""
    gone, new = start & removed, added - start
    sequence = SortedChunks(start).with_changes(gone, new)
    assert sequence == SortedChunks((start - gone) | new)


@pytest.mark.parametrize("count", [0, 10, 1000])
def test_removing_an_absent_item_is_an_error(count: int) -> None:
    """One by one, and many at once."""
    sequence = SortedChunks(range(count))
    with pytest.raises(KeyError):
        sequence.without_item(5000)
    with pytest.raises(KeyError):
        sequence.without_item(-1)
    with pytest.raises(KeyError):
        sequence.with_changes(range(4000, 5000), ())


def test_a_change_leaves_the_sequence_as_it_was() -> None:
    """Versions share their chunks."""
    before = SortedChunks(range(1000))
    after = before.with_item(-1)
    assert (len(before), len(after), before.first) == (1000, 1001, 0)
    assert after.chunks[1:] == before.chunks[1:]


def test_large_change_is_exact() -> None:
    """A large change builds the sequence anew; an item that is not there is an error there too."""
    sequence = SortedChunks(range(1000))
    changed = sequence.with_changes(range(0, 600, 2), range(2000, 2010))
    expected = [number for number in range(1000) if number >= 600 or number % 2]
    assert list(changed) == [*expected, *range(2000, 2010)]
    with pytest.raises(KeyError):
        changed.with_changes(range(300), ())
