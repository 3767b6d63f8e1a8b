"""Check of scripted replies against the contract.

A reply that breaks the contract is a problem, unless its rule is off-contract. Three things are
checked: the code of an error, the name of an example, and the response of a literal reply.
Generated data and patched answers come from the contract and the service; they are validated when
they are sent.
"""

from collections.abc import Iterator, Sequence

from understudy.contract import Operation, Violation
from understudy.messages import Headers, Json, Response, dump_json
from understudy.rules.matching.when import When
from understudy.rules.parse.parse_context import ParseContext, describe_value
from understudy.rules.replies.reply import NoBody, ReplyKind, ScriptedReply
from understudy.rules.replies.templating import Lookup, find_lookups, parse_template

_ERROR_STATUSES = range(400, 600)
_MAX_VIOLATIONS = 10
"""How many violations of one reply are reported."""
_HINT = 'If it is intended, write "off-contract: true".'
_LOOKUP_SAMPLE = "1"
"""The value that stands for a look-up which is a part of a text."""


def check_reply(reply: ScriptedReply, when: When, context: ParseContext, pointer: str) -> None:
    """Report what is wrong with a reply to the calls that a rule matches."""
    if reply.kind is ReplyKind.ERROR:
        _check_code(reply, context, pointer)
    if context.contract is None:
        return
    operations = when.matching_operations(context.contract)
    if reply.kind is ReplyKind.EXAMPLE:
        _check_example(reply, operations, context, pointer)
        return
    if context.off_contract:
        return
    for operation in operations:
        if _check_response(reply, operation, context, pointer):
            return  # for the other operations, the same reply has much the same problems


def _check_code(reply: ScriptedReply, context: ParseContext, pointer: str) -> None:
    """Report a code that is neither one of the service's codes nor the status of an error."""
    code = reply.code
    codes = sorted(context.codes or ())
    if code is None or code in codes or code in _ERROR_STATUSES:
        return
    expected = "an HTTP status from 400 to 599"
    if codes:
        by_distance = sorted(codes, key=lambda known: abs(known - code))
        nearest_codes = sorted(by_distance[:3])
        nearest = ", ".join(map(str, nearest_codes))
        expected = f"one of the service's codes ({nearest}, …), or {expected}"
    message = f"unknown error {code}"
    context.add_problem("no-such-error", message, f"{pointer}/error", expected=expected)


def _check_example(
    reply: ScriptedReply,
    operations: Sequence[Operation],
    context: ParseContext,
    pointer: str,
) -> None:
    """Report the first operation without an example of the reply's name."""
    for operation in operations:
        names = _list_examples(operation, reply.status)
        if reply.example_name in names:
            continue
        message = f'{operation.id} has no example "{reply.example_name}"'
        if reply.status is not None:
            message += f" for the status {reply.status}"
        near = context.report.find_nearest(reply.example_name, names)
        expected = ""
        if not near:
            expected = f"one of {', '.join(names) or 'no examples'}"
        context.add_problem(
            "no-such-example", message, f"{pointer}/example", expected=expected, near=near
        )
        return


def _list_examples(operation: Operation, status: int | None) -> list[str]:
    """Return the names of an operation's examples; with a status, of that response only."""
    if status is None:
        return [name for spec in operation.responses.values() for name in spec.examples]
    spec = operation.response_spec(status)
    if spec is None:
        return []
    return list(spec.examples)


def _check_response(
    reply: ScriptedReply, operation: Operation, context: ParseContext, pointer: str
) -> bool:
    """Report how a reply breaks the contract for one operation; return whether it does."""
    status = reply.status
    if status is not None and operation.response_spec(status) is None:
        context.add_problem(
            "contradicts-contract",
            f"the contract has no status {status} for {operation.id}",
            f"{pointer}/status",
            expected=f"one of {', '.join(operation.responses) or 'none'}",
            hint=_HINT,
        )
        return True
    if reply.kind is not ReplyKind.LITERAL:
        return False
    violations = _list_violations(reply, operation)
    for place, message, expected in _describe_violations(violations, reply)[:_MAX_VIOLATIONS]:
        context.add_problem(
            "contradicts-contract",
            f"the reply to {operation.id} breaks the contract: {message}",
            f"{pointer}/{place}",
            expected=expected,
            hint=_HINT,
        )
    return bool(violations)


