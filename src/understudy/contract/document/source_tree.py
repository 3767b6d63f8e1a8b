"""A document made of one file and its overlays, with the place where each node was written.

The places are needed for every problem that is reported (`file:line:column`), also for a node that
an overlay added or replaced.
"""

from dataclasses import dataclass, field
from typing import Any

from understudy.contract.document.pointers import JsonObject, Token, child_pointer, parse_pointer
from understudy.errors import Place
from understudy.source import Source

Origin = tuple[Source, str]
"""The file that a node was read from, and the node's pointer in that file."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A document with the origin of its nodes."""

    data: Any
    """The document as plain data."""
    origin: Origin
    """The origin of the root."""
    child_origins: dict[int, Any] = field(default_factory=dict, repr=False)
    """By identity of a container: the origins of its children, as a dict or list of the same keys.

    A container that is missing here has the structure that its own file gives it: the pointer of
    a child is then the container's pointer and the key."""
    replaced: list[Any] = field(default_factory=list, repr=False)
    """Containers that are no longer in the data: while they live, no other one has their identity.
    """

    @classmethod
    def of(cls, source: Source) -> "Tree":
        """Return the tree of one file. The data is shared with the source, not copied."""
        return cls(source.data, (source, ""))

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return where the node at a pointer was written, or its nearest ancestor that was.

        With `key`, the place of the node's name instead of its value.
        """
        source, written = self.find_origin(pointer)
        # The source itself falls back to the nearest ancestor.
        return source.place(written, key=key)

    def find_origin(self, pointer: str) -> Origin:
        """Return the file of the node at a pointer, and the node's pointer in that file.

        Below the deepest node that exists, the tokens are those of the given pointer.
        """
        node = self.data
        source, written = self.origin
        tokens = iter(parse_pointer(pointer))
        for token in tokens:
            try:
                step = _step_into(node, token)
                below = node[step]
            except (LookupError, TypeError, ValueError):
                return source, child_pointer(written, token, *tokens)
            source, written = self._child_origin(node, step, (source, written))
            node = below
        return source, written

    def _child_origin(self, node: object, key: Token, origin: Origin) -> Origin:
        """Return the origin of a child, given the origin of its container."""
        source, pointer = origin
        default = (source, child_pointer(pointer, key))
        origins = self.child_origins.get(id(node))
        if origins is None:
            return default
        # `schema.anchors` adds keys after the overlays were applied: those have no own origin.
        if isinstance(origins, dict) and key not in origins:
            return default
        own: Origin = origins[key]
        return own

    def copy_data(self) -> "Tree":
        """Return a copy whose data can be changed in place: no container is shared in it.

        Places stay exact while containers stay where they are; use `attach` and `retain_items` to
        move them.
        """
        if self.child_origins:
            return self.copy()
        return Tree(copy_containers(self.data), self.origin, {})

    def attach(self, node: JsonObject, key: str, value: object, origin: Origin) -> None:
        """Set a member of an object of this tree to a value that was written elsewhere."""
        self.replaced.append((node, node.get(key)))
        node[key] = value
        self.child_origins.setdefault(id(node), {})[key] = origin

    def retain_items(self, pointer: str, items: list[Any], indexes: list[int]) -> None:
        """Remove all items but some from the list at a pointer, and keep their places."""
        origin = self.find_origin(pointer)
        origins = [self._child_origin(items, index, origin) for index in indexes]
        self.replaced.append(list(items))
        items[:] = [items[index] for index in indexes]
        self.child_origins[id(items)] = origins

    def copy(self) -> "Tree":
        """Return a copy that can be changed: no container is shared, every origin is kept."""
        copied = Tree(None, self.origin, {})
        data = copied.graft(self.data, self.origin, self)
        return Tree(data, self.origin, copied.child_origins)

    def graft(self, node: object, origin: Origin, source_tree: "Tree") -> Any:
        """Return a copy of another tree's node, and record the origins of everything in it."""
        if isinstance(node, dict):
            return self._graft_object(node, origin, source_tree)
        if isinstance(node, list):
            return self._graft_list(node, origin, source_tree)
        return node

    def _graft_object(self, node: JsonObject, origin: Origin, source_tree: "Tree") -> JsonObject:
        origins: dict[str, Origin] = {}
        copied: JsonObject = {}
        for key, value in node.items():
            child_origin = source_tree._child_origin(node, key, origin)
            origins[key] = child_origin
            copied[key] = self.graft(value, child_origin, source_tree)
        self.child_origins[id(copied)] = origins
        return copied

    def _graft_list(self, node: list[Any], origin: Origin, source_tree: "Tree") -> list[Any]:
        origins: list[Origin] = []
        copied: list[Any] = []
        for index, item in enumerate(node):
            item_origin = source_tree._child_origin(node, index, origin)
            origins.append(item_origin)
            copied.append(self.graft(item, item_origin, source_tree))
        self.child_origins[id(copied)] = origins
        return copied

    def put(self, node: JsonObject, key: str, value: object, origin: Origin) -> None:
        """Set a member of one of this tree's objects to a copy of a value of a file."""
        source, _ = origin
        node[key] = self.graft(value, origin, Tree.of(source))
        self.child_origins[id(node)][key] = origin

    def append(self, node: list[Any], value: object, origin: Origin) -> None:
        """Append a copy of a value of a file to one of this tree's lists."""
        source, _ = origin
        copied = self.graft(value, origin, Tree.of(source))
        node.append(copied)
        self.child_origins[id(node)].append(origin)

    def remove(self, node: Any, key: Token) -> None:
        """Remove a child from one of this tree's containers."""
        del node[key]
        del self.child_origins[id(node)][key]


def copy_containers(node: Any) -> Any:
    """Return a copy in which each container is its own: a YAML alias becomes a copy."""
    if isinstance(node, dict):
        return {key: copy_containers(value) for key, value in node.items()}
    if isinstance(node, list):
        return [copy_containers(item) for item in node]
    return node


def _step_into(node: object, token: str) -> Token:
    """Return the key or index that a token of a pointer means in a container."""
    return int(token) if isinstance(node, list) else token
