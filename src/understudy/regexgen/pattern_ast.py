"""Patterns as trees of nodes, and functions that analyse a tree.

They compute widths, find lookarounds, and list the paths through alternatives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from understudy.regexgen.char_classes import ANY_CHARACTER, CharacterClass, UnsolvedError

_MAX_PATHS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Concatenation:
    """Nodes one after the other. Without nodes, it matches the empty string."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Alternation:
    """One of several nodes. Without nodes, it matches nothing."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Repetition:
    """A node that consumes characters, again and again."""

    node: "Node"
    min_count: int
    max_count: int | None
    """None: without limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Lookaround:
    """A condition on what follows, or (`behind`) on what comes before. It consumes nothing."""

    node: "Node"
    negated: bool
    behind: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """The beginning of the string, or its end."""

    at_start: bool


Node = CharacterClass | Concatenation | Alternation | Repetition | Lookaround | Anchor

ANYTHING = Repetition(ANY_CHARACTER, 0, None)
"""Any string."""


def child_nodes(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node."""
    match node:
        case Concatenation(nodes) | Alternation(nodes):
            return nodes
        case Repetition(inner) | Lookaround(inner):
            return (inner,)
    return ()


def iterate_classes(node: Node) -> Iterator[CharacterClass]:
    """Yield every class of characters in a tree, repetitions included."""
    if isinstance(node, CharacterClass):
        yield node
    for child in child_nodes(node):
        yield from iterate_classes(child)


def width_range(node: Node) -> tuple[int, int | None]:
    """Return how many characters a node consumes: at least, and at most (None: without limit)."""
    match node:
        case CharacterClass():
            return 1, 1
        case Lookaround() | Anchor():
            return 0, 0
        case Repetition(inner, min_count, max_count):
            shortest, longest = width_range(inner)
            if longest is None or max_count is None:
                return shortest * min_count, None
            return shortest * min_count, longest * max_count
        case Concatenation(nodes):
            shortest_widths, longest_widths = _split_widths(nodes)
            return sum(shortest_widths), None if longest_widths is None else sum(longest_widths)
        case Alternation(nodes):
            shortest_widths, longest_widths = _split_widths(nodes)
            shortest = min(shortest_widths, default=0)
            return shortest, None if longest_widths is None else max(longest_widths, default=0)


def _split_widths(nodes: Sequence[Node]) -> tuple[list[int], list[int] | None]:
    """Return the shortest and the longest width of each node.

    None when one of these is unlimited.
    """
    widths = [width_range(node) for node in nodes]
    shortest = [low for low, _ in widths]
    longest = [high for _, high in widths if high is not None]
    return shortest, longest if len(longest) == len(widths) else None


def has_lookaround(node: Node) -> bool:
    """Return whether a tree has a condition on its surroundings: a lookaround or an anchor."""
    return isinstance(node, Lookaround | Anchor) or any(map(has_lookaround, child_nodes(node)))


def has_lookbehind(node: Node) -> bool:
    """Return whether a tree has a condition on what comes before."""
    if isinstance(node, Lookaround) and node.behind:
        return True
    return any(map(has_lookbehind, child_nodes(node)))


def sees_only(nodes: Sequence[Node]) -> bool:
    """Return whether no lookahead in a sequence of nodes can see beyond the end of the sequence."""
    for index, node in enumerate(nodes):
        if isinstance(node, Lookaround) and not node.behind:
            room = sum(width_range(after)[0] for after in nodes[index + 1 :])
            longest = width_range(node.node)[1]
            if longest is None or longest > room or has_lookaround(node.node):
                return False
        elif not isinstance(node, Lookaround) and _may_see_ahead(node):
            return False
    return True


def _may_see_ahead(node: Node) -> bool:
    """Return whether a node has conditions other than to be at the start of the string."""
    is_start = isinstance(node, Anchor) and node.at_start
    return has_lookaround(node) and not is_start


def starts_of(nodes: Sequence[Node], at_start: bool | None) -> list[bool | None]:
    """Return for each node of a sequence whether it is at the start of the string.

    `at_start` says so of the whole sequence. None: it depends on what the nodes before consume.
    """
    starts: list[bool | None] = []
    for node in nodes:
        starts.append(at_start)
        shortest, longest = width_range(node)
        if shortest:
            at_start = False
        elif longest != 0 and at_start:
            at_start = None
    return starts


def list_paths(node: Node) -> list[list[Node]]:
    """Return each path through a tree with lookbehinds: a list of nodes one after the other.

    Alternatives become paths of their own, as far as they contain a lookbehind. Raises
    UnsolvedError when there are too many paths.
    """
    if not has_lookbehind(node):
        return [[node]]
    match node:
        case Alternation(nodes):
            return [path for alternative in nodes for path in list_paths(alternative)]
        case Concatenation(nodes):
            return _join_paths(nodes)
    return [[node]]


def _join_paths(nodes: Sequence[Node]) -> list[list[Node]]:
    """Return the paths through nodes one after the other: every combination of theirs."""
    paths: list[list[Node]] = [[]]
    for node in nodes:
        continuations = list_paths(node)
        paths = [[*path, *continuation] for path in paths for continuation in continuations]
        if len(paths) > _MAX_PATHS:
            raise UnsolvedError
    return paths


def is_anchored(nodes: Sequence[Node]) -> bool:
    """Return whether a sequence of nodes begins with an anchor at the start of the string."""
    return bool(nodes) and isinstance(nodes[0], Anchor) and nodes[0].at_start
