"""What goes into a derivation and what comes out of it."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One document to derive from. `name` is the file's name as `x-source` tells it."""

    name: str
    text: str


class Severity(Enum):
    """How much a doubt matters: an error leaves something out, a warning may be wrong, a note was assumed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One place where the documents are wrong, contradict themselves or say nothing; and what was decided."""

    rule: str
    """Stable id of the rule that found it: `misspelt-identifier`."""
    severity: Severity
    file: str
    line: int
    finding: str
    """What was found, as sentences."""
    decision: str
    """What the contract does about it, as sentences."""
    pointer: str = ""
    """JSON pointer of the contract's node that came from this line, when there is one."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """One action of an overlay, as the ledger cites it."""

    rules: tuple[str, ...]
    """Ids of the rules whose doubts this action settles."""
    place: str
    """Where the action stands: `gaps.yaml:12`."""
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """The contract as plain data, and the doubts in the order of file, line and rule."""

    contract: dict[str, Any]
    doubts: tuple[Doubt, ...]
