"""A page of the list: filters, order and paging over a population and the few tasks that differ from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.population import IndexEntry, Population, build_index_entry
from understudy.ocp.task_model import Task, TaskStatus
from understudy.ocp.task_overlay import TaskOverlay


@dataclass(frozen=True, slots=True)
class SortOrder:
    """A field of the list, and which way."""

    field: str
    descending: bool

    def key(self, head: IndexEntry) -> Any:
        """Give what a head is ordered by. What is absent is smaller than every value, as NULL is for a database."""
        return _SORT_KEYS[self.field](head)

    def compare(self, one: IndexEntry, other: IndexEntry) -> int:
        """Give -1 when `one` comes first, 1 when `other` does. Ties go by ascending id."""
        first, second = self.key(one), self.key(other)
        if first != second:
            return -1 if (first < second) != self.descending else 1
        return (one.id > other.id) - (one.id < other.id)


_SORT_KEYS: Mapping[str, Callable[[IndexEntry], Any]] = {
    "id": lambda head: head.id,
    "name": lambda head: head.name,
    "status": lambda head: head.status.value,
    "type": lambda head: head.type,
    "createTime": lambda head: head.create_time,
    "startTime": lambda head: head.create_time,  # a task starts when it is made
    "finishTime": lambda head: (
        (head.finish_time is not None, head.finish_time) if head.finish_time else (False,)
    ),
}
SORT_FIELDS = tuple(_SORT_KEYS)
"""The fields that the list can be sorted by."""


def parse_sort(sort: Any) -> SortOrder:
    """Read `field`, `field,asc` or `field,desc`. Raises Refusal: 1011 for the field, 1001 for the direction."""
    field, comma, direction = str(sort or "id,desc").partition(",")
    if field not in _SORT_KEYS:
        raise OcpError(ErrorKind.UNKNOWN_SORT_FIELD, (field,))
    if comma and direction not in ("asc", "desc"):
        raise OcpError(ErrorKind.ILLEGAL_VALUE, ("sort",))
    return SortOrder(field, direction == "desc")


_FILTERS: Mapping[str, Callable[[IndexEntry, Any], bool]] = {
    "name": lambda head, text: _contains(head.name, text),
    "clusterName": lambda head, text: (
        head.cluster_id is not None and _contains(head.cluster_name, text)
    ),
    "tenantName": lambda head, text: (
        head.tenant_id is not None and _contains(head.tenant_name, text)
    ),
    "status": lambda head, statuses: head.status.value in statuses,
    "type": lambda head, type_: head.type == type_,
    "clusterId": lambda head, id_: head.cluster_id == id_,
    "tenantId": lambda head, id_: head.tenant_id == id_,
    "hostId": lambda head, id_: head.host_id == id_,
}


def _contains(text: str, part: str) -> bool:
    return str(part).casefold() in text.casefold()


def parse_filters(params: Mapping[str, Any]) -> dict[str, Any]:
    """Give the filters that are set. An empty text or list is one that was left empty in a form: it does not filter."""
    return {name: params[name] for name in _FILTERS if params.get(name) not in (None, "", [])}


def select_page(
    tasks: Mapping[int, Task], filters: Mapping[str, Any], order: SortOrder, first: int, size: int
) -> tuple[list[Task], int]:
    """Give the tasks of a page, which starts after `first` tasks, and how many match in all."""
    table = TaskOverlay.of(tasks)
    population = table.base
    places = _sequence(population, filters, order)

    def where(head: IndexEntry) -> int:
        return _bisect(population.entries, places, head, order)

    def matches(head: IndexEntry) -> bool:
        return all(_FILTERS[name](head, wanted) for name, wanted in filters.items())

    before = [
        population.entries[population.positions[i]]
        for i in table.changed
        if i in population.positions
    ]
    removed = [(where(head), 1, 0) for head in before if matches(head)]
    after = [head for head in map(build_index_entry, table.changed.values()) if matches(head)]
    after.sort(key=cmp_to_key(order.compare))
    inserted = [(where(head), 0, head.id) for head in after]
    total = len(places) - len(removed) + len(inserted)
    edits = sorted([*inserted, *removed], key=lambda edit: edit[:2])
    return [table[i] for i in _window(population, places, edits, first, size)], total


def _sequence(
    population: Population, filters: Mapping[str, Any], order: SortOrder
) -> Sequence[int]:
    """Give the places of the population's tasks that match, in order. What is asked for most is remembered there."""
    if order.field == "id" and set(filters) <= {"status"}:
        statuses = frozenset(
            s for s in TaskStatus if s.value in filters.get("status", [t.value for t in TaskStatus])
        )
        return population.positions_with_status(statuses, order.descending)
    places: Sequence[int] = population.sorted_positions(order.field, order.key, order.descending)
    heads = population.entries
    for name, wanted in filters.items():
        test = _FILTERS[name]
        if name == "name":
            part, folded = str(wanted).casefold(), population.casefolded_names
            places = [place for place in places if part in folded[place]]
        else:
            places = [place for place in places if test(heads[place], wanted)]
    return places


def _bisect(
    heads: Sequence[IndexEntry], places: Sequence[int], head: IndexEntry, order: SortOrder
) -> int:
    """Give how many of the places come before a head."""
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if order.compare(heads[places[middle]], head) < 0:
            low = middle + 1
        else:
            high = middle
    return low


def _window(
    population: Population,
    places: Sequence[int],
    edits: list[tuple[int, int, int]],
    first: int,
    size: int,
) -> list[int]:
    """Give the ids from `first` on, of the places with edits: (where, 0, id) puts one in, (where, 1, 0) takes one out.

    Costs what the edits and the page cost, wherever the page lies.
    """
    found: list[int] = []
    at = produced = 0
    for where, removes, task_id in [*edits, (len(places), -1, 0)]:
        low, high = max(first - produced, 0), min(first + size - produced, where - at)
        if low < high:
            found += [population.entries[place].id for place in places[at + low : at + high]]
        produced += where - at
        at = where + (removes == 1)
        if removes == 0:
            if first <= produced < first + size:
                found.append(task_id)
            produced += 1
    return found
