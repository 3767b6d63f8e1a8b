"""Journals that were saved, as exchanges again: NDJSON, one exchange a line, or what the control API tells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract import Contract
from understudy.coverage.collector import Coverage
from understudy.coverage.report import Report
from understudy.errors import InputError, Place, Problem
from understudy.messages import Exchange, JsonError, RecordError, parse_json

MISSING_EXCHANGES = "exchanges that are not in the journal"


@dataclass(frozen=True, slots=True)
class SavedJournal:
    """The exchanges of a saved journal, and how many it tells that it had dropped."""

    exchanges: tuple[Exchange, ...]
    dropped: int = 0


def read_journal(lines: Iterable[str | bytes], *, file: str) -> SavedJournal:
    """Give the exchanges of a journal. A line is an exchange, or the answer of `GET /__admin/requests`.

    Empty lines are passed over. Raises InputError with every line that cannot be read.
    """
    exchanges: list[Exchange] = []
    problems: list[Problem] = []
    dropped = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = parse_json(line)
            told = record.get("requests") if isinstance(record, dict) else None
            exchanges += [
                Exchange.from_record(one) for one in (told if isinstance(told, list) else [record])
            ]
            dropped += _count(record.get("dropped"))
        except JsonError as error:
            problems.append(
                Problem(
                    "not-json",
                    f"this is not JSON: {error.reason}",
                    Place(file, number, error.column),
                )
            )
        except RecordError as error:
            problems.append(
                Problem("bad-exchange", f"this is no exchange: {error}", Place(file, number))
            )
    if problems:
        raise InputError(problems)
    return SavedJournal(tuple(exchanges), dropped)


def measure_coverage(contract: Contract, journals: Iterable[SavedJournal]) -> Report:
    """Give what the clients of saved journals were exercised with. A world's name in two journals means two worlds."""
    reports = []
    for saved in journals:
        coverage = Coverage(contract)
        for exchange in saved.exchanges:
            coverage.observe(exchange)
        coverage.add_unknown(MISSING_EXCHANGES, max(saved.dropped, sum(_gaps(saved.exchanges))))
        reports.append(coverage.report())
    return Report.merge(*(reports or [Coverage(contract).report()]))


def _gaps(exchanges: Iterable[Exchange]) -> Iterator[int]:
    """Tell how many numbers are missing: exchanges of a world are counted from 1, anew when its journal is emptied."""
    numbers: dict[str, set[int]] = {}
    for exchange in exchanges:
        known = numbers.setdefault(exchange.world, set())
        if exchange.number in known:
            yield max(known) - len(known)
            known.clear()
        known.add(exchange.number)
    yield from (max(known) - len(known) for known in numbers.values())


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
