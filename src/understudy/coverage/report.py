"""A coverage report as a value: what there is, how often each of it was seen. It needs no contract any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
from understudy.messages import JsonError, parse_json

FORMAT_VERSION = 1
"""The version of a report's record."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a client can be exercised with."""

    group: str
    """What it belongs to: an operationId, an operationId and a status, `task`; empty for an operation itself."""
    name: str
    """Its name in there: `query.status=RUNNING`."""
    count: int = 0
    """In how many exchanges it was seen; 0: it is missing."""
    ids: Mapping[str, int] = field(default_factory=dict)
    """Of a corruption: which ones of its kind were served, and how often."""

    @property
    def label(self) -> str:
        """The whole name: `listTaskInstances query.status=RUNNING`."""
        return f"{self.group} {self.name}" if self.group else self.name


@dataclass(frozen=True, slots=True)
class Section:
    """Items of one kind. `covered` of `total` items were seen; a section without items is covered."""

    name: str
    items: tuple[Item, ...]
    beside: Mapping[str, int] = field(default_factory=dict)
    """What was seen that is no item, with counts: jumps over states, statuses that are not documented."""

    @property
    def total(self) -> int:
        """How many items there are."""
        return len(self.items)

    @property
    def covered(self) -> int:
        """How many of them were seen."""
        return sum(item.count > 0 for item in self.items)

    @property
    def missing(self) -> tuple[Item, ...]:
        """Those that were not."""
        return tuple(item for item in self.items if not item.count)

    @property
    def ratio(self) -> float:
        """Covered by total, from 0 to 1."""
        return self.covered / self.total if self.items else 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """What of a contract a client was exercised with. The total is the sum of the sections."""

    contract: str
    """The contract's title and version."""
    exchanges: int
    """How many exchanges were looked at."""
    sections: tuple[Section, ...]
    """In the order in which they are shown."""
    unknown: Mapping[str, int] = field(default_factory=dict)
    """What could not be looked at, with counts: exchanges that a journal had dropped, bodies that were cut."""

    @property
    def total(self) -> int:
        """How many items there are in all sections."""
        return sum(section.total for section in self.sections)

    @property
    def covered(self) -> int:
        """How many of them were seen."""
        return sum(section.covered for section in self.sections)

    @property
    def ratio(self) -> float:
        """Covered by total, from 0 to 1; 1 where there is nothing."""
        return self.covered / self.total if self.total else 1.0

    def section(self, name: str) -> Section | None:
        """Give a section by its name, or None."""
        return next((section for section in self.sections if section.name == name), None)

    @classmethod
    def merge(cls, *reports: Report) -> Report:
        """Give one report of several: every item that any of them has, counts added. Raises ValueError for none."""
        if not reports:
            raise ValueError("there is no report to merge")
        if len(reports) == 1:
            return reports[0]
        names = dict.fromkeys(section.name for report in reports for section in report.sections)
        return cls(
            ", ".join(dict.fromkeys(report.contract for report in reports)),
            sum(report.exchanges for report in reports),
            tuple(
                _merged(name, [s for report in reports for s in report.sections if s.name == name])
                for name in names
            ),
            _added(report.unknown for report in reports),
        )

    def to_record(self) -> dict[str, Any]:
        """Give the report as JSON data. `covered`, `total` and `ratio` (four digits) are told for whoever reads it."""
        return {
            "understudyCoverage": FORMAT_VERSION,
            "contract": self.contract,
            "exchanges": self.exchanges,
            **_sums(self),
            "unknown": dict(self.unknown),
            "sections": [
                {
                    "name": section.name,
                    **_sums(section),
                    "beside": dict(section.beside),
                    "items": [_item_record(item) for item in section.items],
                }
                for section in self.sections
            ],
        }

    @classmethod
    def from_record(cls, record: Any, *, file: str = "") -> Report:
        """Give the report of a record; sums are made anew. Raises InputError that tells the member which is wrong."""
        try:
            return _report(record)
        except RecordFormatError as wrong:
            what, place = f"this is no coverage report: {wrong.what}", Place(file) if file else None
            hint = "`understudy coverage --report json:FILE` writes one."
            raise InputError(
                Problem("bad-report", what, place, expected=wrong.expected, hint=hint)
            ) from wrong

    @classmethod
    def from_json(cls, written: str | bytes, *, file: str = "") -> Report:
        """Give the report of a JSON text. Raises InputError."""
        try:
            record = parse_json(written)
        except JsonError as error:
            place = Place(file, error.line, error.column) if file else None
            raise InputError(
                Problem("not-json", f"this is not JSON: {error.reason}", place)
            ) from error
        return cls.from_record(record, file=file)


def format_percent(covered: int, total: int) -> str:
    """Give a share in whole per cent, rounded down: `100%` means all."""
    return f"{covered * 100 // total if total else 100}%"


def _sums(what: Report | Section) -> dict[str, Any]:
    return {"covered": what.covered, "total": what.total, "ratio": round(what.ratio, 4)}


def _item_record(item: Item) -> dict[str, Any]:
    told = {"group": item.group, "name": item.name, "count": item.count}
    return {**told, "ids": dict(item.ids)} if item.ids else told


def _report(record: Any) -> Report:
    told = read_object(record, "")
    form = told.get("understudyCoverage", ABSENT)
    if form != FORMAT_VERSION:
        raise RecordFormatError("/understudyCoverage", form, str(FORMAT_VERSION))
    sections = read_list(told, "sections", "", _section)
    return Report(
        read_text(told, "contract", ""),
        read_count(told, "exchanges", ""),
        sections,
        read_counts(told, "unknown", ""),
    )


def _section(record: Any, where: str) -> Section:
    told = read_object(record, where)
    items = read_list(told, "items", where, _item)
    return Section(read_text(told, "name", where), items, read_counts(told, "beside", where))


def _item(record: Any, where: str) -> Item:
    told = read_object(record, where)
    ids = read_counts(told, "ids", where) if "ids" in told else {}
    return Item(
        read_text(told, "group", where),
        read_text(told, "name", where),
        read_count(told, "count", where),
        ids,
    )


def _added(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    whole: dict[str, int] = {}
    for some in several:
        for name, number in some.items():
            whole[name] = whole.get(name, 0) + number
    return dict(sorted(whole.items()))


def _merged(name: str, sections: list[Section]) -> Section:
    """Join sections of one name. An item that only a later one has comes behind the others of its group."""
    found: dict[str, dict[str, list[Item]]] = {}
    for section in sections:
        for item in section.items:
            found.setdefault(item.group, {}).setdefault(item.name, []).append(item)
    items = (
        Item(group, inner, sum(item.count for item in same), _added(item.ids for item in same))
        for group, members in found.items()
        for inner, same in members.items()
    )
    return Section(name, tuple(items), _added(section.beside for section in sections))
