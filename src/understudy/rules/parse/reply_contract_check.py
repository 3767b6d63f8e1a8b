"""Holds scripted answers against the contract: what it does not allow has to be meant."""

from typing import Any

from understudy.contract import Operation, Violation
from understudy.errors import nearest_name
from understudy.messages import Headers, Response, dump_json
from understudy.rules.matching.when import When
from understudy.rules.parse.parse_context import ParseContext, describe_value
from understudy.rules.replies.reply import NO_BODY, ReplyKind, ScriptedReply
from understudy.rules.replies.templating import Lookup, find_lookups, parse_template

_ERRORS = range(400, 600)
_MOST = 10
"""Of one answer, so many violations are told."""
_MEANT = 'If it is meant, say "off-contract: true".'
_PLAUSIBLE = "1"
"""What is put in for a look-up that is part of a text."""


def check_reply(answer: ScriptedReply, when: When, reading: ParseContext, pointer: str) -> None:
    """Note what is wrong with an answer to the calls that a rule is meant for."""
    if answer.kind is ReplyKind.ERROR:
        _judge_code(answer, reading, pointer)
    if reading.contract is None:
        return
    operations = when.matching_operations(reading.contract)
    if answer.kind is ReplyKind.EXAMPLE:
        _judge_example(answer, operations, reading, pointer)
    elif not reading.off_contract:
        for operation in operations:
            if _judge_for(answer, operation, reading, pointer):
                return  # the same answer breaks it for the others in much the same way


def _judge_code(answer: ScriptedReply, reading: ParseContext, pointer: str) -> None:
    code, codes = answer.code, sorted(reading.codes or ())
    if code is None or code in codes or code in _ERRORS:
        return
    nearest = sorted(sorted(codes, key=lambda known: abs(known - code))[:3])
    own = f"one of the service's codes ({', '.join(map(str, nearest))}, …), or " if nearest else ""
    reading.add_problem(
        "no-such-error",
        f": there is no error {code}",
        f"{pointer}/error",
        expected=f"{own}a status of HTTP from 400 to 599",
    )


def _judge_example(
    answer: ScriptedReply, operations: tuple[Operation, ...], reading: ParseContext, pointer: str
) -> None:
    for operation in operations:
        specs = (
            operation.responses
            if answer.status is None
            else {"": operation.response_spec(answer.status)}
        )
        names = [name for spec in specs.values() if spec is not None for name in spec.examples]
        if answer.example_name not in names:
            at = "" if answer.status is None else f" for the status {answer.status}"
            what = f'answers with the example "{answer.example_name}"; {operation.id} has none of that name{at}'
            near = nearest_name(answer.example_name, names)
            expected = "" if near else f"one of {', '.join(names) or 'no examples at all'}"
            reading.add_problem(
                "no-such-example", what, f"{pointer}/example", expected=expected, near=near
            )
            return


def _judge_for(
    answer: ScriptedReply, operation: Operation, reading: ParseContext, pointer: str
) -> bool:
    status = answer.status
    if status is not None and operation.response_spec(status) is None:
        what = f": the contract has no status {status} for {operation.id}"
        expected = f"one of {', '.join(operation.responses) or 'none'}"
        reading.add_problem(
            "contradicts-contract", what, f"{pointer}/status", expected=expected, hint=_MEANT
        )
        return True
    if answer.kind is not ReplyKind.LITERAL:
        return False
    free = (
        [where for where, _, alone in find_lookups(answer.body) if alone]
        if answer.body is not NO_BODY
        else []
    )
    broken = [v for v in operation.validate_response(_response(answer)) if _counts(v, free)]
    for where, what, expected in _told(broken, answer)[:_MOST]:
        text = f": the answer to {operation.id} contradicts the contract: {what}"
        reading.add_problem(
            "contradicts-contract", text, f"{pointer}/{where}", expected=expected, hint=_MEANT
        )
    return bool(broken)


def _told(violations: list[Violation], answer: ScriptedReply) -> list[tuple[str, str, str]]:
    """Give of each violation where it is, what it is, and what was expected; fields that miss in one place as one."""
    missing: dict[str, list[str]] = {}
    told: list[tuple[str, str, str]] = []
    key = "text" if answer.text is not None else "body"
    for violation in violations:
        place = violation.place if violation.place.startswith("/") else ""
        what = f'"{place}"' if place else "the body"
        if violation.place == "header.Content-Type":
            said = f"its content type is {violation.value}" if violation.value else "it has no body"
            told.append(("media-type", said, violation.expected))
        elif violation.rule == "required":
            missing.setdefault(place, []).append(violation.expected.removeprefix("the field "))
        else:
            told.append(
                (
                    f"{key}{place}",
                    f"{what} is {describe_value(violation.value)}",
                    violation.expected,
                )
            )
    for place, names in missing.items():
        what = f'"{place}"' if place else "the body"
        told.append((f"{key}{place}", f"{what} lacks {', '.join(names)}", ""))
    return told


def _response(answer: ScriptedReply) -> Response:
    if answer.is_empty:
        return Response(answer.status or 200)
    headers = Headers.of([("Content-Type", answer.media_type), *answer.headers])
    is_text = answer.text is not None
    body = (
        (answer.text or "").encode("utf-8", "replace")
        if is_text
        else dump_json(_plausible(answer.body))
    )
    return Response(answer.status or 200, headers, body)


def _plausible(value: Any) -> Any:
    match value:
        case str() if "{{" in value:
            return "".join(
                _PLAUSIBLE if isinstance(part, Lookup) else part for part in parse_template(value)
            )
        case dict():
            return {name: _plausible(item) for name, item in value.items()}
        case list():
            return [_plausible(item) for item in value]
        case _:
            return value


def _counts(violation: Violation, free: list[str]) -> bool:
    """Whether a violation is the answer's own: not one of a header that the stub adds, or of what is looked up."""
    place = violation.place
    if place.startswith("header."):
        return place == "header.Content-Type"
    return not any(
        place == where or place.startswith(f"{where}/") or (not where and place == "body")
        for where in free
    )
