"""Saved journals: NDJSON with one exchange a line, or the response of `GET /__admin/requests`.

A line has the form of `Exchange.to_record()`. Both forms may be mixed in a file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from understudy.contract import Contract
from understudy.coverage.collector import Coverage
from understudy.coverage.report import Report
from understudy.errors import InputError, Place, Problem
from understudy.messages import Exchange, Json, JsonError, RecordError, parse_json

MISSING_EXCHANGES = "exchanges missing from the journal"


@dataclass(frozen=True, slots=True)
class SavedJournal:
    """The exchanges of a saved journal, and how many the server had dropped from it."""

    exchanges: tuple[Exchange, ...]
    dropped: int = 0


def read_journal(lines: Iterable[str | bytes], *, file: str) -> SavedJournal:
    """Read a journal. Empty lines are skipped.

    Raises InputError with every line that is not an exchange; `file` names it in the problems.
    """
    exchanges: list[Exchange] = []
    problems: list[Problem] = []
    dropped = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = parse_json(line)
            exchanges += _read_exchanges(record)
            dropped += _read_dropped(record)
        except JsonError as error:
            place = Place(file, number, error.column)
            message = f"not JSON: {error.reason}"
            problems.append(Problem("not-json", message, place))
        except RecordError as error:
            place = Place(file, number)
            message = f"not an exchange: {error}"
            problems.append(Problem("bad-exchange", message, place))
    if problems:
        raise InputError(problems)
    return SavedJournal(tuple(exchanges), dropped)


def _read_exchanges(record: Json) -> list[Exchange]:
    """Read one exchange, or all those of a response of the control API. Raises RecordError."""
    if isinstance(record, dict):
        requests = record.get("requests")
        if isinstance(requests, list):
            return [Exchange.from_record(entry) for entry in requests]
    return [Exchange.from_record(record)]


def _read_dropped(record: Json) -> int:
    """Return how many exchanges the journal had dropped when it was saved."""
    if not isinstance(record, dict):
        return 0
    dropped = record.get("dropped")
    # `bool` is a subclass of `int`; true is not a count.
    if not isinstance(dropped, int) or isinstance(dropped, bool):
        return 0
    return max(dropped, 0)


def measure_coverage(contract: Contract, journals: Iterable[SavedJournal]) -> Report:
    """Return the coverage of saved journals; the counts are added.

    The same world name in two journals means two worlds.
    """
    reports = []
    for journal in journals:
        coverage = Coverage(contract)
        for exchange in journal.exchanges:
            coverage.observe(exchange)
        gaps = sum(_count_gaps(journal.exchanges))
        # Exchanges that the server reports as dropped are gaps too.
        missing = max(journal.dropped, gaps)
        coverage.add_unknown(MISSING_EXCHANGES, missing)
        reports.append(coverage.report())
    if not reports:
        return Coverage(contract).report()
    return Report.merge(*reports)


def _count_gaps(exchanges: Iterable[Exchange]) -> Iterator[int]:
    """Yield how many exchange numbers are missing, for each world and each run of numbers.

    The exchanges of a world are numbered from 1, and from 1 again after its journal is cleared.
    """
    numbers: dict[str, set[int]] = {}
    for exchange in exchanges:
        known = numbers.setdefault(exchange.world, set())
        if exchange.number in known:
            yield max(known) - len(known)
            known.clear()
        known.add(exchange.number)
    for known in numbers.values():
        yield max(known) - len(known)
