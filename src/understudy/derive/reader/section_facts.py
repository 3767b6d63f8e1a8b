"""The facts of one section while it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import (
    Field,
    Origin,
    Reference,
    Role,
    Sketch,
    Structure,
    TextResponse,
)
from understudy.derive.lexicon.labels import read_label
from understudy.derive.markdown.blocks import UnwrappedFence
from understudy.derive.markdown.sections import LabelledLine, Section

_SHOWN_LETTERS = 80
"""How many letters of a path a doubt shows."""

ReportDoubt = Callable[[str, int, str, str], None]
"""A function that reports a doubt: rule, line, finding, decision."""

Response = Structure | Reference | TextResponse
"""A response as a section states it."""


@dataclass(slots=True)
class SectionFacts:
    """The facts of one section. A reader fills it from top to bottom."""

    file: str
    section: Section
    anomalies: list[Doubt]
    """Doubts of the reader; all sections of a document share the list."""
    structures: list[Structure] = field(default_factory=list)
    """Structures with a name, and structures of fields."""
    references: list[Reference] = field(default_factory=list)
    """References to structures with a name; that of the response is in `response`."""
    sketches: list[Sketch] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    """Lines that describe nothing in particular."""
    common_response: Structure | None = None
    """The response of all operations."""
    common_fields: list[Field] = field(default_factory=list)
    """Parameters of all operations."""
    unread_lines: list[LabelledLine] = field(default_factory=list)
    """Lines that describe no operation, in a section without one."""
    requests: list[Structure] = field(default_factory=list)
    response: Response | None = None
    description: list[str] = field(default_factory=list)
    permission: str = ""

    def origin(self, line: int) -> Origin:
        """Return the origin of a line of the document."""
        return Origin(self.file, line)

    def report(self, rule: str, line: int, finding: str, decision: str) -> None:
        """Report a doubt at a line."""
        doubt = make_doubt(rule, self.origin(line), finding, decision)
        self.anomalies.append(doubt)

    def report_unread(self, line: int, construct: str) -> None:
        """Report a construct that is left out: `a table without a label`."""
        finding = f"There is {construct}."
        self.report("unread-construct", line, finding, "It is left out.")

    def report_fence(self, fence: UnwrappedFence) -> None:
        """Report a fence that was removed, because it turns Markdown into code."""
        finding = "A fence turns Markdown into code here."
        decision = "The text inside is read as if the fence were not there."
        self.report("markdown-in-fence", fence.line, finding, decision)
        if not fence.is_closed:
            self.report_unclosed(fence.line)

    def report_unclosed(self, line: int) -> None:
        """Report a code block without an end; `line` is that of its fence."""
        finding = "The code block is not closed."
        self.report("unclosed-fence", line, finding, "It ends where the text ends.")

    def report_unpaired(self) -> None:
        """Report the methods without a path and the paths without a method."""
        decision = "The operation is left out."
        for line, text, role in self.section.unpaired:
            if role is Role.METHOD:
                finding = f'The method "{text}" has no path.'
                self.report("path-not-told", line, finding, decision)
            else:
                finding = f'The path "{text[:_SHOWN_LETTERS]}" has no method.'
                self.report("method-not-told", line, finding, decision)

    def add_structure(self, structure: Structure, *, is_common: bool) -> None:
        """Add a structure by its role; `is_common` marks one whose label is for all operations."""
        if structure.role is Role.REQUEST:
            self._add_request(structure)
        elif structure.role is Role.RESPONSE:
            self._add_response(structure, is_common=is_common)
        else:
            self.structures.append(structure)

    def _add_request(self, structure: Structure) -> None:
        """Add parameters to the operations of the section.

        In a section without an operation they are parameters of all operations, which only path
        parameters can be: other parameters are reported as left out.
        """
        if self.section.has_endpoint:
            self.requests.append(structure)
            return
        self.common_fields += structure.fields
        # Path parameters of all operations are used by their names; other parameters are not.
        locations = {each.location for each in structure.fields}
        if locations - {"path"}:
            line = structure.origin.line
            self.report_unread(line, "a table of parameters that belongs to no operation")

    def _add_response(self, structure: Structure, *, is_common: bool) -> None:
        """Add a response: that of all operations, or that of the section.

        The first structure counts, and takes the place of a sentence about a plain text. A further
        one, or one in a section without an operation, is reported as left out.
        """
        is_shared = is_common or self._has_common_title()
        has_text = isinstance(self.response, TextResponse)
        if is_shared and self.common_response is None:
            self.common_response = structure
        elif not self.section.has_endpoint:
            self.report_unread(structure.origin.line, "a response of no operation")
        elif self.response is None or has_text:
            self.response = structure
        else:
            self.report_unread(structure.origin.line, "a second structure of the response")

    def _has_common_title(self) -> bool:
        """Check whether the section's title announces a table for all operations."""
        if self.section.has_endpoint:
            return False
        label = read_label(self.section.title)
        return label is not None and label.is_common
