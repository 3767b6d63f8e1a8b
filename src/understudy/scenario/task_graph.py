"""The graph of a task: the entries of `after` become edges between subtasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from understudy.errors import ProblemReport
from understudy.ocp import Subtask

Upstreams = dict[int, tuple[int, ...]]
"""By subtask id: the ids of the subtasks that it waits for."""
IdsByName = Mapping[int | str, Collection[int]]
"""By id or name: the ids of the subtasks that it means."""


@dataclass(frozen=True, slots=True)
class SubtaskNode:
    """A subtask before its edges are known."""

    subtask: Subtask
    pointer: str
    """The JSON pointer of the subtask in the file."""
    after: Sequence[int | str | None]
    """The value of `after`: ids and names; None for an entry that has been removed."""


def link_subtasks(
    nodes: Sequence[SubtaskNode],
    report: ProblemReport,
) -> tuple[tuple[Subtask, ...], tuple[int, ...] | None]:
    """Return the subtasks with their edges, and their ids, each after its upstreams.

    Unknown and ambiguous entries of `after` are reported and left out. A cycle is reported, and
    there is no order then.
    """
    ids_by_name = _group_ids(nodes)
    upstreams: Upstreams = {}
    for node in nodes:
        upstreams[node.subtask.id] = _parse_upstreams(node, ids_by_name, report)
    return _add_edges(nodes, upstreams), _sort_ids(nodes, upstreams, report)


def _group_ids(nodes: Sequence[SubtaskNode]) -> IdsByName:
    """Return what an entry of `after` can mean: an id itself, or all ids with a name.

    Ids and names cannot be confused: ids are integers, and names are texts.
    """
    ids_by_name: dict[int | str, set[int]] = {}
    for node in nodes:
        subtask = node.subtask
        ids_by_name[subtask.id] = {subtask.id}
    for node in nodes:
        subtask = node.subtask
        ids_by_name.setdefault(subtask.name, set()).add(subtask.id)
    return ids_by_name


def _parse_upstreams(
    node: SubtaskNode,
    ids_by_name: IdsByName,
    report: ProblemReport,
) -> tuple[int, ...]:
    """Return the ids of the subtasks in `after`, each once, in the order of the file."""
    upstreams: list[int] = []
    for index, name in enumerate(node.after):
        if name is None:
            continue
        ids = ids_by_name.get(name, ())
        if len(ids) == 1:
            upstreams += ids
            continue
        pointer = f"{node.pointer}/after/{index}"
        if ids:
            message = f'{len(ids)} subtasks of this task are named "{name}"'
            report.add("ambiguous-subtask", message, pointer, expected="an id")
        else:
            _report_unknown_subtask(name, pointer, ids_by_name, report)
    return tuple(dict.fromkeys(upstreams))


def _report_unknown_subtask(
    name: int | str,
    pointer: str,
    known: Collection[int | str],
    report: ProblemReport,
) -> None:
    """Report an entry of `after` that no subtask of the task has as id or name.

    `'5'` is a name in YAML; if 5 is an id, the hint says so.
    """
    same_type = [str(key) for key in known if isinstance(key, type(name))]
    near = report.find_nearest(str(name), same_type)
    shown, hint = str(name), ""
    if isinstance(name, str):
        shown = f'"{name}"'
        if name in map(str, known):
            hint = "Write the id without quotes."
    message = f"unknown subtask {shown} in this task"
    report.add("unknown-subtask", message, pointer, nearest=near, hint=hint)


def _add_edges(
    nodes: Sequence[SubtaskNode],
    upstreams: Upstreams,
) -> tuple[Subtask, ...]:
    """Return the subtasks with their upstreams and downstreams."""
    downstreams: dict[int, list[int]] = {node.subtask.id: [] for node in nodes}
    for subtask_id, needed in upstreams.items():
        for upstream in needed:
            downstreams[upstream].append(subtask_id)
    subtasks = []
    for node in nodes:
        subtask_id = node.subtask.id
        subtask = replace(
            node.subtask,
            upstreams=upstreams[subtask_id],
            downstreams=tuple(downstreams[subtask_id]),
        )
        subtasks.append(subtask)
    return tuple(subtasks)


def _sort_ids(
    nodes: Sequence[SubtaskNode],
    upstreams: Upstreams,
    report: ProblemReport,
) -> tuple[int, ...] | None:
    """Return the ids, each after its upstreams. Report a cycle, and return None."""
    try:
        return tuple(TopologicalSorter(upstreams).static_order())
    except CycleError as error:
        cycle = error.args[1]  # the documented second argument: the ids, the first one repeated
    path = " → ".join(map(str, cycle))
    first = next(node for node in nodes if node.subtask.id in cycle)
    message = f"the subtasks wait for each other in a cycle: {path}"
    report.add("cycle", message, f"{first.pointer}/after", key=True)
    return None
