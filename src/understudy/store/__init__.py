"""Stores of the states of worlds: text by key, changed atomically. A store knows no tasks."""

from understudy.store.memory import MemoryStore
from understudy.store.parts import (
    KeyDeletedError,
    Part,
    PartMissingError,
    Parts,
    PartStore,
    add_part,
    build_part,
    join_parts,
)
from understudy.store.protocol import Store

__all__ = [
    "KeyDeletedError",
    "MemoryStore",
    "Part",
    "PartMissingError",
    "PartStore",
    "Parts",
    "Store",
    "add_part",
    "build_part",
    "join_parts",
]
