"""A large object in parts, which are stored once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.messages import Json
from understudy.store import (
    KeyDeletedError,
    MemoryStore,
    Part,
    PartMissingError,
    Parts,
    PartStore,
    add_part,
    build_part,
    join_parts,
)

VALUES = st.recursive(st.integers() | st.text(max_size=5), st.lists, max_leaves=4)
NAMES = st.text("ab\t\n é", max_size=2)
OBJECTS = st.fixed_dictionaries(
    {"tasks": st.dictionaries(NAMES, VALUES, max_size=20), "waiting": st.lists(st.integers())}
)


@pytest.mark.slow
@given(st.lists(OBJECTS, max_size=20))
def test_later_members_replace_earlier_ones(objects: list[dict[str, Json]]) -> None:
    """Joined parts have every member, with its last value."""
    parts: Parts = ()
    tasks: dict[str, Json] = {}
    for members in objects:
        parts = add_part(parts, build_part(members))
        assert isinstance(members["tasks"], dict)
        tasks |= members["tasks"]
    joined = join_parts(parts)
    if objects:
        assert joined == {"tasks": tasks, "waiting": objects[-1]["waiting"]}
    counts = [part.count for part in parts]
    assert all(older >= 2 * newer for older, newer in pairwise(counts))


def test_parts_stay_few() -> None:
    """A thousand additions of new members give a handful of parts."""
    parts: Parts = ()
    for number in range(1000):
        parts = add_part(parts, build_part({"tasks": {str(number): number}}))
    assert len(parts) <= 10
    assert sum(part.count for part in parts) == 1000


def test_repeated_members_do_not_accumulate() -> None:
    """The parts of the same members stay as small as one of them."""
    parts: Parts = ()
    for number in range(100):
        parts = add_part(parts, build_part({"tasks": {str(n): number for n in range(10)}}))
    assert sum(part.count for part in parts) == 10


def test_replaced_parts_are_deleted_after_the_update() -> None:
    """A text with other parts deletes those that it does not name."""
    store = MemoryStore()
    parts = PartStore(store, "k")
    first, second = build_part({"a": 1}), build_part({"a": 2})

    def write_first(text: str | None) -> tuple[str, None]:
        parts.replace((), (first,))
        return first.name, None

    def write_second(text: str | None) -> tuple[str, None]:
        parts.replace((first,), (second,))
        assert store.read(f"k/part/{first.name}") == first.text  # another process may read it
        return second.name, None

    parts.update(write_first)
    parts.update(write_second)
    assert store.read(f"k/part/{first.name}") is None
    assert parts.read((Part(second.name, 1),))[0].text == second.text


def test_update_is_repeated_when_a_part_is_gone() -> None:
    """The text of another process has parts that can be read; a part that never comes raises."""
    store = MemoryStore()
    parts = PartStore(store, "k")
    missing, present = Part("gone", 1), build_part({"a": 1})
    parts.write((present,))
    wanted = [missing, present]

    def read_next(text: str | None) -> tuple[None, Parts]:
        return None, parts.read((Part(wanted.pop(0).name, 1),))

    assert join_parts(parts.update(read_next)) == {"a": 1}
    with pytest.raises(PartMissingError, match="gone"):
        parts.update(lambda text: (None, parts.read((missing,))))


def test_deleted_key_refuses_updates() -> None:
    """The key and its parts are gone, and a late update neither runs nor writes."""
    store = MemoryStore()
    parts, part = PartStore(store, "k"), build_part({"a": 1})

    def write(text: str | None) -> tuple[str, None]:
        parts.replace((), (part,))
        return part.name, None

    parts.update(write)
    assert len(store) == 2
    parts.delete(lambda text: (part,))
    with pytest.raises(KeyDeletedError, match="k"):
        parts.update(write)
    with pytest.raises(KeyDeletedError, match="k"):
        parts.delete(lambda text: (part,))
    assert len(store) == 0
