"""A page of the list: filters, order and paging.

The list is looked up in the orders of the population, which are computed once; the few tasks
of a world that differ from the population are merged in by binary search.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import chain, islice
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

    At `position` of the population's list, the task `task_id` is removed, or inserted before it.
    Edits sort by position; insertions come before a removal.
    """

    position: int
    removes: bool
    task_id: int


class _KnownList:
    """A list of a world: the population's list with edits."""

    __slots__ = ("edits", "offsets", "positions", "total")

    def __init__(self, positions: Sequence[int], edits: list[_Edit]) -> None:
        self.positions = positions
        """The positions of the matching tasks in the population, in order."""
        self.edits = edits
        self.offsets: list[int] = []
        """How many tasks of this list come before each edit."""
        shift = 0
        for edit in edits:
            self.offsets.append(edit.position + shift)
            shift += -1 if edit.removes else 1
        self.total = len(positions) + shift


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
    known = _find_list(overlay, filters, order)
    return _slice(overlay.base, known, first, first + size), known.total


def has_list(overlay: TaskOverlay, filters: Params, order: SortOrder) -> bool:
    """Return whether pages of a list are found without looking at all tasks."""
    key = _list_key(filters, order)
    return key in overlay.lists or key in overlay.earlier_lists


def _list_key(filters: Params, order: SortOrder) -> object:
    return order.field, order.descending, repr(sorted(filters.items()))


def _find_list(overlay: TaskOverlay, filters: Params, order: SortOrder) -> _KnownList:
    """Return a list of a world: known, or an earlier one with what has changed, or a new one.

    All pages of one list share it, as long as no task changes.
    """
    key = _list_key(filters, order)
    known: _KnownList | None = overlay.lists.get(key)
    if known is not None:
        return known
    if key in overlay.earlier_lists:
        earlier, changed = overlay.earlier_lists[key]
        known = _update_list(overlay, earlier, changed, filters, order)
    else:
        # The population never changes: its part of the list outlives the changes of tasks.
        positions = overlay.base.lists.get(key)
        if positions is None:
            positions = _matching_positions(overlay.base, filters, order)
            _hold(overlay.base.lists, key, positions)
        edits = _find_edits(overlay, positions, overlay.changed, filters, order)
        known = _KnownList(positions, edits)
    _hold(overlay.lists, key, known)
    return known


def _hold(lists: dict[object, Any], key: object, value: object) -> None:
    if len(lists) >= _MAX_LISTS:
        lists.clear()
    lists[key] = value


def _find_edits(
    overlay: TaskOverlay,
    positions: Sequence[int],
    changed: Iterable[int],
    filters: Params,
    order: SortOrder,
) -> list[_Edit]:
    """Return the differences that some changed tasks make, sorted."""
    base, ids = overlay.base, list(changed)
    known = (base.positions[task_id] for task_id in ids if task_id in base.positions)
    before = _filter_entries((base.entries[position] for position in known), filters)
    after = _filter_entries((build_index_entry(overlay.changed[id_]) for id_ in ids), filters)
    after.sort(key=cmp_to_key(order.compare))
    removals = [_Edit(_bisect(base.entries, positions, e, order), True, e.id) for e in before]
    insertions = [_Edit(_bisect(base.entries, positions, e, order), False, e.id) for e in after]
    # A stable sort by position and kind only: insertions stay in the list's order.
    return sorted([*insertions, *removals], key=_edit_place)


def _edit_place(edit: _Edit) -> tuple[int, bool]:
    return edit.position, edit.removes


def _update_list(
    overlay: TaskOverlay,
    earlier: _KnownList,
    changed: frozenset[int],
    filters: Params,
    order: SortOrder,
) -> _KnownList:
    """Return an earlier list with the edits of the tasks that have changed since."""
    edits = [edit for edit in earlier.edits if edit.task_id not in changed]

    def list_order(edit: _Edit) -> Any:
        return cmp_to_key(order.compare)(build_index_entry(overlay.changed[edit.task_id]))

    for edit in _find_edits(overlay, earlier.positions, changed, filters, order):
        place = bisect_left(edits, _edit_place(edit), key=_edit_place)
        if not edit.removes:
            # Insertions at one position are in the list's order.
            end = bisect_left(edits, (edit.position, True), lo=place, key=_edit_place)
            place = bisect_left(edits, list_order(edit), lo=place, hi=end, key=list_order)
        edits.insert(place, edit)
    return _KnownList(earlier.positions, edits)


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


def _slice(population: Population, known: _KnownList, first: int, last: int) -> list[int]:
    """Return the ids of the tasks of a list from the index `first` to before `last`.

    The cost is that of the page, wherever it lies.
    """
    ids: list[int] = []
    index = bisect_left(known.offsets, first)
    position = produced = 0  # how many of the positions, and of the list's tasks, are passed
    if index:
        edit = known.edits[index - 1]
        position, produced = edit.position + edit.removes, known.offsets[index - 1]
        produced += not edit.removes
    # A last edit, at the end of the list, inserts nothing.
    end = _Edit(len(known.positions), removes=False, task_id=0)
    for edit in chain(islice(known.edits, index, None), (end,)):
        if produced >= last:
            break
        # The unchanged stretch before this edit, cut to the page.
        low = max(first - produced, 0)
        high = min(last - produced, edit.position - position)
        if low < high:
            stretch = known.positions[position + low : position + high]
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
