"""A parser of one line of text: its label, its endpoint, the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
    strong = _split_strong_head(line.spans)
    if strong:
        return strong
    match = _HEAD.match(line.text)
    if match and read_label(match[1]):
        head, rest = match.groups()
        return head.strip(), rest.strip()
    return "", line.text


def _split_strong_head(spans: tuple[Span, ...]) -> tuple[str, str] | None:
    """Split a line at its strong head; None when it begins otherwise."""
    # White space before the head is a span of its own.
    if spans and not spans[0].text.strip():
        spans = spans[1:]
    if not spans:
        return None
    first, *others = spans
    if first.kind is not SpanKind.STRONG:
        return None
    head = first.text.strip()
    rest = join_texts(others)
    has_colon = head.endswith(_COLONS) or rest.startswith(_COLONS)
    if rest and not has_colon:
        return None
    text = rest.lstrip(":： ")
    return head.strip(":： "), text.strip()


def join_texts(spans: Iterable[Span]) -> str:
    """Return the text of some spans without outer white space."""
    texts = [span.text for span in spans]
    return "".join(texts).strip()


def read_line(line: TextLine) -> LabelledLine:
    """Parse a line. An endpoint counts when it stands alone or behind a label."""
    head, rest = split_head(line)
    label = read_label(head) if head else None
    if label is not None and label.role is Role.EXAMPLE:
        return LabelledLine(line, label, head, rest)
    if head and not rest:
        endpoint = find_endpoint(head, anywhere=True)
        if endpoint:
            return LabelledLine(line, endpoint=endpoint, title=find_title_before(head))
    endpoint = find_endpoint(rest) or find_code_endpoint(line.spans, rest)
    if endpoint:
        title = _find_title_behind(rest)
        return LabelledLine(line, label, head, rest, endpoint, title)
    if head:
        return LabelledLine(line, label, head, rest)
    return _read_list_item(line) or _read_lone_label(line, rest)


def _read_lone_label(line: TextLine, text: str) -> LabelledLine:
    """Read a line without a colon, which may be a known label as a whole."""
    is_sentence = text.endswith(("。", "."))
    label = None if is_sentence else read_label(text)
    if label:
        return LabelledLine(line, label, head=text)
    return LabelledLine(line, rest=text)


def find_code_endpoint(spans: tuple[Span, ...], rest: str) -> Endpoint | None:
    """Return the endpoint in the first code span, if `rest` begins with that span.

    `rest` is the text behind the label: no other words may stand before the endpoint.
    """
    for span in spans:
        if span.kind is not SpanKind.CODE:
            continue
        code = span.text.strip()
        if not rest.startswith(code):
            return None
        return find_endpoint(code)
    return None


def _find_title_behind(rest: str) -> str:
    """Return what a line says of the endpoint at its head: `GET /a` - lists."""
    title = _TITLE_BEHIND.fullmatch(rest)
    return title[1].strip() if title else ""


def find_title_before(text: str) -> str:
    """Return what stands before an endpoint, without a heading's number."""
    title = strip_number(text)
    before, *_ = _METHOD_AND_PATH.split(title)
    return before.strip(" -–—:：`（(")


def _read_list_item(line: TextLine) -> LabelledLine | None:
    """Parse `List of books: GET /books`, whose endpoint is code behind a colon."""
    if len(line.spans) < 2:
        return None
    *before, last = line.spans
    if last.kind is not SpanKind.CODE:
        return None
    title = join_texts(before)
    if len(title) >= _MAX_LIST_TITLE or not title.endswith(_COLONS):
        return None
    endpoint = find_endpoint(last.text)
    if endpoint is None:
        return None
    bare_title = title.strip(":： ")
    return LabelledLine(line, endpoint=endpoint, title=bare_title, is_listed=True)
