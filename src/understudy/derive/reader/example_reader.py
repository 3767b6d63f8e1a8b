"""Code blocks to examples of calls and messages, each with the operation that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from understudy.derive.facts.facts import (
    Example,
    Operation,
    Origin,
    Role,
    Sample,
    Side,
    TextResponse,
)
from understudy.derive.facts.pseudo_json_parser import NodeKind
from understudy.derive.lexicon.labels import Label
from understudy.derive.markdown.blocks import Code
from understudy.derive.reader.example_requests import (
    Call,
    UnreadableCall,
    looks_like_call,
    read_call,
)
from understudy.derive.reader.pseudo_json_fields import has_chinese
from understudy.derive.reader.section_facts import ReportDoubt, Response
from understudy.derive.reader.shown_values import (
    ExamplePart,
    iter_leaves,
    read_example_json,
    shows_values,
    split_examples,
)
from understudy.patterns.wildcards import matches_with_gaps

_PARAMETER = re.compile(r"(\{[^{}]*\})")
"""A parameter of a path; the group keeps it in the result of a split."""


@dataclass(frozen=True, slots=True)
class _ShownMessage:
    """One example: a call, a body, or a call with its body."""

    call: Call | None
    """None for a body alone, which may belong to any operation of the section."""
    body: Example | None
    samples: tuple[Sample, ...] = ()
    """The query of the call."""


@dataclass(slots=True)
class ExampleReader:
    """Collects the examples of one section."""

    file: str
    report: ReportDoubt
    _messages: list[_ShownMessage] = field(default_factory=list)

    def read(
        self, code: Code, label: Label | None, response: Response | None, *, has_endpoint: bool
    ) -> bool:
        """Read a code block when it is an example, and return whether it was one.

        `label` is the label above it, `response` the response that the section states so far;
        `has_endpoint` says whether the section has operations.
        """
        if not has_endpoint or not _may_announce_example(label):
            return False
        if looks_like_call(code.text):
            self._read_calls(code)
            return True
        side = _find_side(code, label, response)
        if side is None:
            return False
        for part in split_examples(code.text):
            line = code.line + part.line
            body = self._make_example(side, part, line)
            self._messages.append(_ShownMessage(None, body))
        return True

    def _read_calls(self, code: Code) -> None:
        """Read each call of a block: a block may show several, each below a comment.

        A call that cannot be read, or that has no path, is reported and left out.
        """
        for part in split_examples(code.text):
            line = code.line + part.line
            try:
                call = read_call(part.text)
            except UnreadableCall as error:
                self._report_unread(line, f"The example of a call cannot be read: {error}.")
                continue
            if call.path:
                self._add_call(call, part, line)
            else:
                self._report_unread(line, "The example of a call has no path.")

    def _report_unread(self, line: int, finding: str) -> None:
        """Report a call that is left out."""
        self.report("unread-construct", line, finding, "It is left out.")

    def _add_call(self, call: Call, part: ExamplePart, line: int) -> None:
        """Add a call with its query, and its body as an example of a request."""
        origin = Origin(self.file, line + call.line)
        samples = []
        for name, value in call.query:
            samples.append(Sample(name, value, origin))
        body = None
        if call.body:
            body_part = replace(part, text=call.body)
            body_line = line + call.body_line
            body = self._make_example(Side.REQUEST, body_part, body_line)
        message = _ShownMessage(call, body, tuple(samples))
        self._messages.append(message)

    def _make_example(self, side: Side, part: ExamplePart, line: int) -> Example:
        """Build an example from a part of a block; `line` is the part's line in the file."""
        return Example(
            side=side,
            text=part.text,
            origin=Origin(self.file, line),
            node=read_example_json(part.text),
            title=part.title,
        )

    def add_examples_to(self, operation: Operation, siblings: Sequence[Operation]) -> Operation:
        """Return an operation with its examples.

        These are the examples of its own path, and those that match no operation of the section
        (`siblings`, the operation itself included).
        """
        examples: list[Example] = []
        samples = list(operation.samples)
        for message in self._messages:
            call = message.call
            if call and not _is_own_call(call, operation, siblings):
                continue
            if message.body:
                examples.append(message.body)
            samples += message.samples
        return replace(operation, examples=tuple(examples), samples=tuple(samples))


def _may_announce_example(label: Label | None) -> bool:
    """Check whether an example may stand below a label; tables for all operations have none."""
    if label is None:
        return True
    if label.is_common:
        return False
    if label.role is Role.EXAMPLE:
        return label.side != "error"
    return label.role not in (Role.STRUCTURE, Role.FIELD)


def _find_side(code: Code, label: Label | None, response: Response | None) -> Side | None:
    """Return which message a block shows; None when it is not an example of a body."""
    if label is None:
        return None
    match label.role:
        case Role.EXAMPLE:
            return Side.REQUEST if label.side == "request" else Side.RESPONSE
        case Role.REQUEST:
            return Side.REQUEST if _is_example(code.text) else None
        case Role.RESPONSE:
            # The example of a plain text has no form that could be checked.
            is_text = isinstance(response, TextResponse)
            return Side.RESPONSE if is_text or _is_example(code.text) else None
        case _:
            return None


def _is_own_call(call: Call, operation: Operation, siblings: Sequence[Operation]) -> bool:
    """Check whether a call belongs to an operation.

    It does when it matches the operation's path. A call that matches no operation of the section
    may be written carelessly, so that it belongs to each of them.
    """
    if _matches(call, operation):
        return True
    return not any(_matches(call, sibling) for sibling in siblings)


def _matches(call: Call, operation: Operation) -> bool:
    """Check whether a call has the method of an operation and a path that fits its template."""
    if call.method != operation.method:
        return False
    segments = (call.path.rstrip("/") or "/").split("/")
    templates = operation.path.split("/")
    if len(segments) != len(templates):
        return False
    # Every second part of a split is a parameter, which stands for any text.
    literals = [_PARAMETER.split(template)[::2] for template in templates]
    return all(map(matches_with_gaps, segments, literals))


def _is_example(text: str) -> bool:
    """Check whether a block below a label shows values: JSON, not only descriptions in Chinese."""
    node = read_example_json(text)
    if node is None or not shows_values(node):
        return False
    for leaf in iter_leaves(node):
        if leaf.kind is not NodeKind.TEXT or not has_chinese(leaf.text):
            return True
    return False
