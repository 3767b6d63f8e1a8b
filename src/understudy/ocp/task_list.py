"""A page of the list: filters, order and paging.

The list is looked up in the orders of the population, which are computed once; the few tasks
of a world that differ from the population are merged in by binary search.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.layered_map import LayeredMap
from understudy.ocp.population import IndexEntry, Population, build_index_entry
from understudy.ocp.sorted_chunks import SortedChunks
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


_MAX_MERGES = 4
"""A held list is dropped when the world's changes were merged more often since: it holds them."""


class _Edit(NamedTuple):
    """A difference between the list of the population and the list of a world.

    At `position` of the population's list, a task is removed, or the task `task_id` inserted.
    Edits sort by position; insertions come before a removal, and stay in the list's order.
    """

    position: int
    removes: bool
    rank: Any = None
    """Sorts insertions at one position."""
    task_id: int = 0


def _weigh(edit: _Edit) -> int:
    """Return by how much an edit makes the list longer."""
    return -1 if edit.removes else 1


class _WorldList(NamedTuple):
    """The list of a world: the population's matching positions, and the differences."""

    positions: Sequence[int]
    edits: SortedChunks[_Edit]
    changed: LayeredMap[int, Task]
    """The changed tasks that the edits were found for."""


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
    world_list = _find_list(overlay, filters, order)
    total = len(world_list.positions) + sum(world_list.edits.weights)
    return _slice_with_edits(overlay.base, world_list, first, size), total


def has_list(overlay: TaskOverlay, filters: Params, order: SortOrder) -> bool:
    """Return whether pages of a list are found without looking at all changed tasks."""
    known: _WorldList | None = overlay.lists.get(_list_key(filters, order))
    return known is not None and known.changed.merges == overlay.changed.merges


def _list_key(filters: Params, order: SortOrder) -> object:
    return order.field, order.descending, repr(sorted(filters.items()))


def _find_list(overlay: TaskOverlay, filters: Params, order: SortOrder) -> _WorldList:
    """Return the list of a world.

    All pages of one list share it. After a change of tasks, only their edits are found anew.
    """
    key = _list_key(filters, order)
    lists: dict[object, _WorldList] = overlay.lists
    known = lists.get(key)
    if known is not None and known.changed is overlay.changed:
        return known
    if known is None:
        # The population never changes: its part of the list outlives the changes of tasks.
        positions = overlay.base.lists.get(key)
        if positions is None:
            positions = _matching_positions(overlay.base, filters, order)
            _hold(overlay.base.lists, key, positions)
        known = _WorldList(positions, SortedChunks((), _weigh), LayeredMap())
    updated = _update_list(known, overlay, filters, order)
    lists.pop(key, None)
    for other, held in list(lists.items()):
        if overlay.changed.merges - held.changed.merges > _MAX_MERGES:
            lists.pop(other, None)
    _hold(lists, key, updated)
    return updated


def _hold(lists: dict[object, Any], key: object, value: object) -> None:
    if len(lists) >= _MAX_LISTS:
        lists.clear()
    lists[key] = value


def _update_list(
    known: _WorldList, overlay: TaskOverlay, filters: Params, order: SortOrder
) -> _WorldList:
    """Return the list of a world after other changes of tasks than those of a known list."""
    before, after = known.changed, overlay.changed
    ids = after.keys_that_differ(before)
    finder = _EditFinder(overlay.base, known.positions, filters, order)
    removed = finder.insertions(before, ids)
    removed += finder.removals(task_id for task_id in ids if task_id not in after)
    added = finder.insertions(after, ids)
    added += finder.removals(task_id for task_id in ids if task_id not in before)
    return _WorldList(known.positions, known.edits.with_changes(removed, added), after)


@dataclass(frozen=True, slots=True)
class _EditFinder:
    """Finds the edits of a list that changed tasks make."""

    base: Population
    positions: Sequence[int]
    """The population's matching positions."""
    filters: Params
    order: SortOrder

    def insertions(self, tasks: Mapping[int, Task], ids: Iterable[int]) -> list[_Edit]:
        """Return an edit for each matching task; ids without a task have none."""
        entries = [build_index_entry(tasks[task_id]) for task_id in ids if task_id in tasks]
        rank = cmp_to_key(self.order.compare)
        return [
            _Edit(self._bisect(entry), False, rank(entry), entry.id)
            for entry in _filter_entries(entries, self.filters)
        ]

    def removals(self, ids: Iterable[int]) -> list[_Edit]:
        """Return an edit for each matching task of the population."""
        positions = self.base.positions
        entries = [self.base.entries[positions[id_]] for id_ in ids if id_ in positions]
        return [
            _Edit(self._bisect(entry), True) for entry in _filter_entries(entries, self.filters)
        ]

    def _bisect(self, entry: IndexEntry) -> int:
        return _bisect(self.base.entries, self.positions, entry, self.order)


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
    population: Population, world_list: _WorldList, first: int, size: int
) -> list[int]:
    """Return the ids of `size` tasks after the `first` ones of the positions with the edits.

    The cost is that of the page and the edits in it, wherever the page lies.
    """
    positions, last = world_list.positions, first + size
    ids: list[int] = []
    chunks, position, longer = _skip_chunks(world_list.edits, first)
    # A last edit, at the end of the list, inserts nothing.
    end = _Edit(len(positions), removes=False)
    for edit in chain(chain.from_iterable(chunks), [end]):
        produced = position + longer  # how many tasks of the edited list are passed
        if produced >= last:
            break
        # The unchanged stretch before this edit, cut to the page.
        low = max(first - produced, 0)
        high = min(last - produced, edit.position - position)
        if low < high:
            stretch = positions[position + low : position + high]
            ids += [population.entries[index].id for index in stretch]
        position = edit.position
        if edit.removes:
            position += 1
        elif edit is not end and first <= position + longer < last:
            ids.append(edit.task_id)
        longer += _weigh(edit)
    return ids


def _skip_chunks(
    edits: SortedChunks[_Edit], first: int
) -> tuple[Iterable[tuple[_Edit, ...]], int, int]:
    """Return the chunks of edits without those before a page, and the place where they begin.

    The place: how many of the population's positions are passed, and by how much the edited
    list is longer until there.
    """
    position = longer = index = 0
    following = zip(edits.chunks, edits.weights, edits.chunks[1:], strict=False)
    for chunk, weight, next_chunk in following:
        if next_chunk[0].position + longer + weight > first:
            break
        position = chunk[-1].position + chunk[-1].removes
        longer += weight
        index += 1
    return edits.chunks[index:], position, longer
