"""A coverage report: the items of a contract with their counts.

A report is a value and needs no contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from understudy.coverage.json_reader import (
    ABSENT,
    RecordFormatError,
    read_count,
    read_counts,
    read_list,
    read_object,
    read_text,
)
from understudy.errors import InputError, Place, Problem
from understudy.messages import Json, JsonError, parse_json

FORMAT_VERSION = 1
"""The version of the JSON form of a report."""


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a contract that a client can exercise."""

    group: str
    """What it belongs to: an operationId, an operationId with a status, `task`; may be empty."""
    name: str
    """Its name within the group: `query.status=RUNNING`."""
    count: int = 0
    """The number of exchanges that exercised it; 0 means that it is missing."""
    ids: Mapping[str, int] = field(default_factory=dict)
    """For an item of `corruptions`: the ids of the served corruptions, with counts."""

    @property
    def label(self) -> str:
        """The name with its group: `listTaskInstances query.status=RUNNING`."""
        if not self.group:
            return self.name
        return f"{self.group} {self.name}"


@dataclass(frozen=True, slots=True)
class Section:
    """The items of one kind. A section without items is fully covered."""

    name: str
    items: tuple[Item, ...]
    beside: Mapping[str, int] = field(default_factory=dict)
    """Observations outside the items, with counts: skipped states, undocumented statuses."""

    @property
    def total(self) -> int:
        """The number of items."""
        return len(self.items)

    @property
    def covered(self) -> int:
        """The number of items that were exercised."""
        return sum(item.count > 0 for item in self.items)

    @property
    def missing(self) -> tuple[Item, ...]:
        """The items that were not exercised."""
        return tuple(item for item in self.items if not item.count)

    @property
    def ratio(self) -> float:
        """Covered divided by total, from 0 to 1; 1 when there are no items."""
        if not self.items:
            return 1.0
        return self.covered / self.total


@dataclass(frozen=True, slots=True)
class Report:
    """The parts of a contract that a client exercised. The total is the sum of the sections."""

    contract: str
    """Title and version of the contract."""
    exchanges: int
    """The number of observed exchanges."""
    sections: tuple[Section, ...]
    """In the order in which they are shown."""
    unknown: Mapping[str, int] = field(default_factory=dict)
    """What could not be observed, with counts: dropped exchanges, cut bodies."""

    @property
    def total(self) -> int:
        """The number of items in all sections."""
        return sum(section.total for section in self.sections)

    @property
    def covered(self) -> int:
        """The number of items that were exercised."""
        return sum(section.covered for section in self.sections)

    @property
    def ratio(self) -> float:
        """Covered divided by total, from 0 to 1; 1 when there are no items."""
        if not self.total:
            return 1.0
        return self.covered / self.total

    def section(self, name: str) -> Section | None:
        """Return the section of a name, or None."""
        for section in self.sections:
            if section.name == name:
                return section
        return None

    @classmethod
    def merge(cls, *reports: Report) -> Report:
        """Return one report with the items of all reports and their counts added.

        Raises ValueError when there is no report.
        """
        if not reports:
            raise ValueError("merge() needs at least one report")
        if len(reports) == 1:
            return reports[0]
        by_name: dict[str, list[Section]] = {}
        for report in reports:
            for section in report.sections:
                by_name.setdefault(section.name, []).append(section)
        merged = [_merge_sections(name, sections) for name, sections in by_name.items()]
        contracts = dict.fromkeys(report.contract for report in reports)
        return cls(
            ", ".join(contracts),
            sum(report.exchanges for report in reports),
            tuple(merged),
            _add_counts(report.unknown for report in reports),
        )

    def to_record(self) -> dict[str, Json]:
        """Return the report as JSON data.

        `covered`, `total` and `ratio` (four digits) are for readers; `from_record` ignores them.
        """
        sections: list[Json] = [_section_to_record(section) for section in self.sections]
        return {
            "understudyCoverage": FORMAT_VERSION,
            "contract": self.contract,
            "exchanges": self.exchanges,
            **_sums_to_record(self),
            "unknown": dict(self.unknown),
            "sections": sections,
        }

    @classmethod
    def from_record(cls, record: object, *, file: str = "") -> Report:
        """Return the report of a record; its sums are computed again.

        Raises InputError with the wrong member; `file` names the record's file in it.
        """
        try:
            return _read_report(record)
        except RecordFormatError as error:
            problem = Problem(
                "bad-report",
                f"not a coverage report: {error.message}",
                Place(file) if file else None,
                expected=error.expected,
                hint="`understudy coverage --report json:FILE` writes one.",
            )
            raise InputError(problem) from error

    @classmethod
    def from_json(cls, written: str | bytes, *, file: str = "") -> Report:
        """Return the report of a JSON text. Raises InputError."""
        try:
            record = parse_json(written)
        except JsonError as error:
            place = None
            if file:
                place = Place(file, error.line, error.column)
            message = f"not JSON: {error.reason}"
            raise InputError(Problem("not-json", message, place)) from error
        return cls.from_record(record, file=file)


