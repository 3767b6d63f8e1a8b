"""The problem document for violations: which status, and the list of what is wrong.

This is the one place where a request that breaks a contract without a service becomes an answer:
its parameters and body, its media types, and its credentials.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from understudy.contract import MAX_VIOLATIONS, Violation
from understudy.messages import Headers, Json, Response, dump_json

PROBLEM_TYPE = "application/problem+json"
"""The media type of problem documents. Source: RFC 9457, section 3."""
_TYPE_PREFIX = "urn:understudy:problem:"


@dataclass(frozen=True, slots=True)
class ViolationKind:
    """A kind of violation of a request: how it is answered."""

    statuses: tuple[int, ...]
    """The statuses that fit it, the best first."""
    slug: str
    title: str
    uses_default: bool = True
    """Whether a documented `4XX` or `default` response answers it too."""


_INVALID = ViolationKind((422, 400), "invalid-request", "Invalid request")
_KINDS = {
    "security": ViolationKind((401, 403), "unauthorized", "Unauthorized"),
    "content-type": ViolationKind(
        (415, 422, 400), "unsupported-media-type", "Unsupported media type"
    ),
    "accept": ViolationKind((406,), "not-acceptable", "Not acceptable", uses_default=False),
}
"""By the rule of a violation. Source: RFC 9110, sections 15.5.2, 15.5.16 and 15.5.7."""


def find_kind(violations: Sequence[Violation]) -> ViolationKind:
    """Return the kind that answers a request with some violations.

    Missing credentials come first, then the media type of the body, then any other violation. What
    the client accepts comes last: it matters only for a request that is valid otherwise.
    """
    rules = {violation.rule for violation in violations}
    for rule in ("security", "content-type"):
        if rule in rules:
            return _KINDS[rule]
    return _KINDS["accept"] if rules == {"accept"} else _INVALID


def build_problem(slug: str, status: int, title: str, detail: str) -> dict[str, Json]:
    """Build a problem document. Keys: type, title, status, and detail if there is one.

    Source: RFC 9457, section 3.1.
    """
    problem: dict[str, Json] = {
        "type": f"{_TYPE_PREFIX}{slug}",
        "title": title,
        "status": status,
    }
    if detail:
        problem["detail"] = detail
    return problem


def build_violation_problem(violations: Sequence[Violation]) -> dict[str, Json]:
    """Build the problem document for the violations of a request.

    Keys: type, title, status, detail, validation (a list, see `describe_violations`).
    """
    kind = find_kind(violations)
    detail = "The request breaks the contract, which documents no response for that."
    if len(violations) >= MAX_VIOLATIONS:
        detail += f" Only the first {MAX_VIOLATIONS} violations of its body are listed."
    problem = build_problem(kind.slug, kind.statuses[0], kind.title, detail)
    problem["validation"] = describe_violations(violations)
    return problem


def build_broken_response_problem(violations: Sequence[Violation]) -> Response:
    """Build the problem (500) that replaces a response which breaks the contract.

    The document has the keys of `build_violation_problem`.
    """
    title = "The response breaks the contract"
    detail = "The stub runs with --errors, so it does not send a response that breaks the contract."
    problem = build_problem("response-breaks-contract", 500, title, detail)
    problem["validation"] = describe_violations(violations)
    return Response(500, Headers.of([("Content-Type", PROBLEM_TYPE)]), dump_json(problem))


def describe_violations(violations: Sequence[Violation]) -> list[Json]:
    """Return violations as JSON. Keys of each: location (a list), severity, code, message."""
    described: list[Json] = []
    for violation in violations:
        entry: dict[str, Json] = {
            "location": list(_split_place(violation.place)),
            "severity": "Error",
            "code": violation.rule,
            "message": str(violation),
        }
        described.append(entry)
    return described


def _split_place(place: str) -> list[str]:
    """Return the parts of a place: `query.a/0` gives query, a and 0; `body/a/0` body, a and 0.

    The place of a response's body begins with a slash, and its status has one part.
    """
    head, *tokens = place.split("/")
    steps = [token.replace("~1", "/").replace("~0", "~") for token in tokens]
    if head in ("", "body"):
        return ["body", *steps]
    location, _, name = head.partition(".")
    # Names of header fields have no case: they are compared in lower case.
    if location == "header":
        name = name.lower()
    return [location, name, *steps] if name else [location, *steps]
