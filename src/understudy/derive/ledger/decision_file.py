"""The YAML file of decisions that belongs to a document. It is read and never written.

The file is a list. An entry has the keys `rule`, `decision` and `reason`, and at least one of
`text`, `line` and `pointer`, which select the doubts. `document` is needed when a line alone could
be one of several documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from understudy.derive.facts.doubt_catalogue import SEVERITIES
from understudy.derive.ledger.decisions import Decision
from understudy.derive.openapi.source_lines import extend_pointer, parse_pointer
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Json
from understudy.source import Source

_KEYS = ("rule", "document", "text", "line", "pointer", "decision", "reason")
"""All keys of an entry, in the order in which problems list them."""
_REQUIRED = ("rule", "decision", "reason")
_PLACES = ("text", "line", "pointer")
"""Keys that say which line is meant; a decision needs one of them."""
_MAX_NAME = 100
"""Characters of an unknown name for which a similar one is suggested."""


def read_decisions(
    source: Source, documents: Sequence[str], *, owner: str = ""
) -> tuple[Decision, ...]:
    """Read a file of decisions: a list of mappings with the keys of `Decision`.

    `documents` are the names of all documents; `owner` is the one that the file belongs to. An
    empty file has no decisions. Raises InputError with every problem of the file.
    """
    if source.data is None:
        return ()
    if not isinstance(source.data, list):
        problem = Problem(
            "no-decisions",
            "not a list of decisions",
            source.place(""),
            expected="a list of mappings with rule, text, decision and reason",
        )
        raise InputError(problem)
    reader = _Reader(source, tuple(documents), owner)
    decisions = []
    for index, entry in enumerate(source.data):
        decision = reader.read(entry, f"/{index}")
        if decision is not None:
            decisions.append(decision)
    if reader.problems:
        raise InputError(reader.problems)
    return tuple(decisions)


@dataclass(slots=True)
class _Reader:
    """Reads the entries of one file and collects their problems.

    `documents` are the names that a decision may use; `owner` is the document that the file
    belongs to, or empty for a file that is named on the command line.
    """

    source: Source
    documents: tuple[str, ...]
    owner: str
    problems: list[Problem] = field(default_factory=list)

    def read(self, entry: Json, at: str) -> Decision | None:
        """Read one entry; `at` is its JSON pointer. None when it is not a mapping.

        A wrong value is reported and read as empty, so that all problems of a file are found.
        """
        if not isinstance(entry, dict):
            expected = "a mapping with rule, decision and reason"
            self._report("bad-decision", "not a decision", at, expected=expected)
            return None
        self._check_keys(entry, at)
        self._check_presence(entry, at)
        texts = {key: self._read_text(entry, key, at) for key in _KEYS if key != "line"}
        line = self._read_line(entry, at)
        self._check_rule(texts["rule"], at)
        self._check_document(texts["document"], at)
        pointer = self._read_pointer(texts["pointer"], at)
        document = texts["document"] or self.owner
        is_line_alone = line > 0 and not texts["text"] and not texts["pointer"]
        if is_line_alone and not document and len(self.documents) > 1:
            # The number would be a line of each document.
            message = "the decision gives a line but no document"
            self._report("no-document", message, f"{at}/line", hint='Add "document: NAME".')
        return Decision(
            texts["rule"],
            texts["decision"],
            texts["reason"],
            self.source.place(at),
            document=document,
            text=texts["text"],
            line=line,
            pointer=pointer,
        )

    def _report(
        self,
        slug: str,
        message: str,
        at: str,
        *,
        key: bool = False,
        expected: str = "",
        nearest: str = "",
        hint: str = "",
    ) -> None:
        """Add a problem; with `key`, its place is the mapping's key instead of the value."""
        place = self.source.place(at, key=key)
        problem = Problem(
            slug,
            message,
            place,
            expected=expected,
            nearest=nearest,
            hint=hint,
        )
        self.problems.append(problem)

    def _report_unknown(
        self, slug: str, message: str, at: str, name: str, known: Sequence[str], *, key: bool
    ) -> None:
        """Add a problem about a name, with the nearest known name or with all of them."""
        nearest = nearest_name(name[:_MAX_NAME], known)
        expected = ""
        if not nearest:
            expected = f"one of {', '.join(known)}"
        self._report(slug, message, at, key=key, expected=expected, nearest=nearest)

    def _check_keys(self, entry: dict[str, Json], at: str) -> None:
        """Report unknown keys, so that a misspelt one is not ignored."""
        for key in entry:
            if key not in _KEYS:
                message = f'unknown key "{key}" in a decision'
                pointer = extend_pointer(at, key)
                self._report_unknown("unknown-key", message, pointer, key, _KEYS, key=True)

    def _check_presence(self, entry: dict[str, Json], at: str) -> None:
        """Report each required key that an entry lacks."""
        for key in _REQUIRED:
            if key not in entry:
                self._report("missing-key", f'the decision has no "{key}"', at)
        if not any(key in entry for key in _PLACES):
            message = "the decision does not say which line it is about"
            expected = '"text" (a part of the line), "line" or "pointer"'
            self._report("no-place", message, at, expected=expected)

    def _check_rule(self, rule: str, at: str) -> None:
        """Report an unknown rule; there are too many to list them all."""
        if rule and rule not in SEVERITIES:
            self._report(
                "unknown-rule",
                f'unknown rule "{rule}"',
                f"{at}/rule",
                nearest=nearest_name(rule[:_MAX_NAME], SEVERITIES),
            )

    def _check_document(self, document: str, at: str) -> None:
        """Report an unknown document, and one that has a file of its own."""
        if not document:
            return
        pointer = f"{at}/document"
        if document not in self.documents:
            message = f'unknown document "{document}"'
            self._report_unknown(
                "unknown-document", message, pointer, document, self.documents, key=False
            )
        elif self.owner and document != self.owner:
            message = f'the file belongs to "{self.owner}", but the decision is about "{document}"'
            hint = "Name the file with --decisions."
            self._report("other-document", message, pointer, hint=hint)

    def _read_text(self, entry: dict[str, Json], key: str, at: str) -> str:
        """Return the text of a key, or "" when the entry does not have it."""
        if key not in entry:
            return ""
        value = entry[key]
        if isinstance(value, str) and value.strip():
            return value.strip()
        hint = ""
        if isinstance(value, (int, float)):
            # YAML reads an unquoted 7 or 1.5 as a number.
            hint = "Put it in quotes."
        self._report(
            "bad-value",
            f'invalid "{key}"',
            f"{at}/{key}",
            expected="a text that is not empty",
            hint=hint,
        )
        return ""

    def _read_line(self, entry: dict[str, Json], at: str) -> int:
        """Return the number of the line, from 1, or 0 when the entry does not have it."""
        if "line" not in entry:
            return 0
        value = entry["line"]
        # `bool` is a subclass of `int`; `line: true` is a mistake.
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self._report("bad-value", 'invalid "line"', f"{at}/line", expected="a number from 1 up")
        return 0

    def _read_pointer(self, text: str, at: str) -> str:
        """Return a pointer in its plain form: `#/a%20b` becomes `/a b`."""
        pointer = parse_pointer(text)
        if pointer is not None:
            return pointer
        self._report(
            "bad-pointer",
            f'"{text}" is not a JSON pointer',
            f"{at}/pointer",
            expected="a pointer such as /components/schemas/Task",
        )
        return ""
