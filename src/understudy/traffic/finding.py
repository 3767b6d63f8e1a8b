"""Findings: what is wrong with a message, as a report shows it and a baseline knows it again."""

import re
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b

from understudy.contract import Violation
from understudy.messages import Json

_INDEX = re.compile(r"(?<=/)\d+(?=/|$)")
"""An index in a JSON pointer. The same flaw in each item of a list is one flaw."""
_ID = re.compile(r"(?<=/)[^/]*\d[^/]*(?=/|$)")
"""A segment of a path that is probably an id. Calls of one unknown operation are one flaw."""
_FINGERPRINT_BYTES = 8


class Severity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    """The message breaks the contract."""
    WARNING = "warning"
    """The contract says nothing about it: a field or parameter that it does not know."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message was read, and which call it belongs to."""

    file: str
    """The name of the input: a path, `-` for standard input, or a URL."""
    line: int = 0
    """The line of the file where the message is, from 1; 0 when it is not known."""
    entry: int = 0
    """The number of the message in its file, from 1; 0 for a file with a single body."""
    call: str = ""
    """`GET /pets/1 -> 200`; empty when it is not known."""
    operation: str = ""
    """The operationId; empty when no operation of the contract fits."""

    def __str__(self) -> str:
        text = self.file
        if self.line:
            text += f":{self.line}"
        elif self.entry:
            text += f": entry {self.entry}"
        return f"{text}: {self.call}" if self.call else text


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a message differs from the contract."""

    severity: Severity
    side: str
    """`request` or `response`; `input` for a file that cannot be read to its end."""
    place: str
    """Where in the message: `query.size`, `/data/subtasks/3/status`, `body`."""
    rule: str
    """The broken keyword of JSON Schema, or a rule such as `required`, `unknown`, `status`."""
    text: str
    """The finding as one line, without its origin."""
    origin: Origin
    value: Json = None
    """The value that was found; None when something is missing, and for null."""
    expected: str = ""
    nearest: str = ""
    """The known name that is most like an unknown one; empty when none is near."""
    pointer: str = ""
    """The contract's node that is broken, as a JSON pointer."""
    source: str = ""
    """The line that the node came from: of the documents, else of the contract's file."""

    @property
    def fingerprint(self) -> str:
        """What stays the same when the same flaw is found in another message: 16 hex digits.

        It covers rule, operation, place (without indexes), the contract's node, and what differs
        between findings of one rule: a missing field, a status or path that is not documented,
        what is wrong with a file.
        """
        place = _INDEX.sub("*", self.place)
        parts = (self.rule, self.side, self.origin.operation, place, self.pointer, self._detail)
        text = "\n".join(parts).encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=_FINGERPRINT_BYTES).hexdigest()

    @property
    def _detail(self) -> str:
        """The part of the fingerprint that is special to the rule."""
        if self.side == "input":
            name = self.origin.file.replace("\\", "/").rpartition("/")[2]
            return f"{name}\n{self.text}"
        if self.rule == "no-operation":
            return _ID.sub("*", self.origin.call.partition(" -> ")[0])
        if self.rule == "status":
            return str(self.value)
        return self.expected if self.rule == "required" else ""


def build_finding(
    violation: Violation,
    origin: Origin,
    side: str,
    *,
    severity: Severity = Severity.ERROR,
    nearest: str = "",
    source: str = "",
) -> Finding:
    """Return the finding of a violation. `source` is used where the documents' line is unknown."""
    text = str(violation)
    if nearest:
        text += f' Did you mean "{nearest}"?'
    return Finding(
        severity=severity,
        side=side,
        place=violation.place,
        rule=violation.rule,
        text=text,
        origin=origin,
        value=violation.value,
        expected=violation.expected,
        nearest=nearest,
        pointer=violation.pointer,
        source=violation.source or source,
    )
