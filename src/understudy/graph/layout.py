"""The layout of an acyclic graph: nodes in layers, in an order with few crossings.

Source: Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system
structures" (1981): layers by the longest path, order by the mean position of the neighbours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SWEEPS = 8
"""How often the order is improved, downwards and upwards in turn."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node, such as a subtask."""

    id: int
    label: str
    status: str = ""
    note: str = ""
    """A second line: `RETRY`, `run 2`."""
    after: tuple[int, ...] = ()
    """The nodes that it comes after. Ids of no node are ignored."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Nodes with their places: the layer from 0, and the position in the layer from 0."""

    layers: tuple[tuple[Node, ...], ...]
    edges: tuple[tuple[int, int], ...]
    """Pairs of ids, from a node to one that comes after it, without those that others imply."""

    @property
    def places(self) -> Mapping[int, tuple[int, int]]:
        """Layer and position by id."""
        return {
            node.id: (number, position)
            for number, layer in enumerate(self.layers)
            for position, node in enumerate(layer)
        }

    @property
    def width(self) -> int:
        """How many nodes the widest layer has."""
        return max((len(layer) for layer in self.layers), default=0)


def lay_out(nodes: Sequence[Node]) -> Layout:
    """Return the layout of nodes. The same nodes in the same order have the same layout.

    Raises ValueError for nodes that come after each other in a cycle, or that share an id.
    """
    by_id = {node.id: node for node in nodes}
    if len(by_id) != len(nodes):
        raise ValueError("two nodes have the same id")
    befores = {
        node.id: tuple(dict.fromkeys(number for number in node.after if number in by_id))
        for node in nodes
    }
    depths = _find_depths(befores)
    edges = _reduce(befores, depths)
    order: list[list[int]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for node in nodes:
        order[depths[node.id]].append(node.id)
    order = _improve(order, edges)
    layers = tuple(tuple(by_id[number] for number in layer) for layer in order)
    return Layout(layers, tuple(edges))


def _find_depths(befores: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return the length of the longest path to each node."""
    depths: dict[int, int] = {}
    remaining = dict(befores)
    while remaining:
        ready = [
            number
            for number, before in remaining.items()
            if all(other in depths for other in before)
        ]
        if not ready:
            raise ValueError("the nodes come after each other in a cycle")
        known = {
            number: max((depths[other] + 1 for other in befores[number]), default=0)
            for number in ready
        }
        depths.update(known)
        for number in ready:
            del remaining[number]
    return depths


def _reduce(
    befores: Mapping[int, Sequence[int]], depths: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Return the edges without those that longer paths imply (transitive reduction)."""
    ancestors: dict[int, set[int]] = {}
    edges: list[tuple[int, int]] = []
    for number in sorted(befores, key=lambda each: depths[each]):
        direct = befores[number]
        implied = set[int]().union(*(ancestors[other] for other in direct))
        edges += [(other, number) for other in direct if other not in implied]
        ancestors[number] = implied.union(direct)
    return edges


def _improve(order: list[list[int]], edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the order with the fewest crossings that some sweeps reach."""
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for start, end in edges:
        above.setdefault(end, []).append(start)
        below.setdefault(start, []).append(end)
    best, best_crossings = order, count_crossings(order, edges)
    current = [list(layer) for layer in order]
    for sweep in range(_SWEEPS):
        if not best_crossings:
            break
        downwards = sweep % 2 == 0
        neighbours = above if downwards else below
        indexes = range(len(current)) if downwards else reversed(range(len(current)))
        positions = _positions(current)
        for index in indexes:
            current[index] = _sort_layer(current[index], neighbours, positions)
            for position, number in enumerate(current[index]):
                positions[number] = position
        crossings = count_crossings(current, edges)
        if crossings < best_crossings:
            best, best_crossings = [list(layer) for layer in current], crossings
    return best


def _sort_layer(
    layer: list[int], neighbours: Mapping[int, list[int]], positions: Mapping[int, float]
) -> list[int]:
    """Return a layer in the order of the mean positions of its nodes' neighbours.

    A node without neighbours stays where it is.
    """

    def mean(number: int) -> float:
        known = [positions[other] for other in neighbours.get(number, ())]
        return sum(known) / len(known) if known else positions[number]

    return sorted(layer, key=mean)


def _positions(order: Sequence[Sequence[int]]) -> dict[int, float]:
    return {number: position for layer in order for position, number in enumerate(layer)}


def count_crossings(order: Sequence[Sequence[int]], edges: Sequence[tuple[int, int]]) -> int:
    """Return how many pairs of edges between the same two layers cross."""
    places = {
        number: (depth, position)
        for depth, layer in enumerate(order)
        for position, number in enumerate(layer)
    }
    by_layers: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for start, end in edges:
        (upper, left), (lower, right) = places[start], places[end]
        by_layers.setdefault((upper, lower), []).append((left, right))
    return sum(_count_inversions(sorted(pairs)) for pairs in by_layers.values())


def _count_inversions(pairs: Sequence[tuple[int, int]]) -> int:
    """Return how many later pairs end to the left of an earlier one that starts further left."""
    count = 0
    for index, (start, end) in enumerate(pairs):
        for other_start, other_end in pairs[index + 1 :]:
            count += other_start > start and other_end < end
    return count
