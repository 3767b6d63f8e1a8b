"""A parser of one line of text: its label, its endpoint, the rest."""

from __future__ import annotations

import re

from understudy.derive.facts.facts import Role
from understudy.derive.lexicon.labels import read_label, strip_number
from understudy.derive.markdown.endpoints import Endpoint, find_endpoint
from understudy.derive.markdown.inline import Span, SpanKind, TextLine
from understudy.derive.markdown.sections import LabelledLine

_COLONS = (":", "：")
_HEAD = re.compile(r"([^:：]{1,40})[:：]\s*(.*)", re.DOTALL)
"""A short text before a colon, and the rest."""
_MAX_LIST_TITLE = 40
"""Letters before the endpoint in a line of a list."""
_TITLE_BEHIND = re.compile(r"`?[A-Za-z]+[\s:：]+/\S*`?\s*(?:[-–—:：|]+|\s)\s*(\S.{0,59})")
"""The title behind an endpoint: `GET /a` - lists."""
_METHOD_AND_PATH = re.compile(r"\b[A-Za-z]{3,7}[\s:：]+`?\S*/")


def split_head(line: TextLine) -> tuple[str, str]:
    """Split a line into its label and the rest; the label is empty when the line has none.

    A label is strong text at the head, alone or before a colon, or a known label before a colon.
    """
    spans = line.spans
    if spans and not spans[0].text.strip():
        spans = spans[1:]
    if spans and spans[0].kind is SpanKind.STRONG:
        head = spans[0].text.strip()
        rest = "".join(span.text for span in spans[1:]).strip()
        if not rest or head.endswith(_COLONS) or rest.startswith(_COLONS):
            return head.strip(":： "), rest.lstrip(":： ").strip()
    match = _HEAD.match(line.text)
    if match and read_label(match[1]):
        return match[1].strip(), match[2].strip()
    return "", line.text


def read_line(line: TextLine) -> LabelledLine:
    """Parse a line. An endpoint counts when it stands alone or behind a label."""
    head, rest = split_head(line)
    label = read_label(head) if head else None
    if label is not None and label.role is Role.EXAMPLE:
        return LabelledLine(line, label, head, rest)
    if head and not rest and (endpoint := find_endpoint(head, anywhere=True)):
        return LabelledLine(line, endpoint=endpoint, title=find_title_before(head))
    endpoint = find_endpoint(rest) or find_code_endpoint(line.spans, rest)
    if endpoint:
        return LabelledLine(line, label, head, rest, endpoint, title=_find_title_behind(rest))
    if not head and (item := _read_list_item(line)):
        return item
    # A known label may stand alone on its line, without a colon.
    if not head and not rest.endswith(("。", ".")):
        label = read_label(rest)
        if label:
            head, rest = rest, ""
    return LabelledLine(line, label, head, rest)


def find_code_endpoint(spans: tuple[Span, ...], rest: str) -> Endpoint | None:
    """Return the endpoint in the first code span, if `rest` begins with that span.

    `rest` is the text behind the label: no other words may stand before the endpoint.
    """
    for span in spans:
        if span.kind is not SpanKind.CODE:
            continue
        return find_endpoint(span.text) if rest.startswith(span.text.strip()) else None
    return None


def _find_title_behind(rest: str) -> str:
    title = _TITLE_BEHIND.fullmatch(rest)
    return title[1].strip() if title else ""


def find_title_before(text: str) -> str:
    """Return what stands before an endpoint, without a heading's number."""
    return _METHOD_AND_PATH.split(strip_number(text))[0].strip(" -–—:：`（(")


def _read_list_item(line: TextLine) -> LabelledLine | None:
    """Parse `List of books: GET /books`, whose endpoint is code behind a colon."""
    if len(line.spans) < 2 or line.spans[-1].kind is not SpanKind.CODE:
        return None
    before = "".join(span.text for span in line.spans[:-1]).strip()
    if not before.endswith(_COLONS) or len(before) >= _MAX_LIST_TITLE:
        return None
    endpoint = find_endpoint(line.spans[-1].text)
    if endpoint is None:
        return None
    return LabelledLine(line, endpoint=endpoint, title=before.strip(":： "), is_listed=True)
