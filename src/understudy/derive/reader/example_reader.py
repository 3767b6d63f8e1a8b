"""Code blocks that show calls and answers → examples, with the operation that each belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from understudy.derive.facts.facts import (
    Example,
    Operation,
    Origin,
    Reference,
    Role,
    Sample,
    Side,
    Structure,
    TextResponse,
)
from understudy.derive.facts.pseudo_json_parser import Node, NodeKind
from understudy.derive.lexicon.labels import Label
from understudy.derive.markdown.blocks import Code
from understudy.derive.reader.example_requests import (
    Call,
    UnreadableCall,
    looks_like_call,
    read_call,
)
from understudy.derive.reader.pseudo_json_fields import has_chinese
from understudy.derive.reader.shown_values import (
    iter_leaves,
    looks_like_json,
    read_example_json,
    shows_values,
    split_examples,
)

ReportDoubt = Callable[[str, int, str, str], None]
"""Tells a doubt: rule, line, what, decision."""


@dataclass(slots=True)
class ExampleReader:
    """Gathers the examples of one section."""

    file: str
    report: ReportDoubt
    _found: list[tuple[Call | None, Example | None, tuple[Sample, ...]]] = field(
        default_factory=list
    )

    def take(
        self,
        code: Code,
        label: Label | None,
        response: Structure | Reference | TextResponse | None,
        *,
        is_told: bool,
    ) -> bool:
        """Read a code block when it is an example. Gives whether it was one. `is_told`: the section has operations."""
        role, side = (label.role, label.side) if label else (None, "")
        if role is Role.EXAMPLE and side == "error":
            return False
        if not is_told or (label and label.is_common) or role in (Role.STRUCTURE, Role.FIELD):
            return False
        if looks_like_call(code.text):
            self._take_call(code, label)
        elif role is Role.EXAMPLE:
            self._take_bodies(code, Side.REQUEST if side == "request" else Side.RESPONSE)
        elif role in (Role.REQUEST, Role.RESPONSE) and _is_example(code.text):
            self._take_bodies(code, Side.REQUEST if role is Role.REQUEST else Side.RESPONSE)
        elif role is Role.RESPONSE and isinstance(response, TextResponse):
            self._take_bodies(code, Side.RESPONSE)
        else:
            return False
        return True

    def _take_call(self, code: Code, label: Label | None) -> None:
        for part in split_examples(code.text):
            try:
                call = read_call(part.text)
            except UnreadableCall as error:
                what = f"The example of a call cannot be read: {error}."
                self.report("unread-construct", code.line + part.line, what, "It is left out.")
                continue
            if not call.path:
                self.report(
                    "unread-construct",
                    code.line + part.line,
                    "The example of a call names no path.",
                    "It is left out.",
                )
                continue
            origin = Origin(self.file, code.line + part.line + call.line)
            samples = tuple(Sample(name, value, origin) for name, value in call.query)
            line = code.line + part.line + call.body_line
            body = self._example(Side.REQUEST, call.body, line, part.title) if call.body else None
            self._found.append((call, body, samples))

    def _take_bodies(self, code: Code, side: Side) -> None:
        for part in split_examples(code.text):
            self._found.append(
                (None, self._example(side, part.text, code.line + part.line, part.title), ())
            )

    def _example(self, side: Side, text: str, line: int, title: str) -> Example:
        return Example(side, text, Origin(self.file, line), read_example_json(text), title)

    def add_examples_to(self, operation: Operation, all_of_them: Sequence[Operation]) -> Operation:
        """Give an operation its examples: those of its own path, and those that name no path of the section's."""
        examples, samples = [], list(operation.samples)
        for call, example, sent in self._found:
            if (
                call
                and any(_calls(call, each) for each in all_of_them)
                and not _calls(call, operation)
            ):
                continue
            if example:
                examples.append(example)
            samples += sent
        return replace(operation, examples=tuple(examples), samples=tuple(samples))


def _calls(call: Call, operation: Operation) -> bool:
    """Tell whether a call is one of an operation's."""
    pattern = "".join(
        "[^/]+" if piece.startswith("{") else re.escape(piece)
        for piece in re.split(r"(\{[^{}]*\})", operation.path)
    )
    return (
        call.method == operation.method
        and re.fullmatch(pattern, call.path.rstrip("/") or "/") is not None
    )


def _is_example(text: str) -> bool:
    """Tell whether a block below a label of a message shows values: JSON, and not only descriptions in Chinese."""
    if not looks_like_json(text):
        return False
    node = read_example_json(text)
    return (
        node is not None
        and bool(list(iter_leaves(node)))
        and shows_values(node)
        and not _only_describes(node)
    )


def _only_describes(node: Node) -> bool:
    return all(leaf.kind is NodeKind.TEXT and has_chinese(leaf.text) for leaf in iter_leaves(node))
