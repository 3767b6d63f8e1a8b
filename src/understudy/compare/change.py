"""Changes between two contracts, with what each means for a client."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from understudy.contract import Contract
from understudy.errors import Place
from understudy.messages import Json


class Impact(Enum):
    """What a change means for a client that was written for the old contract."""

    BREAKING = "breaking"
    """A request that was right is wrong now, or an answer has what the old contract excludes."""
    DANGEROUS = "dangerous"
    """The old contract excludes it neither way, but clients are often written as if it did."""
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts."""

    impact: Impact
    rule: str
    """The kind of the change: `response-property-removed`."""
    operation: str
    """`GET /pets/{id}`; empty for a change of the whole contract."""
    place: str
    """Where in the operation: `query.limit`, `request body /name`, `response 200 /items[]/id`."""
    text: str
    """What has changed, as one line: `the type was string, is integer`."""
    old: Place | None
    """Where the old contract has it, or what is around it; None for a new operation."""
    new: Place | None
    """Where the new contract has it, or what is around it; None for an operation that is gone."""

    def __str__(self) -> str:
        subject = " ".join(part for part in (self.operation, self.place) if part)
        places = " -> ".join(str(place) for place in (self.old, self.new) if place is not None)
        start = f"{self.impact.value}: {subject}: " if subject else f"{self.impact.value}: "
        return f"{start}{self.text} [{self.rule}] ({places})"


class Side(Enum):
    """Which way a message goes: what may be sent is another thing than what may be received."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared: a part of one operation, in both contracts."""

    old_contract: Contract
    new_contract: Contract
    operation: str
    place: str
    side: Side
    old: str
    """The pointer in the old contract; empty when it is not there."""
    new: str
    """The pointer in the new contract; empty when it is not there."""

    def change(
        self,
        impact: Impact,
        rule: str,
        text: str,
        *,
        old: str | None = None,
        new: str | None = None,
    ) -> Change:
        """Return a change of the subject, or of the nodes at other pointers.

        An empty pointer stands for what is not there.
        """
        old_pointer = self.old if old is None else old
        new_pointer = self.new if new is None else new
        return Change(
            impact=impact,
            rule=rule,
            operation=self.operation,
            place=self.place,
            text=text,
            old=self.old_contract.place(old_pointer) if old_pointer else None,
            new=self.new_contract.place(new_pointer) if new_pointer else None,
        )


Narrowed = Callable[[Json, Json], bool]
"""Returns whether the new value of a keyword allows less than the old one."""


def impact_of(side: Side, *, narrows: bool) -> Impact:
    """Return what it means that fewer, or more, values are allowed than before.

    A client may still send what is no longer allowed, and may meet what it does not know.
    """
    if side is Side.REQUEST:
        return Impact.BREAKING if narrows else Impact.HARMLESS
    return Impact.HARMLESS if narrows else Impact.DANGEROUS
