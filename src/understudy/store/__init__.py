"""Stores of the states of worlds: text by key, changed atomically. A store knows no tasks."""

from understudy.store.memory import MemoryStore
from understudy.store.protocol import Store

__all__ = ["MemoryStore", "Store"]
