"""Detects whether a value shows a class of edge case, independently of the strategies."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

INTEGERS = {
    "integer-zero": 0, "integer-minus-one": -1, "integer-int32-min": -(2**31), "integer-int32-max": 2**31 - 1,
    "integer-2^53-minus-one": 2**53 - 1, "integer-2^53": 2**53, "integer-2^53-plus-one": 2**53 + 1,
    "integer-int64-min": -(2**63), "integer-int64-max": 2**63 - 1,
}  # fmt: skip
_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.(\d+))?(Z|[-+]\d{2}:\d{2})")
OPTIONAL = {
    "tasks": {"cluster", "tenant", "finishTime"},
    "subtasks": {"executor", "startTime", "finishTime"},
    "task_pages": {"cluster", "tenant", "finishTime"},
}


def leaves(value: Any) -> Iterator[Any]:
    """Yield every number and text of a value, times included."""
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a value."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from objects(part)


def texts(value: Any) -> list[str]:
    return [leaf for leaf in leaves(value) if isinstance(leaf, str)]


def times(value: Any) -> list[re.Match[str]]:
    return [match for text in texts(value) if (match := _TIME.fullmatch(text))]


def has_class(value: Any, test: Callable[[str], bool]) -> bool:
    """Return whether a text has a character for which a test holds."""
    return any(test(character) for text in texts(value) for character in text)


_TEXTS: dict[str, Callable[[Any], bool]] = {
    "text-empty": lambda value: "" in texts(value),
    "text-long": lambda value: any(len(text) >= 10_000 for text in texts(value)),
    "text-cjk": lambda value: has_class(value, lambda c: "\u4e00" <= c <= "\u9fff"),
    "text-emoji": lambda value: has_class(value, lambda c: "\U0001f300" <= c <= "\U0001faff"),
    "text-rtl": lambda value: has_class(
        value, lambda c: unicodedata.bidirectional(c) in ("R", "AL")
    ),
    "text-combining": lambda value: has_class(value, lambda c: unicodedata.combining(c) > 0),
    "text-control": lambda value: has_class(value, lambda c: c in "\x00\x07\x1b"),
    "text-newline": lambda value: has_class(value, lambda c: c == "\n"),
}
_OFFSETS = {
    "time-offset-z": "Z", "time-offset-utc": "+00:00", "time-offset-east": "+14:00", "time-offset-west": "-12:00",
    "time-offset-quarter": "+05:45",
}  # fmt: skip


def shows(kind: str, value: Any, edge: str) -> bool:
    """Return whether a value of a kind shows a class."""
    if edge in INTEGERS:
        return any(type(leaf) is int and leaf == INTEGERS[edge] for leaf in leaves(value))
    if edge in _TEXTS:
        return _TEXTS[edge](value)
    if edge.startswith("time-"):
        return _shows_time(value, edge)
    if edge.startswith(("list-", "page-", "graph-")):
        return _shows_shape(kind, value, edge)
    if edge == "extra-field":
        return any("notDocumentedYet" in part for part in objects(value))
    if edge == "optional-absent":
        return not any(OPTIONAL[kind] & set(part) for part in objects(value))
    return _shows_word(kind, value, edge)


def _shows_time(value: Any, edge: str) -> bool:
    matched = times(value)
    if edge.endswith("-digits"):
        return any(len(match[4] or "") == int(edge[5]) for match in matched)
    if edge in _OFFSETS:
        return any(match[5] == _OFFSETS[edge] for match in matched)
    return {
        "time-leap-day": any((match[2], match[3]) == ("02", "29") for match in matched),
        "time-year-1": any(match[1] == "0001" for match in matched),
        "time-year-9999": any(match[1] == "9999" for match in matched),
    }[edge]


def _shows_shape(kind: str, value: Any, edge: str) -> bool:
    if kind == "task_pages":
        numbers, contents = value["page"], value["contents"]
        shown: dict[str, bool] = {
            "list-empty": not contents and not numbers["totalElements"],
            "list-one": len(contents) == 1,
            "list-maximum": len(contents) == 2000,
            "page-past-the-end": not contents and 0 < numbers["totalPages"] < numbers["number"],
            "page-numbers-maximum": numbers["size"] == numbers["totalElements"] == 2**31 - 1,
        }
        return shown[edge]
    lists = [value["upstreams"], value["downstream"]] if kind == "subtasks" else [value["subtasks"]]
    if edge.startswith("list-"):
        wanted = {"list-empty": range(1), "list-one": range(1, 2), "list-maximum": range(90, 200)}[
            edge
        ]
        return any(len(items) in wanted for items in lists)
    ups = [len(subtask["upstreams"]) for subtask in value["subtasks"]]
    downs = [len(subtask["downstream"]) for subtask in value["subtasks"]]
    return {
        "graph-wide": len(ups) >= 8 and not any(ups),
        "graph-deep": len(ups) >= 8
        and sorted(ups) == [0] + [1] * (len(ups) - 1)
        and max(downs) == 1,
        "graph-diamond": len(ups) >= 4 and max(ups) == max(downs) == len(ups) - 2,
        "graph-disconnected": len(ups) >= 4
        and ups.count(0) == downs.count(0) == 2
        and max(ups) == 1,
    }[edge]


def _shows_word(kind: str, value: Any, edge: str) -> bool:
    if edge.startswith("error-"):
        chinese = edge.endswith("zh-CN")
        return chinese == bool(re.search("[\u4e00-\u9fff]。|。", value["error"]["message"]))
    head, _, word = edge.rpartition("-")
    inner = [part for part in objects(value) if "operation" in part and "contents" not in part]
    outer = (
        inner[:1] if kind == "tasks" else value.get("contents", []) if kind == "task_pages" else []
    )
    members = {"task": outer, "subtask": inner if kind != "tasks" else inner[1:]}
    if head in ("cluster-type", "tenant-mode"):
        member, name = head.split("-")
        return any(part.get(member, {}).get(name) == word for part in objects(value))
    who, name = head.split("-")
    return any(part.get(name) == word for part in members[who])


def is_json(value: Any) -> bool:
    """Return whether a value can be written as JSON."""
    return bool(json.loads(json.dumps(value)) == value)
