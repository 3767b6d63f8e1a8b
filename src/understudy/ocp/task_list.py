"""A page of the list: filters, order and paging.

The list is looked up in the orders of the population, which are computed once; the few tasks
of a world that differ from the population are merged in by binary search.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, NamedTuple, TypeAlias

from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.population import IndexEntry, Population, build_index_entry
from understudy.ocp.task_model import Task, TaskStatus
from understudy.ocp.task_overlay import TaskOverlay

Params: TypeAlias = Mapping[str, Any]
"""Decoded query parameters by their documented names. None and an absent name mean the same."""


@dataclass(frozen=True, slots=True)
class SortOrder:
    """A sort order of the list: one of `SORT_FIELDS`, and the direction."""

    field: str
    descending: bool

    def key(self, entry: IndexEntry) -> Any:
        """Return the sort key of an entry.

        An absent value is smaller than every other, as NULL is in a database.
        """
        return _SORT_KEYS[self.field](entry)

    def compare(self, first: IndexEntry, second: IndexEntry) -> int:
        """Return -1 when `first` comes first, 1 when `second` does. Ties go by ascending id."""
        first_key, second_key = self.key(first), self.key(second)
        if first_key == second_key:
            return (first.id > second.id) - (first.id < second.id)
        if (first_key < second_key) != self.descending:
            return -1
        return 1


def _finish_time_key(entry: IndexEntry) -> tuple[object, ...]:
    # Tuples, because None and a moment cannot be compared.
    if entry.finish_time is None:
        return (False,)
    return (True, entry.finish_time)


_SORT_KEYS: Mapping[str, Callable[[IndexEntry], Any]] = {
    "id": lambda entry: entry.id,
    "name": lambda entry: entry.name,
    "status": lambda entry: entry.status.value,
    "type": lambda entry: entry.type,
    "createTime": lambda entry: entry.create_time,
    "startTime": lambda entry: entry.create_time,  # a task starts when it is created
    "finishTime": _finish_time_key,
}
SORT_FIELDS = tuple(_SORT_KEYS)
"""The fields by which a client can sort the list."""


def parse_sort(sort: object) -> SortOrder:
    """Parse `field`, `field,asc` or `field,desc`; None: newest id first.

    Raises OcpError: 1011 for an unknown field, 1001 for an unknown direction.
    """
    field, comma, direction = str(sort or "id,desc").partition(",")
    if field not in _SORT_KEYS:
        raise OcpError(ErrorKind.UNKNOWN_SORT_FIELD, (field,))
    if comma and direction not in ("asc", "desc"):
        raise OcpError(ErrorKind.ILLEGAL_VALUE, ("sort",))
    return SortOrder(field, direction == "desc")


def _contains(text: str, part: object) -> bool:
    return str(part).casefold() in text.casefold()


def _has_cluster_name(entry: IndexEntry, part: object) -> bool:
    return entry.cluster_id is not None and _contains(entry.cluster_name, part)


def _has_tenant_name(entry: IndexEntry, part: object) -> bool:
    return entry.tenant_id is not None and _contains(entry.tenant_name, part)


_FILTERS: Mapping[str, Callable[[IndexEntry, Any], bool]] = {
    "name": lambda entry, part: _contains(entry.name, part),
    "clusterName": _has_cluster_name,
    "tenantName": _has_tenant_name,
    "status": lambda entry, statuses: entry.status.value in statuses,
    "type": lambda entry, type_: entry.type == type_,
    "clusterId": lambda entry, id_: entry.cluster_id == id_,
    "tenantId": lambda entry, id_: entry.tenant_id == id_,
    "hostId": lambda entry, id_: entry.host_id == id_,
}
"""Each filter by its parameter. Names are substrings, in any case."""


def parse_filters(params: Params) -> Params:
    """Return the filters that a client has set.

    An empty string or list is a field left empty in a form: it does not filter.
    """
    return {name: params[name] for name in _FILTERS if params.get(name) not in (None, "", [])}


_MAX_LISTS = 32
"""How many lists (filters and an order) of a population, and of a world, are held."""


class _Edit(NamedTuple):
    """A difference between the list of the population and the list of a world.

    At `position` of the population's list, a task is removed, or the task `task_id` inserted.
    Edits sort by position; insertions come before a removal.
    """

    position: int
    removes: bool
    task_id: int = 0


def select_page(
    tasks: Mapping[int, Task], filters: Params, order: SortOrder, first: int, size: int
) -> tuple[list[Task], int]:
    """Return the tasks of a page and the number of all matching tasks.

    The page starts after the `first` tasks and has at most `size`.
    """
    ids, total = select_page_ids(tasks, filters, order, first, size)
    return [tasks[task_id] for task_id in ids], total


def select_page_ids(
    tasks: Mapping[int, Task], filters: Params, order: SortOrder, first: int, size: int
) -> tuple[list[int], int]:
    """Return the ids of a page's tasks and the number of all matching tasks: see select_page."""
    overlay = TaskOverlay.of(tasks)
    positions, edits = _list_with_edits(overlay, filters, order)
    removed = sum(edit.removes for edit in edits)
    total = len(positions) + len(edits) - 2 * removed
    return _slice_with_edits(overlay.base, positions, edits, first, size), total


