"""Equal values are one object, and the table of them is bounded."""

from understudy.coverage.shared_values import SharedValues


def test_equal_values_are_one_object() -> None:
    """The first of equal values is returned for all."""
    shared = SharedValues[tuple[int, str]](10)
    first, second = [(number, "a") for number in (1, 1)]  # equal, but two objects
    assert first is not second
    assert shared.share(first) is first
    assert shared.share(second) is first


def test_table_is_bounded() -> None:
    """More values than the bound are still returned as they are."""
    shared = SharedValues[int](3)
    assert [shared.share(number) for number in range(1000, 1010)] == list(range(1000, 1010))
    assert len(shared) <= 3
