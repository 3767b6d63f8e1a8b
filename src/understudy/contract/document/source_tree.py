"""A document made of one file or of several layers (overlays), which still knows where each node was written."""

from dataclasses import dataclass, field
from typing import Any

from understudy.contract.document.pointers import child_pointer, parse_pointer
from understudy.errors import Place
from understudy.source import Source

Origin = tuple[Source, str]
"""The file that a node was read from, and its pointer there."""
Key = str | int


@dataclass(frozen=True, slots=True)
class Tree:
    """A document with the origin of its nodes."""

    data: Any
    origin: Origin
    """That of the whole."""
    child_origins: dict[int, Any] = field(default_factory=dict, repr=False)
    """By identity of a dict or list: the origin of each child, in a dict or list that is changed along with it. What
    lies below a container that is not here stands where it stands in the container's own file."""

    @classmethod
    def of(cls, source: Source) -> "Tree":
        """Give the tree of one file, its data not copied."""
        return cls(source.data, (source, ""))

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give where the node at a pointer was written, or its nearest ancestor that was written."""
        node, (source, written) = self.data, self.origin
        for token in parse_pointer(pointer):
            try:
                step: Key = int(token) if isinstance(node, list) else token
                below = node[step]
            except (LookupError, TypeError, ValueError):
                written = child_pointer(written, token)
                break
            source, written = self._below(node, step, (source, written))
            node = below
        return source.place(written, key=key)

    def _below(self, node: Any, key: Key, origin: Origin) -> Origin:
        parts = self.child_origins.get(id(node))
        here = (origin[0], child_pointer(origin[1], key))
        if isinstance(
            parts, dict
        ):  # what was put in after the overlays (`anchors`) has no origin of its own
            parts = parts if key in parts else None
        found: Origin = here if parts is None else parts[key]
        return found

    def copy(self) -> "Tree":
        """Give a tree of its own containers, no two of them shared, so that it can be changed; origins are kept."""
        copied = Tree(None, self.origin, {})
        return Tree(copied.graft(self.data, self.origin, self), self.origin, copied.child_origins)

    def graft(self, node: Any, origin: Origin, of: "Tree") -> Any:
        """Copy a node of another tree, write the origins of all that is in it down here, and give the copy."""
        if isinstance(node, dict):
            origins = {key: of._below(node, key, origin) for key in node}
            made: Any = {key: self.graft(value, origins[key], of) for key, value in node.items()}
            self.child_origins[id(made)] = origins
            return made
        if isinstance(node, list):
            places = [of._below(node, index, origin) for index in range(len(node))]
            made = [self.graft(value, place, of) for value, place in zip(node, places, strict=True)]
            self.child_origins[id(made)] = places
            return made
        return node

    def put(self, node: dict[str, Any], key: str, value: Any, origin: Origin) -> None:
        """Set a member of one of this tree's objects to a copy of a value of a file."""
        node[key] = self.graft(value, origin, Tree.of(origin[0]))
        self.child_origins[id(node)][key] = origin

    def append(self, node: list[Any], value: Any, origin: Origin) -> None:
        """Append a copy of a value of a file to one of this tree's lists."""
        node.append(self.graft(value, origin, Tree.of(origin[0])))
        self.child_origins[id(node)].append(origin)

    def remove(self, node: Any, key: Key) -> None:
        """Take a child out of one of this tree's containers."""
        del node[key]
        del self.child_origins[id(node)][key]