def format_percent(covered: int, total: int) -> str:
    """Return a share in whole per cent, rounded down, so that `100%` means all."""
    if not total:
        return "100%"
    return f"{covered * 100 // total}%"


def _sums_to_record(part: Report | Section) -> dict[str, Json]:
    """Return the sums of a section, or of the whole report."""
    return {
        "covered": part.covered,
        "total": part.total,
        "ratio": round(part.ratio, 4),
    }


def _section_to_record(section: Section) -> dict[str, Json]:
    """Return a section as JSON data; its items keep their order."""
    items: list[Json] = [_item_to_record(item) for item in section.items]
    return {
        "name": section.name,
        **_sums_to_record(section),
        "beside": dict(section.beside),
        "items": items,
    }


def _item_to_record(item: Item) -> dict[str, Json]:
    record: dict[str, Json] = {
        "group": item.group,
        "name": item.name,
        "count": item.count,
    }
    # Only corruptions have ids.
    if item.ids:
        record["ids"] = dict(item.ids)
    return record


def _read_report(value: object) -> Report:
    record = read_object(value, "")
    version = record.get("understudyCoverage", ABSENT)
    if version != FORMAT_VERSION:
        raise RecordFormatError("/understudyCoverage", version, str(FORMAT_VERSION))
    sections = read_list(record, "sections", "", _read_section)
    return Report(
        read_text(record, "contract", ""),
        read_count(record, "exchanges", ""),
        sections,
        read_counts(record, "unknown", ""),
    )


def _read_section(value: object, where: str) -> Section:
    record = read_object(value, where)
    items = read_list(record, "items", where, _read_item)
    return Section(
        read_text(record, "name", where),
        items,
        read_counts(record, "beside", where),
    )


def _read_item(value: object, where: str) -> Item:
    record = read_object(value, where)
    ids: dict[str, int] = {}
    if "ids" in record:
        ids = read_counts(record, "ids", where)
    return Item(
        read_text(record, "group", where),
        read_text(record, "name", where),
        read_count(record, "count", where),
        ids,
    )


def _add_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums of several counts, sorted by name."""
    sums: dict[str, int] = {}
    for mapping in counts:
        for name, count in mapping.items():
            sums[name] = sums.get(name, 0) + count
    return dict(sorted(sums.items()))


def _merge_sections(name: str, sections: list[Section]) -> Section:
    """Merge sections of one name.

    An item that only a later section has goes to the end of its group.
    """
    by_group: dict[str, dict[str, list[Item]]] = {}
    for section in sections:
        for item in section.items:
            group = by_group.setdefault(item.group, {})
            group.setdefault(item.name, []).append(item)
    merged = []
    for group in by_group.values():
        for items in group.values():
            merged.append(_merge_items(items))
    beside = _add_counts(section.beside for section in sections)
    return Section(name, tuple(merged), beside)


def _merge_items(items: list[Item]) -> Item:
    """Merge items of the same group and name."""
    first = items[0]
    count = sum(item.count for item in items)
    ids = _add_counts(item.ids for item in items)
    return Item(first.group, first.name, count, ids)
