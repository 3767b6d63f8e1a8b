"""The JSON Schema and the parsers know the same keys, and the guide documents each of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rule_builders import PointerSource, list_problems
from understudy.errors import InputError, ProblemReport
from understudy.rules.faults.fault_profiles import PROFILES
from understudy.scenario import scenario_schema
from understudy.scenario.format_schema import check_format

DEFINITIONS = ("replyRule", "faultRule", "matcher", "when", "answer", "fault")
MATCHER = {"equals": "a", "matches": "a", "contains": "a", "present": True}
WHEN: dict[str, Any] = {
    "path": {"a": MATCHER, "b": 1, "c": 1.5, "d": True, "e": "x"},
    "query": {"a": MATCHER},
    "headers": {"a": MATCHER},
    "body": {
        "equals": None, "subset": {}, "matches": "a",
        "jsonpath": {"path": "$.a", "equals": None, "matches": "a", "contains": 1},
    },
    "state": {"task": 1, "subtask": 2, "status": ["RUNNING", "FAILED"]},
    "call": {"from": 1, "to": 2, "cycle": 3},
    "time": {"from": "1s", "to": "2s", "every": "3s"},
    "probability": 0.5,
}  # fmt: skip
PATCH = [
    *({"op": op, "path": "/a", "value": 1} for op in ("add", "replace", "test")),
    *({"op": op, "path": "/a", "from": "/b"} for op in ("move", "copy")),
    {"op": "remove", "path": ""},
]
FULL: dict[str, Any] = {
    "understudy": 1,
    "replies": [
        {
            "name": "full", "when": {"operation": "x", **WHEN}, "times": 1, "must": True, "off-contract": True,
            "reply": [
                {"error": 500, "message": "a", "headers": {"A": "b", "B": 1, "C": True}},
                {"status": 200, "body": None, "media-type": "a/b"},
                {"text": "a"},
                {"example": "a"},
                {"dynamic": True, "seed": -1},
                {"patch": PATCH},
            ],
        },
        {"when": {"request": "GET /a/*/{b}/**", "call": 1, "body": {"jsonpath": "$"}}, "reply": {"error": 599}},
        {"when": {"operation": ["x", "y"], "state": {"task": "path", "subtask": "path", "status": "READY"}}, "reply": {"status": 204}},
    ],
    "faults": [
        {"name": "f", "when": {"operation": "x"}, "times": 1, "after": 0, "fault": "reset"},
        {"fault": {
            "delay": {"median": "1s", "p99": "2s"}, "dribble": {"pieces": 1, "over": "1s"}, "truncate": "5%", "garbage": 5,
            "content-type": "a/b", "acts": "after",
        }},
        {"fault": {"delay": {"uniform": ["1s", "2s"]}, "truncate": 0, "garbage": True}},
        {"fault": {"delay": {"normal": ["1s", "2s"]}, "reset": True}},
        {"fault": {"delay": "1s", "empty": True}},
        {"fault": {"timeout": True}},
        {"fault": {"timeout": "1s"}},
        {"fault": {"status": 503}},
        {"fault": {"status": {"code": 503, "headers": {"A": 1}, "text": "a"}}},
        *({"fault": name} for name in ("empty", "garbage", "timeout", *PROFILES)),
    ],
}  # fmt: skip


def iter_property_names(node: Any) -> Iterator[str]:
    """Yield the names of the properties in a part of the schema."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for part in node.values():
            yield from iter_property_names(part)


KEYS = sorted(
    {
        name
        for definition in DEFINITIONS
        for name in iter_property_names(scenario_schema()["$defs"][definition])
    }
)


def iter_keys(node: Any) -> Iterator[str]:
    """Yield the keys of the mappings in JSON data."""
    if isinstance(node, dict):
        yield from node
        for part in node.values():
            yield from iter_keys(part)
    elif isinstance(node, list):
        for part in node:
            yield from iter_keys(part)


def list_schema_problems(data: Any) -> list[str]:
    """Return the problems that the check by the schema reports."""
    report = ProblemReport(PointerSource())
    check_format(data, report)
    try:
        report.raise_if_any()
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_every_key_of_the_schema_can_be_parsed() -> None:
    """The parser knows each key that an editor offers."""
    assert set(KEYS) - set(iter_keys(FULL)) == set()
    assert list_schema_problems(FULL) == []
    assert list_problems(FULL, check=False) == []


WRONG: list[dict[str, Any]] = [
    {"replies": {}}, {"replies": [{}]}, {"replies": [{"reply": []}]}, {"replies": [{"reply": {}}]}, {"replies": [{"reply": 1}]},
    {"replies": [{"reply": {"error": 500}, "x": 1}]}, {"replies": [{"reply": {"erro": 500}}]},
    {"replies": [{"reply": [{"status": 99}]}]}, {"replies": [{"reply": {"dynamic": False}}]},
    {"replies": [{"reply": {"patch": [{"op": "x", "path": ""}]}}]}, {"replies": [{"reply": {"text": 1}}]},
    {"replies": [{"when": {"query": {"a": None}}, "reply": {"error": 500}}]},
    {"replies": [{"when": {"query": {"a": {}}}, "reply": {"error": 500}}]},
    {"replies": [{"when": {"call": {}}, "reply": {"error": 500}}]}, {"replies": [{"when": {"call": 0}, "reply": {"error": 500}}]},
    {"replies": [{"when": {"state": {"task": "x", "status": "y"}}, "reply": {"error": 500}}]},
    {"replies": [{"when": {"time": {"every": 5}}, "reply": {"error": 500}}]},
    {"faults": [{}]}, {"faults": [{"fault": 1}]}, {"faults": [{"fault": {}}]}, {"faults": [{"fault": {"delay": 1}}]},
    {"faults": [{"fault": {"delay": {"uniform": ["1s"]}}}]}, {"faults": [{"fault": {"acts": "x"}}]},
    {"faults": [{"fault": {"truncate": "101%"}}]}, {"faults": [{"fault": {"garbage": 0}}]}, {"faults": [{"fault": {"status": 7}}]},
]  # fmt: skip


@pytest.mark.parametrize("data", WRONG, ids=str)
def test_mistakes_are_reported_once(data: dict[str, Any]) -> None:
    """The parser does not report again what the schema's check has removed."""
    report = ProblemReport(PointerSource())
    left = check_format({"understudy": 1, **data}, report)
    assert list_problems(left, check=True) == []
    assert len(list_schema_problems({"understudy": 1, **data})) == 1


@pytest.mark.parametrize("key", KEYS)
def test_guide_has_every_key(key: str, root: Path) -> None:
    """As code."""
    text = "".join(
        (root / "docs/guide" / page).read_text("utf-8") for page in ("replies.md", "faults.md")
    )
    assert f"`{key}`" in text or f"`{key}:" in text


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_guide_has_every_profile(name: str, root: Path) -> None:
    """As code."""
    assert f"`{name}`" in (root / "docs/guide/faults.md").read_text("utf-8")
