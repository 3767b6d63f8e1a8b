"""Values that go into a derivation and come out of it."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One document to derive from."""

    name: str
    """The file's name, as `x-source` shows it: `task-management.md`."""
    text: str
    """The whole text, in Markdown."""


class Severity(Enum):
    """How much a doubt matters."""

    ERROR = "error"
    """Something is left out of the contract."""
    WARNING = "warning"
    """Something in the documents is probably wrong."""
    NOTE = "note"
    """Something was assumed."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One place where the documents are wrong, contradict themselves or say nothing."""

    rule: str
    """Stable id of the rule that found it: `misspelt-identifier`."""
    severity: Severity
    file: str
    line: int
    """The line in the file, from 1."""
    finding: str
    """What is wrong, as sentences."""
    decision: str
    """What the contract does about it, as sentences."""
    pointer: str = ""
    """JSON pointer of the first node of the contract that comes from this line; empty without
    one."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """One action of an overlay, as the ledger cites it."""

    rules: tuple[str, ...]
    """Ids of the rules whose doubts this action settles."""
    place: str
    """Where the action stands: `gaps.yaml:12`."""
    target: str
    """The action's JSONPath query. Source: OpenAPI Overlay 1.0, Action Object."""
    reason: str
    """The action's description."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """The result of a derivation."""

    contract: dict[str, Any]
    """The OpenAPI 3.1 document, as plain data."""
    doubts: tuple[Doubt, ...]
    """In the order of document, line and rule."""
