"""What can go wrong with a call of the control API: each kind has a slug that stays, a status and a title."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from understudy.contract import Violation
from understudy.contract.schema.descriptions import abbreviate_json
from understudy.errors import Problem, nearest_name
from understudy.messages import Headers, Response, dump_json
from understudy.scenario.format_schema import follow_pointer

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem."""

    status: int
    title: str
    when: str
    """When it is told, for the guide."""


KINDS: Mapping[str, ProblemKind] = {
    "bad-request": ProblemKind(
        400, "The call is not as documented", "A parameter or body is not as documented."
    ),
    "bad-scenario": ProblemKind(
        400, "The scenario has problems", "A scenario that is uploaded has problems."
    ),
    "bad-world-name": ProblemKind(
        400, "This cannot be the name of a world", "A path or user name asks for no possible world."
    ),
    "token-needed": ProblemKind(
        401, "The control API asks for its token", "The token is missing or wrong."
    ),
    "foreign-origin": ProblemKind(
        403, "This call comes from another site", "A page of another site calls."
    ),
    "no-such-route": ProblemKind(
        404, "The control API has no such route", "The path is none of this page."
    ),
    "no-such-request": ProblemKind(
        404, "There is no such exchange", "The journal has no exchange of this number."
    ),
    "no-such-rule": ProblemKind(
        404, "There is no such rule", "No reply, or no fault, has this name."
    ),
    "no-such-scenario": ProblemKind(404, "There is no such scenario", "No scenario has this name."),
    "no-such-snapshot": ProblemKind(
        404, "There is no such snapshot", "The world has no snapshot of this name."
    ),
    "no-such-task": ProblemKind(
        404, "There is no such task", "The world has no task, or the task no subtask, of this id."
    ),
    "no-tasks": ProblemKind(
        404, "This contract has no tasks", "The contract is not served by the service `ocp`."
    ),
    "method-not-allowed": ProblemKind(
        405, "The route has no such method", "`Allow` tells the methods."
    ),
    "broken-scenario": ProblemKind(
        409, "The scenario has problems", "A scenario that is to be played has problems."
    ),
    "clock-backwards": ProblemKind(
        409, "A clock moves forward only", "The clock is set to a moment that has passed."
    ),
    "clock-at-its-end": ProblemKind(
        409, "The clock cannot go that far", "The clock would go beyond the year 9000."
    ),
    "journal-truncated": ProblemKind(
        409,
        "The journal has dropped exchanges",
        "A count would be wrong: exchanges were dropped. Clear the journal.",
    ),
    "name-taken": ProblemKind(
        409, "The name is taken", "Another reply, fault or scenario has this name."
    ),
    "nothing-to-come": ProblemKind(
        409, "Nothing will happen to the task", "A task that has ended, or hangs, is to be stepped."
    ),
    "other-scenario": ProblemKind(
        409, "The snapshot is of another scenario", "The world plays another scenario by now."
    ),
    "scenario-rule": ProblemKind(
        409, "The rule is the scenario's own", "A rule of the scenario is to be removed."
    ),
    "snapshots-full": ProblemKind(
        409, "There is no room for the snapshot", "100 per world and 64 MiB in all are kept."
    ),
    "too-many-rules": ProblemKind(
        409, "There is no room for another rule", "1000 rules were added to the world."
    ),
    "too-many-scenarios": ProblemKind(
        409, "There is no room for another scenario", "1000 scenarios were uploaded."
    ),
    "world-closed": ProblemKind(
        410, "The world is closed", "Its test has ended. Reset it to begin anew."
    ),
    "world-evicted": ProblemKind(
        410, "The world is gone", "The world had to make room for another. Reset it."
    ),
    "request-entity-too-large": ProblemKind(
        413, "The body is too large", "A body has more than 10 MiB."
    ),
    "target-too-long": ProblemKind(
        414, "The request target is too long", "A path with its query has more than 8 KiB."
    ),
    "unsupported-media-type": ProblemKind(
        415, "The body is of another type", "The content type is none that is documented."
    ),
    "host-not-allowed": ProblemKind(
        421, "The host is not served here", "The name in `Host` was not allowed."
    ),
    "internal": ProblemKind(
        500, "The stub failed", "A defect of the tool; the log has the traceback."
    ),
    "no-thread-left": ProblemKind(
        503, "Too many calls are waiting", "Half of the threads wait. Try again in a second."
    ),
    "too-many-worlds": ProblemKind(
        503, "There is no room for another world", "All worlds were used a short time ago."
    ),
}
"""By slug, in the order of their statuses."""


