"""Reports as values: sums, merging, records."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage_builders import exchange, report
from understudy.coverage import Item, Report, Section
from understudy.errors import InputError
from understudy.messages import dump_json, parse_json

COUNTS = st.dictionaries(st.text(max_size=4), st.integers(0, 9), max_size=2).map(
    lambda told: dict(sorted(told.items()))
)
ITEMS = st.lists(
    st.builds(
        Item,
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["x", "y", "z"]),
        st.integers(0, 5),
        COUNTS,
    ),
    unique_by=lambda item: (item.group, item.name),
    max_size=6,
)
SECTIONS = st.builds(Section, st.sampled_from(["one", "two", "three"]), ITEMS.map(tuple), COUNTS)
REPORTS = st.builds(
    Report,
    st.text(max_size=5),
    st.integers(0, 100),
    st.lists(SECTIONS, unique_by=lambda section: section.name, max_size=3).map(tuple),
    COUNTS,
)


def numbers(of: Report) -> dict[tuple[str, str, str], int]:
    return {(s.name, item.group, item.name): item.count for s in of.sections for item in s.items}


def test_sums_are_those_of_the_rows() -> None:
    """Covered, total and ratio of each section and of all; where there is nothing, nothing is missing."""
    one = Section("one", (Item("", "a", 2), Item("", "b")))
    told = Report("c", 1, (one, Section("two", (Item("", "c"),)), Section("none", ())))
    assert (one.covered, one.total, one.ratio, one.missing) == (1, 2, 0.5, (Item("", "b"),))
    assert (told.covered, told.total, round(told.ratio, 4)) == (1, 3, 0.3333)
    assert (Report("c", 0, ()).ratio, Section("none", ()).ratio, told.section("four")) == (
        1.0,
        1.0,
        None,
    )


@given(REPORTS)
def test_a_record_comes_back(told: Report) -> None:
    """Through JSON, too."""
    assert Report.from_record(told.to_record()) == told
    assert Report.from_json(dump_json(told.to_record())) == told


@settings(max_examples=30)
@given(st.lists(REPORTS, min_size=1, max_size=3))
def test_merging_adds(several: list[Report]) -> None:
    """Every item of any report is there once, with all counts."""
    merged = Report.merge(*several)
    expected: dict[tuple[str, str, str], int] = {}
    for told in several:
        for key, count in numbers(told).items():
            expected[key] = expected.get(key, 0) + count
    assert numbers(merged) == expected
    assert merged.exchanges == sum(told.exchanges for told in several)
    assert sum(merged.unknown.values()) == sum(sum(told.unknown.values()) for told in several)


@settings(max_examples=30)
@given(REPORTS, REPORTS, REPORTS)
def test_merging_in_steps_gives_the_same(a: Report, b: Report, c: Report) -> None:
    """So that parts can be merged wherever they come together."""
    assert numbers(Report.merge(Report.merge(a, b), c)) == numbers(
        Report.merge(a, Report.merge(b, c))
    )


def test_merging_keeps_the_order_of_a_report() -> None:
    """Two of the same contract: the items stand as in each."""
    one, other = report(exchange()), report(exchange("/pets/1?size=2"))
    merged = Report.merge(one, other)
    assert [[item.label for item in s.items] for s in merged.sections] == [
        [item.label for item in s.items] for s in one.sections
    ]
    assert merged.contract == "Pets <& friends> 2"


def test_nothing_cannot_be_merged() -> None:
    """There is no universe to tell."""
    with pytest.raises(ValueError, match="no report"):
        Report.merge()


WHOLE = Report(
    "c", 1, (Section("one", (Item("g", "n", 1, {"i": 1}),), {"b": 1}),), {"u": 1}
).to_record()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((), [], "the whole is []. Expected an object."),
        (("understudyCoverage",), 2, "/understudyCoverage is 2. Expected 1."),
        (("contract",), None, "/contract is None. Expected a text."),
        (("exchanges",), -1, "/exchanges is -1. Expected a whole number, 0 or more."),
        (("exchanges",), True, "/exchanges is True. Expected a whole number, 0 or more."),
        (("sections",), {}, "/sections is {}. Expected a list."),
        (("sections", 0), 1, "/sections/0 is 1. Expected an object."),
        (("sections", 0, "beside"), None, "/sections/0/beside is None. Expected an object."),
        (
            ("sections", 0, "items", 0, "count"),
            "1",
            "/sections/0/items/0/count is '1'. Expected a whole number",
        ),
        (("sections", 0, "items", 0, "ids"), {"a": 0.5}, "/sections/0/items/0/ids/a is 0.5."),
        (("unknown",), {"a": []}, "/unknown/a is []."),
    ],
)
def test_bad_records_are_told(path: tuple[Any, ...], value: Any, message: str) -> None:
    """The member, what is there, and what was expected."""
    record = parse_json(dump_json(WHOLE))
    holder: Any = {"": record}
    keys = ("", *path)
    for key in keys[:-1]:
        holder = holder[key]
    if keys == ("",):
        record = value
    else:
        holder[keys[-1]] = value
    with pytest.raises(InputError) as caught:
        Report.from_record(record, file="old.json")
    assert f"old.json: this is no coverage report: {message}" in str(caught.value)


@pytest.mark.parametrize(
    "key", ["understudyCoverage", "contract", "exchanges", "sections", "unknown"]
)
def test_missing_members_are_told(key: str) -> None:
    """Each of them."""
    record = {name: value for name, value in WHOLE.items() if name != key}
    with pytest.raises(InputError, match=f"/{key} is missing. Expected"):
        Report.from_record(record)


def test_what_is_no_json_is_told() -> None:
    """With line and column."""
    with pytest.raises(InputError, match=r"old\.json:2:1: this is not JSON: Expecting"):
        Report.from_json("{\n", file="old.json")
