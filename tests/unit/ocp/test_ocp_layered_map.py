"""The mapping in two layers: behaves like a dict that is copied at each change."""

from hypothesis import given
from hypothesis import strategies as st

from understudy.ocp.layered_map import LayeredMap

CHANGES = st.lists(st.dictionaries(st.integers(0, 400), st.integers(), max_size=40), max_size=12)


@given(CHANGES)
def test_versions_equal_dicts_and_stay_as_they_are(changes: list[dict[int, int]]) -> None:
    """Items, order, length and membership are a dict's, in every version."""
    expected: list[dict[int, int]] = [{}]
    versions: list[LayeredMap[int, int]] = [LayeredMap()]
    for items in changes:
        expected.append({**expected[-1], **items})
        versions.append(versions[-1].with_items(items))
    for version, known in zip(versions, expected, strict=True):
        assert list(version.items()) == list(known.items())
        assert len(version) == len(known)
        assert all(key in version for key in known)
        assert 1000 not in version
        assert version.get(1000) is None


@given(CHANGES, CHANGES)
def test_keys_that_differ(first: list[dict[int, int]], second: list[dict[int, int]]) -> None:
    """They are those with another object, before and after the layers were merged."""
    start: LayeredMap[int, tuple[int]] = LayeredMap()
    for items in first:
        start = start.with_items({key: (value,) for key, value in items.items()})
    end = start
    for items in second:
        end = end.with_items({key: (value,) for key, value in items.items()})
    expected = {key for key in end if end[key] is not start.get(key)}
    assert set(end.keys_that_differ(start)) == expected
    assert set(start.keys_that_differ(end)) == expected


def test_layers_are_merged() -> None:
    """The changes of one version stay few, however many were made."""
    version: LayeredMap[int, str] = LayeredMap()
    for number in range(1000):
        version = version.with_items({number: "x"})
        assert len(version._changes) <= 64
    assert 10 <= version.merges <= 20