@dataclass(frozen=True, slots=True)
class ControlProblem(Exception):  # noqa: N818 - named for the RFC 9457 problem that it becomes
    """What is wrong with a call: becomes a problem document."""

    slug: str
    detail: str
    errors: tuple[Mapping[str, Any], ...] = ()
    """Every single thing, when there are several."""
    headers: tuple[tuple[str, str], ...] = ()

    def to_response(self) -> Response:
        """Give the problem document (RFC 9457); `errors` is an extension member."""
        kind = KINDS[self.slug]
        body: dict[str, Any] = {"type": f"urn:understudy:problem:{self.slug}", "title": kind.title}
        body |= {"status": kind.status, "detail": self.detail}
        if self.errors:
            body["errors"] = list(self.errors)
        return Response(
            kind.status, Headers.of([("Content-Type", PROBLEM), *self.headers]), dump_json(body)
        )


def from_problems(slug: str, problems: Iterable[Problem]) -> ControlProblem:
    """Tell the problems of an input, each with what is known of its place."""
    told = tuple(problems)
    return ControlProblem(slug, "\n".join(map(str, told)), tuple(map(describe_problem, told)))


def describe_problem(problem: Problem) -> dict[str, Any]:
    """Give a problem as JSON data: `slug`, `message`, and where known `where`, `line`, `column`, `expected`, …"""
    place = problem.place
    told = {"expected": problem.expected, "nearest": problem.nearest, "hint": problem.hint}
    where = {"where": place.file, "line": place.line, "column": place.column} if place else {}
    more = {key: value for key, value in {**where, **told}.items() if value}
    return {"slug": problem.slug, "message": f"{problem.message}.", **more}


def from_violations(violations: Iterable[Violation], document: Any) -> ControlProblem:
    """Tell how a call breaks the document of the control API."""
    errors = tuple(error for violation in violations for error in _errors(violation, document))
    return ControlProblem("bad-request", "\n".join(_line(error) for error in errors), errors)


def _errors(violation: Violation, document: Any) -> Iterator[dict[str, Any]]:
    """Give what a violation tells: of names that nobody knows each one, with the nearest that somebody does."""
    where, value, expected = violation.place, violation.value, violation.expected
    schema = follow_pointer(document, violation.pointer.rpartition("/")[0])
    if violation.rule == "additionalProperties" and isinstance(value, dict):
        for name in (name for name in value if name not in schema["properties"]):
            yield _error(
                "unknown-key",
                f'there is no "{name[:100]}" here',
                where,
                near=(name, schema["properties"]),
            )
        return
    if violation.rule == "unknown":
        name = where.partition(".")[2]
        yield _error("unknown-key", f'there is no parameter "{name[:100]}"', where, expected)
        return
    if violation.rule in ("pattern", "anyOf"):
        expected = schema.get("description", expected)
    name = expected.removeprefix("the field ")
    if violation.rule == "required" and name != expected:
        yield _error(violation.rule, f'the key "{name}" is missing', where)
        return
    found = "it is missing" if value is None else f"it is {abbreviate_json(value)}"
    known = (
        [word for word in schema["enum"] if isinstance(word, str)]
        if violation.rule == "enum"
        else []
    )
    yield _error(
        violation.rule,
        found,
        where,
        expected,
        (value, known) if isinstance(value, str) and known else None,
    )


def _error(
    slug: str,
    message: str,
    where: str,
    expected: str = "",
    near: tuple[str, Iterable[str]] | None = None,
) -> dict[str, Any]:
    nearest = nearest_name(near[0][:100], near[1]) if near else ""
    if near and not nearest and not expected:
        expected = f"one of {', '.join(near[1])}"
    more = {"expected": expected, "nearest": nearest}
    return {"slug": slug, "message": f"{message}.", "where": where} | {
        key: text for key, text in more.items() if text
    }


def _line(error: Mapping[str, Any]) -> str:
    expected = f" Expected {error['expected']}." if "expected" in error else ""
    near = f' Did you mean "{error["nearest"]}"?' if "nearest" in error else ""
    return f"{error['where']}: {error['message']}{expected}{near}"
