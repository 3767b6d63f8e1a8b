"""Look-ups: their values, the empty text for a missing one, and no evaluation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_builders import LIST, TASK, build_call, build_rules, list_problems
from understudy.rules import CallContext, ReplyKind, ScriptedReply, render_reply
from understudy.rules.replies.templating import LOOKUP_ROOTS, Lookup, parse_template

BODY = {"items": [{"id": 7, "n": None, "x/y": True}], "s": "text", "": 1}
CALL = build_call(
    f"{TASK}?size=10&size=20&name=a%20b",
    headers=[("X-One", "1"), ("x-one", "2")],
    body=BODY,
    seed=42,
    number=9,
    after=1.5,
)


def render_body(value: Any, call: CallContext = CALL) -> Any:
    """Return the body of a reply, rendered for a call."""
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


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_look_up_has_its_value(text: str, expected: Any) -> None:
    """A look-up that is all of its text keeps the type of the value."""
    assert render_body(text) == expected
    assert type(render_body(text)) is type(expected)


@pytest.mark.parametrize("text", MISSING)
def test_missing_value_is_the_empty_text(text: str) -> None:
    """Alone or in a text."""
    assert render_body([text, f"<{text}>"]) == ["", "<>"]


def test_parts_that_a_call_lacks_are_missing() -> None:
    """A body that is not JSON, an unknown task, a path without variables."""
    assert render_body("{{body./a}}", build_call(raw=b"{")) == ""
    assert render_body("{{task.status}}", build_call(f"{LIST}/1")) == ""
    assert render_body("{{task.status}}", build_call(LIST)) == ""


def test_invalid_path_variable_stays_a_text() -> None:
    """Where the contract can decode it, it has the contract's type."""
    assert render_body("{{path.taskInstanceId}}", build_call(f"{LIST}/abc")) == "abc"
    assert (
        render_body("{{path.taskInstanceId}}", build_call(f"{LIST}/9223372036854775807"))
        == 9223372036854775807
    )


def test_values_are_not_searched_for_look_ups() -> None:
    """A client cannot make the stub look up a value."""
    call = build_call(
        f"{LIST}?name=%7B%7Bworld.seed%7D%7D",
        headers=[("X", "{{world.seed}}")],
        body={"a": "{{world.seed}}"},
    )
    text = [
        "{{query.name}}",
        "<{{query.name}}>",
        "{{header.X}}",
        "{{body./a}}",
        "{{body.}}",
        "{{query.name}}{{header.X}}",
    ]
    lookup = "{{world.seed}}"
    assert render_body(text, call) == [
        lookup,
        f"<{lookup}>",
        lookup,
        lookup,
        {"a": lookup},
        lookup + lookup,
    ]


def test_header_values_stay_one_line() -> None:
    """Control characters are removed; what is not ISO 8859-1 becomes a question mark."""
    call = build_call(f"{LIST}?name=a%0D%0ASet-Cookie:%20x%00%7F%E4%BB%BB%C3%A9")
    answer = build_rules(
        {
            "reply": {
                "status": 200,
                "headers": {"X-Name": "<{{query.name}}>", "X-Alone": "{{query.name}}"},
            }
        }
    )
    text = render_reply(answer.replies[0].replies[0], call).headers
    assert text == (("X-Name", "<aSet-Cookie: x?é>"), ("X-Alone", "aSet-Cookie: x?é"))


@given(st.text(alphabet="{}.pathwordquebdy/ _()[]'\"+*|:%$\n0179", max_size=40))
def test_text_is_never_evaluated(text: str) -> None:
    """A text is literal but for its look-ups; braces without a pair stay as they are."""
    result = render_body([text])[0]
    parts = parse_template(text)
    if not any(isinstance(part, Lookup) for part in parts):
        assert result == text
    literal = "".join(part for part in parts if isinstance(part, str))
    if isinstance(result, str) and all(
        isinstance(part, str) or part.root not in LOOKUP_ROOTS for part in parts
    ):
        assert result == literal


@given(st.text(max_size=30))
def test_unknown_root_is_reported(name: str) -> None:
    """At load, before any call."""
    root = "".join(c for c in name if c not in "{}.").strip()
    text = list_problems({"replies": [{"reply": {"text": f"{{{{{root}.x}}}}"}}]}, check=False)
    assert (text == []) is (root in ("path", "query", "header"))


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


@pytest.mark.parametrize(("text", "message", "help_"), ERRORS)
def test_unknown_look_up_is_reported(text: str, message: str, help_: str) -> None:
    """With the look-ups that are possible."""
    rule = {
        "when": {"operation": "getTaskInstance"},
        "off-contract": True,
        "reply": {"body": {"a": [f"x {text}"]}},
    }
    [text] = list_problems({"replies": [rule]})
    assert text.startswith("/replies/0/reply/body/a/0: ")
    assert message in text
    assert help_ in text
