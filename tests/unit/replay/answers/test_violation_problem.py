"""The problem document for violations: status by kind, and the list of what is wrong."""

from typing import Any

import pytest

from understudy.contract import Violation
from understudy.replay.answers.violation_problem import build_violation_problem, find_kind


def violation(rule: str, place: str = "query.size") -> Violation:
    """Return a violation of a rule at a place."""
    return Violation(place, rule, None, "something else", "/pointer")


@pytest.mark.parametrize(
    ("rules", "status", "slug"),
    [
        (["maximum"], 422, "invalid-request"),
        (["maximum", "accept"], 422, "invalid-request"),
        (["accept"], 406, "not-acceptable"),
        (["maximum", "content-type"], 415, "unsupported-media-type"),
        (["content-type", "accept", "security"], 401, "unauthorized"),
    ],
)
def test_kind_of_violations_determines_the_status(rules: list[str], status: int, slug: str) -> None:
    """Credentials come first, then the media type; what the client accepts comes last."""
    violations = [violation(rule) for rule in rules]
    problem: dict[str, Any] = build_violation_problem(violations)
    assert find_kind(violations).statuses[0] == problem["status"] == status
    assert problem["type"] == f"urn:understudy:problem:{slug}"
    assert list(problem) == ["type", "title", "status", "detail", "validation"]
    assert [entry["code"] for entry in problem["validation"]] == rules


@pytest.mark.parametrize(
    ("place", "location"),
    [
        ("query.size", ["query", "size"]),
        ("query.a.b", ["query", "a.b"]),
        ("query.filter/a/0", ["query", "filter", "a", "0"]),
        ("path.id", ["path", "id"]),
        ("cookie.Session", ["cookie", "Session"]),
        ("header.X-Count", ["header", "x-count"]),
        ("body", ["body"]),
        ("body/a~1b/0/c~0d", ["body", "a/b", "0", "c~d"]),
        ("/a/0", ["body", "a", "0"]),
        ("status", ["status"]),
    ],
)
def test_location_is_a_list(place: str, location: list[str]) -> None:
    """The parts of a place, unescaped; header fields in lower case."""
    problem: dict[str, Any] = build_violation_problem([violation("type", place)])
    assert problem["validation"][0]["location"] == location
    assert problem["validation"][0]["severity"] == "Error"