def _list_with_edits(
    overlay: TaskOverlay, filters: Params, order: SortOrder
) -> tuple[Sequence[int], list[_Edit]]:
    """Return the population's matching positions, and the differences of the world's list.

    All pages of one list share them, as long as no task changes.
    """
    key = (order.field, order.descending, repr(sorted(filters.items())))
    lists: dict[object, tuple[Sequence[int], list[_Edit]]] = overlay.lists
    known = lists.get(key)
    if known is None:
        # The population never changes: its part of the list outlives the changes of tasks.
        positions = overlay.base.lists.get(key)
        if positions is None:
            positions = _matching_positions(overlay.base, filters, order)
            _hold(overlay.base.lists, key, positions)
        known = positions, _find_edits(overlay, positions, filters, order)
        _hold(lists, key, known)
    return known


def _hold(lists: dict[object, Any], key: object, value: object) -> None:
    if len(lists) >= _MAX_LISTS:
        lists.clear()
    lists[key] = value


def _find_edits(
    overlay: TaskOverlay, positions: Sequence[int], filters: Params, order: SortOrder
) -> list[_Edit]:
    """Return the differences that a world's changed tasks make, sorted."""
    base = overlay.base
    known = (base.positions[task_id] for task_id in overlay.changed if task_id in base.positions)
    before = _filter_entries((base.entries[position] for position in known), filters)
    after = _filter_entries(map(build_index_entry, overlay.changed.values()), filters)
    after.sort(key=cmp_to_key(order.compare))
    removals = [_Edit(_bisect(base.entries, positions, e, order), True) for e in before]
    insertions = [_Edit(_bisect(base.entries, positions, e, order), False, e.id) for e in after]
    # A stable sort by position and kind only: insertions stay in the list's order.
    return sorted([*insertions, *removals], key=lambda edit: edit[:2])


def _filter_entries(entries: Iterable[IndexEntry], filters: Params) -> list[IndexEntry]:
    return [
        entry
        for entry in entries
        if all(_FILTERS[name](entry, value) for name, value in filters.items())
    ]


def _matching_positions(population: Population, filters: Params, order: SortOrder) -> Sequence[int]:
    """Return the positions of the population's matching tasks, in order.

    The most frequent queries (by id, with a filter on the status at most) are precomputed.
    """
    if order.field == "id" and set(filters) <= {"status"}:
        wanted = filters.get("status", [status.value for status in TaskStatus])
        statuses = frozenset(status for status in TaskStatus if status.value in wanted)
        return population.positions_with_status(statuses, order.descending)
    positions = population.sorted_positions(order.field, order.key, order.descending)
    entries = population.entries
    for name, value in filters.items():
        matches = _FILTERS[name]
        if name == "name":
            part, names = str(value).casefold(), population.casefolded_names
            positions = [position for position in positions if part in names[position]]
        else:
            positions = [position for position in positions if matches(entries[position], value)]
    return positions


def _bisect(
    entries: Sequence[IndexEntry], positions: Sequence[int], entry: IndexEntry, order: SortOrder
) -> int:
    """Return how many of the positions come before an entry, by binary search."""
    get_key, descending = _SORT_KEYS[order.field], order.descending
    key, task_id = get_key(entry), entry.id

    def is_not_before(position: int) -> bool:
        other = entries[position]
        other_key = get_key(other)
        if other_key == key:
            return other.id >= task_id
        return bool((other_key < key) == descending)

    return bisect_left(positions, True, key=is_not_before)


def _slice_with_edits(
    population: Population, positions: Sequence[int], edits: list[_Edit], first: int, size: int
) -> list[int]:
    """Return the ids of `size` tasks after the `first` ones of the positions with the edits.

    The cost is that of the edits and the page, wherever the page lies.
    """
    ids: list[int] = []
    position = 0  # how many of the positions are passed
    produced = 0  # how many tasks of the edited list are passed
    last = first + size
    # A last edit, at the end of the list, inserts nothing.
    end = _Edit(len(positions), removes=False)
    for edit in [*edits, end]:
        # The unchanged stretch before this edit, cut to the page.
        low = max(first - produced, 0)
        high = min(last - produced, edit.position - position)
        if low < high:
            stretch = positions[position + low : position + high]
            ids += [population.entries[index].id for index in stretch]
        produced += edit.position - position
        position = edit.position
        if edit.removes:
            position += 1
        elif edit is not end:
            if first <= produced < last:
                ids.append(edit.task_id)
            produced += 1
    return ids
