"""Look-ups: what can be looked up, what it becomes, and that nothing else ever happens."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_builders import LIST, TASK, facts, problems, script
from understudy.rules import CallContext, ReplyKind, ScriptedReply, render_reply
from understudy.rules.replies.templating import LOOKUP_ROOTS, Lookup, parse_template

BODY = {"items": [{"id": 7, "n": None, "x/y": True}], "s": "text", "": 1}
CALL = facts(
    f"{TASK}?size=10&size=20&name=a%20b",
    headers=[("X-One", "1"), ("x-one", "2")],
    body=BODY,
    seed=42,
    number=9,
    after=1.5,
)


def filled(value: Any, call: CallContext = CALL) -> Any:
    """Give what a body becomes, as if a rule had told it."""
    return render_reply(ScriptedReply(ReplyKind.LITERAL, body=value, has_lookups=True), call).body


FOUND: list[tuple[str, Any]] = [
    ("{{path.taskInstanceId}}", 35000312),
    ("{{ path.taskInstanceId }}", 35000312),
    ("{{query.size}}", "10"),
    ("{{query.name}}", "a b"),
    ("{{header.X-ONE}}", "1"),
    ("{{body./items/0/id}}", 7),
    ("{{body./items/0/n}}", None),
    ("{{body./items/0/x~1y}}", True),
    ("{{body./items}}", BODY["items"]),
    ("{{body.}}", BODY),
    ("{{body./}}", 1),
    ("{{request.method}}", "GET"),
    ("{{request.path}}", "/api/v2/tasks/instances/35000312"),
    ("{{world.name}}", "mine"),
    ("{{world.now}}", "2021-08-25T15:09:32.5+00:00"),
    ("{{world.seed}}", 42),
    ("{{world.call}}", 9),
    ("{{task.status}}", "RUNNING"),
    ("<{{body./items/0}}>", '<{"id": 7, "n": null, "x/y": true}>'),
    ("{{path.taskInstanceId}}/{{world.call}}", "35000312/9"),
    ("no {{ look-up", "no {{ look-up"),
    ("{{{path.taskInstanceId}}}", "{35000312}"),
]
MISSING = [
    "{{path.other}}", "{{query.other}}", "{{header.Other}}", "{{body./other}}", "{{body./items/5}}",
    "{{body./items/-}}", "{{body./s/0}}", "{{body.s}}", "{{world.other}}", "{{nothing.x}}", "{{}}", "{{path}}",
]  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), FOUND)
def test_each_look_up(told: str, expected: Any) -> None:
    """One that is all of its text keeps the type of what it found."""
    assert filled(told) == expected
    assert type(filled(told)) is type(expected)


@pytest.mark.parametrize("told", MISSING)
def test_what_is_missing_is_the_empty_text(told: str) -> None:
    """Alone or in a text."""
    assert filled([told, f"<{told}>"]) == ["", "<>"]


def test_what_a_call_does_not_have_is_missing() -> None:
    """A body that is no JSON, a task that is not there, a path without variables."""
    assert filled("{{body./a}}", facts(raw=b"{")) == ""
    assert filled("{{task.status}}", facts(f"{LIST}/1")) == ""
    assert filled("{{task.status}}", facts(LIST)) == ""


def test_a_path_value_that_cannot_be_decoded_stays_a_text() -> None:
    """It is what the contract decodes, where it can."""
    assert filled("{{path.taskInstanceId}}", facts(f"{LIST}/abc")) == "abc"
    assert (
        filled("{{path.taskInstanceId}}", facts(f"{LIST}/9223372036854775807"))
        == 9223372036854775807
    )


def test_what_is_put_in_is_not_searched_again() -> None:
    """A client cannot make the stub look something up."""
    call = facts(
        f"{LIST}?name=%7B%7Bworld.seed%7D%7D",
        headers=[("X", "{{world.seed}}")],
        body={"a": "{{world.seed}}"},
    )
    told = [
        "{{query.name}}",
        "<{{query.name}}>",
        "{{header.X}}",
        "{{body./a}}",
        "{{body.}}",
        "{{query.name}}{{header.X}}",
    ]
    look = "{{world.seed}}"
    assert filled(told, call) == [look, f"<{look}>", look, look, {"a": look}, look + look]


def test_header_values_stay_one_line() -> None:
    """Control characters of what was found are taken out, and what ISO 8859-1 cannot tell becomes a question mark."""
    call = facts(f"{LIST}?name=a%0D%0ASet-Cookie:%20x%00%7F%E4%BB%BB%C3%A9")
    answer = script(
        {
            "reply": {
                "status": 200,
                "headers": {"X-Name": "<{{query.name}}>", "X-Alone": "{{query.name}}"},
            }
        }
    )
    told = render_reply(answer.replies[0].replies[0], call).headers
    assert told == (("X-Name", "<aSet-Cookie: x?é>"), ("X-Alone", "aSet-Cookie: x?é"))


@given(st.text(alphabet="{}.pathwordquebdy/ _()[]'\"+*|:%$\n0179", max_size=40))
def test_a_text_is_never_evaluated(text: str) -> None:
    """Whatever stands in a text: it is looked up, or it is a text; braces without a pair stay as they are."""
    result = filled([text])[0]
    parts = parse_template(text)
    if not any(isinstance(part, Lookup) for part in parts):
        assert result == text
    literal = "".join(part for part in parts if isinstance(part, str))
    if isinstance(result, str) and all(
        isinstance(part, str) or part.root not in LOOKUP_ROOTS for part in parts
    ):
        assert result == literal


@given(st.text(max_size=30))
def test_any_root_that_nobody_knows_is_an_error_when_it_is_read(name: str) -> None:
    """Nothing is forgotten in silence."""
    root = "".join(c for c in name if c not in "{}.").strip()
    told = problems({"replies": [{"reply": {"text": f"{{{{{root}.x}}}}"}}]}, judged=False)
    assert (told == []) is (root in ("path", "query", "header"))


ERRORS = [
    ("{{pth.x}}", 'unknown look-up "{{pth.x}}"', 'Did you mean "path"?'),
    (
        "{{world.nmae}}",
        'unknown look-up "{{world.nmae}}"',
        'Did you mean "world.name"?',
    ),
    (
        "{{request.body}}",
        'unknown look-up "{{request.body}}"',
        "Expected one of request.method, request.path.",
    ),
    ("{{task.id}}", 'unknown look-up "{{task.id}}"', "Expected one of task.status."),
    (
        "{{body.a}}",
        'unknown look-up "{{body.a}}"',
        "Expected a JSON pointer after the dot",
    ),
    ("{{query}}", 'unknown look-up "{{query}}"', "Expected query.NAME."),
    (
        "{{1 + 1}}",
        'unknown look-up "{{1 + 1}}"',
        "Expected one of path.NAME, query.NAME",
    ),
    ("{{path.taskInstanceID}}", "unknown look-up", 'Did you mean "path.taskInstanceId"?'),
]


@pytest.mark.parametrize(("told", "what", "help_"), ERRORS)
def test_errors_of_look_ups(told: str, what: str, help_: str) -> None:
    """Each says what cannot be looked up, and what can."""
    rule = {
        "when": {"operation": "getTaskInstance"},
        "off-contract": True,
        "reply": {"body": {"a": [f"x {told}"]}},
    }
    [text] = problems({"replies": [rule]})
    assert text.startswith("/replies/0/reply/body/a/0: ")
    assert what in text
    assert help_ in text
