"""A document made of one file or of several layers (overlays), which still knows where each node was written."""

from dataclasses import dataclass, field
from typing import Any

from understudy.contract.pointers import child, tokens_of
from understudy.errors import Place
from understudy.source import Source

Origin = tuple[Source, str]
"""The file that a container was read from, and its pointer there."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A document with the origin of its containers. Values that were made rather than read have none."""

    data: Any
    origins: dict[int, Origin] = field(repr=False)
    """By identity of a dict or list. Containers below one that is known need no entry of their own."""

    @classmethod
    def of(cls, source: Source) -> "Tree":
        """Give the tree of one file, its data not copied."""
        return cls(source.data, {id(source.data): (source, "")})

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give where the node at a pointer was written, or its nearest ancestor that was written."""
        node = self.data
        source, written = self.origins[id(node)]
        for token in tokens_of(pointer):
            written = child(written, token)
            try:
                node = node[int(token)] if isinstance(node, list) else node[token]
            except (LookupError, TypeError, ValueError):
                break
            if id(node) in self.origins and isinstance(node, dict | list):
                source, written = self.origins[id(node)]
        return source.place(written, key=key)

    def copy(self) -> "Tree":
        """Give a tree of its own containers, so that it can be changed; origins are kept."""
        origins: dict[int, Origin] = {}
        source, pointer = self.origins[id(self.data)]
        return Tree(self._copy(self.data, source, pointer, origins), origins)

    def _copy(self, node: Any, source: Source, pointer: str, origins: dict[int, Origin]) -> Any:
        if not isinstance(node, dict | list):
            return node
        source, pointer = self.origins.get(id(node), (source, pointer))
        return grafted(node, source, pointer, origins, lambda part, at: self._copy(part, source, at, origins))


def grafted(node: Any, source: Source, pointer: str, origins: dict[int, Origin], inner: Any = None) -> Any:
    """Copy a node of `source` that stands at `pointer`, and write the origin of each new container down."""
    if not isinstance(node, dict | list):
        return node
    step = inner or (lambda part, at: grafted(part, source, at, origins))
    made: Any
    if isinstance(node, dict):
        made = {key: step(value, child(pointer, key)) for key, value in node.items()}
    else:
        made = [step(value, child(pointer, index)) for index, value in enumerate(node)]
    origins[id(made)] = (source, pointer)
    return made
