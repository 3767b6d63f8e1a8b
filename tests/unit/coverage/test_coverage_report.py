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
    lambda counts: dict(sorted(counts.items()))
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


def count_items(of: Report) -> dict[tuple[str, str, str], int]:
    return {(s.name, item.group, item.name): item.count for s in of.sections for item in s.items}


def test_sums_are_those_of_the_items() -> None:
    """Sections and the whole have covered, total and ratio; without items nothing is missing."""
    first = Section("one", (Item("", "a", 2), Item("", "b")))
    report_value = Report("c", 1, (first, Section("two", (Item("", "c"),)), Section("none", ())))
    assert (first.covered, first.total, first.ratio, first.missing) == (1, 2, 0.5, (Item("", "b"),))
    assert (report_value.covered, report_value.total, round(report_value.ratio, 4)) == (
        1,
        3,
        0.3333,
    )
    assert (Report("c", 0, ()).ratio, Section("none", ()).ratio, report_value.section("four")) == (
        1.0,
        1.0,
        None,
    )


@given(REPORTS)
def test_record_can_be_read_back(report_value: Report) -> None:
    """It can be read from JSON, too."""
    assert Report.from_record(report_value.to_record()) == report_value
    assert Report.from_json(dump_json(report_value.to_record())) == report_value


@settings(max_examples=30)
@given(st.lists(REPORTS, min_size=1, max_size=3))
def test_merging_adds_counts(several: list[Report]) -> None:
    """Every item of any report is in the result once, with all counts."""
    merged = Report.merge(*several)
    expected: dict[tuple[str, str, str], int] = {}
    for report_value in several:
        for key, count in count_items(report_value).items():
            expected[key] = expected.get(key, 0) + count
    assert count_items(merged) == expected
    assert merged.exchanges == sum(report_value.exchanges for report_value in several)
    assert sum(merged.unknown.values()) == sum(
        sum(report_value.unknown.values()) for report_value in several
    )


@settings(max_examples=30)
@given(REPORTS, REPORTS, REPORTS)
def test_merging_is_associative(a: Report, b: Report, c: Report) -> None:
    """Reports can be merged in any grouping."""
    assert count_items(Report.merge(Report.merge(a, b), c)) == count_items(
        Report.merge(a, Report.merge(b, c))
    )


def test_merging_keeps_the_order_of_items() -> None:
    """Two reports of one contract have the same order."""
    first, second = report(exchange()), report(exchange("/pets/1?size=2"))
    merged = Report.merge(first, second)
    assert [[item.label for item in s.items] for s in merged.sections] == [
        [item.label for item in s.items] for s in first.sections
    ]
    assert merged.contract == "Pets <& friends> 2"


def test_merge_without_reports_is_an_error() -> None:
    """There is no contract to report on."""
    with pytest.raises(ValueError, match="at least one report"):
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
def test_invalid_record_is_reported(path: tuple[Any, ...], value: Any, message: str) -> None:
    """The problem has the member, its value and the expected type."""
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
    assert f"old.json: not a coverage report: {message}" in str(caught.value)


@pytest.mark.parametrize(
    "key", ["understudyCoverage", "contract", "exchanges", "sections", "unknown"]
)
def test_missing_member_is_reported(key: str) -> None:
    """Each member is required."""
    record = {name: value for name, value in WHOLE.items() if name != key}
    with pytest.raises(InputError, match=f"/{key} is missing. Expected"):
        Report.from_record(record)


def test_invalid_json_is_reported() -> None:
    """The problem has line and column."""
    with pytest.raises(InputError, match=r"old\.json:2:1: not JSON: Expecting"):
        Report.from_json("{\n", file="old.json")
