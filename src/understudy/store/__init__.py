"""Where the states of worlds are kept: text by key, changed atomically. It knows text, not tasks."""

from understudy.store.memory import MemoryStore
from understudy.store.protocol import Store

__all__ = ["MemoryStore", "Store"]