def _list_violations(reply: ScriptedReply, operation: Operation) -> list[Violation]:
    """Return the violations of a reply that no look-up and no header of the stub explains."""
    free: list[str] = []
    if not isinstance(reply.body, NoBody):
        free = [pointer for pointer, _, is_alone in find_lookups(reply.body) if is_alone]
    violations = operation.validate_response(_build_response(reply))
    return [violation for violation in violations if _is_own(violation, free)]


def _is_own(violation: Violation, free: Sequence[str]) -> bool:
    """Return whether a violation is the reply's own.

    It is not when it is in a header that the stub adds, or in a value of a look-up (`free`).
    """
    place = violation.place
    if place.startswith("header."):
        return place == "header.Content-Type"
    for pointer in free:
        if not pointer and place == "body":
            return False
        if place == pointer or place.startswith(f"{pointer}/"):
            return False
    return True


def _describe_violations(
    violations: Sequence[Violation], reply: ScriptedReply
) -> list[tuple[str, str, str]]:
    """Return for each violation its place in the reply, what is wrong, and what was expected.

    Required fields that are missing from one object are one entry, at the end.
    """
    key = "text"
    if reply.text is None:
        key = "body"
    missing: dict[str, list[str]] = {}
    entries: list[tuple[str, str, str]] = []
    for violation in violations:
        pointer = ""
        if violation.place.startswith("/"):
            pointer = violation.place
        if violation.place == "header.Content-Type":
            entries.append(("media-type", _describe_media_type(violation), violation.expected))
        elif violation.rule == "required":
            field = violation.expected.removeprefix("the field ")
            missing.setdefault(pointer, []).append(field)
        else:
            message = f"{_name_place(pointer)} is {describe_value(violation.value)}"
            entries.append((f"{key}{pointer}", message, violation.expected))
    for pointer, fields in missing.items():
        message = f"{_name_place(pointer)} lacks {', '.join(fields)}"
        entries.append((f"{key}{pointer}", message, ""))
    return entries


def _describe_media_type(violation: Violation) -> str:
    if not violation.value:
        return "it has no body"
    return f"its content type is {violation.value}"


def _name_place(pointer: str) -> str:
    """Return how a problem names the place at a pointer into the body."""
    if not pointer:
        return "the body"
    return f'"{pointer}"'


def _build_response(reply: ScriptedReply) -> Response:
    """Build the response to validate, with samples instead of look-ups."""
    status = reply.status or 200
    if reply.is_empty:
        return Response(status)
    headers = Headers.of([("Content-Type", reply.media_type), *reply.headers])
    if reply.text is not None:
        return Response(status, headers, reply.text.encode("utf-8", "replace"))
    if isinstance(reply.body, NoBody):
        return Response(status, headers)
    return Response(status, headers, dump_json(_fill_samples(reply.body)))


def _fill_samples(value: Json) -> Json:
    """Return JSON data with a sample in the place of each look-up."""
    match value:
        case str() if "{{" in value:
            return "".join(_iter_sample_parts(value))
        case dict():
            return {name: _fill_samples(item) for name, item in value.items()}
        case list():
            return [_fill_samples(item) for item in value]
        case _:
            return value


def _iter_sample_parts(text: str) -> Iterator[str]:
    """Yield the literal parts of a text, and a sample for each look-up between them."""
    for part in parse_template(text):
        yield _LOOKUP_SAMPLE if isinstance(part, Lookup) else part
