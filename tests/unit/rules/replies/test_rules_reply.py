"""Scripted replies: each kind as it is parsed and rendered, and patches."""

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_builders import build_call, build_rules, select
from understudy.rules import NO_BODY, ReplyKind, RuleError, ScriptedReply, apply_patch, render_reply


def parse_reply_data(reply: Any) -> ScriptedReply:
    """Return the reply of a rule with this data."""
    return build_rules({"reply": reply}).replies[0].replies[0]


PATCH = [{"op": "replace", "path": "/data/status", "value": "FAILED"}]
READ: list[tuple[dict[str, Any], ScriptedReply]] = [
    ({"error": 1999}, ScriptedReply(ReplyKind.ERROR, code=1999)),
    (
        {"error": 404, "message": "gone", "headers": {"X-A": 1}},
        ScriptedReply(ReplyKind.ERROR, code=404, message="gone", headers=(("X-A", "1"),)),
    ),
    ({"status": 503}, ScriptedReply(ReplyKind.LITERAL, status=503)),
    (
        {"headers": {"X-A": True}},
        ScriptedReply(ReplyKind.LITERAL, status=200, headers=(("X-A", "true"),)),
    ),
    (
        {"body": {"a": 1}},
        ScriptedReply(ReplyKind.LITERAL, status=200, body={"a": 1}, media_type="application/json"),
    ),
    (
        {"body": None},
        ScriptedReply(ReplyKind.LITERAL, status=200, body=None, media_type="application/json"),
    ),
    (
        {"text": "hi", "status": 201},
        ScriptedReply(
            ReplyKind.LITERAL, status=201, text="hi", media_type="text/plain; charset=utf-8"
        ),
    ),
    (
        {"text": ""},
        ScriptedReply(
            ReplyKind.LITERAL, status=200, text="", media_type="text/plain; charset=utf-8"
        ),
    ),
    (
        {"text": "<a/>", "media-type": "application/xml"},
        ScriptedReply(ReplyKind.LITERAL, status=200, text="<a/>", media_type="application/xml"),
    ),
    (
        {"text": "<a/>", "headers": {"content-type": "application/xml", "X": "y"}},
        ScriptedReply(
            ReplyKind.LITERAL,
            status=200,
            text="<a/>",
            media_type="application/xml",
            headers=(("X", "y"),),
        ),
    ),
    ({"example": "failed"}, ScriptedReply(ReplyKind.EXAMPLE, example_name="failed")),
    (
        {"example": "failed", "status": 200},
        ScriptedReply(ReplyKind.EXAMPLE, example_name="failed", status=200),
    ),
    ({"dynamic": True}, ScriptedReply(ReplyKind.DYNAMIC)),
    (
        {"dynamic": True, "status": 404, "seed": 5},
        ScriptedReply(ReplyKind.DYNAMIC, status=404, seed=5),
    ),
    ({"patch": PATCH}, ScriptedReply(ReplyKind.PATCH, patch=tuple(PATCH))),
    (
        {"patch": PATCH, "status": 500, "headers": {"X": "y"}},
        ScriptedReply(ReplyKind.PATCH, patch=tuple(PATCH), status=500, headers=(("X", "y"),)),
    ),
]


@pytest.mark.parametrize(("reply", "expected"), READ, ids=str)
def test_each_kind_is_parsed(reply: dict[str, Any], expected: ScriptedReply) -> None:
    """One key decides the kind; the other fields have their defaults."""
    assert parse_reply_data(reply) == expected


def test_null_is_a_body() -> None:
    """JSON's null is sent; a missing body is not."""
    assert (parse_reply_data({"body": None}).body, parse_reply_data({"body": None}).is_empty) == (
        None,
        False,
    )
    assert (parse_reply_data({"status": 204}).body, parse_reply_data({"status": 204}).is_empty) == (
        NO_BODY,
        True,
    )
    assert not parse_reply_data({"text": ""}).is_empty


def test_reply_without_look_ups_is_not_copied() -> None:
    """The very same object is returned."""
    reply = parse_reply_data({"body": {"a": "{{ unclosed"}})
    assert render_reply(reply, build_call()) is reply


def test_look_ups_are_replaced_in_each_text() -> None:
    """Of body, text, headers, message, and the values of a patch; not in names."""
    call = build_call()
    body = {
        "{{path.taskInstanceId}}": [
            "{{path.taskInstanceId}}",
            {"a": "task {{path.taskInstanceId}}!"},
        ]
    }
    rendered = render_reply(
        parse_reply_data({"body": body, "headers": {"X-Id": "{{path.taskInstanceId}}"}}), call
    )
    assert rendered.body == {"{{path.taskInstanceId}}": [35000312, {"a": "task 35000312!"}]}
    assert rendered.headers == (("X-Id", "35000312"),)
    assert render_reply(
        parse_reply_data({"text": "{{request.method}} {{request.path}}"}), call
    ).text == ("GET /api/v2/tasks/instances/35000312")
    assert (
        render_reply(parse_reply_data({"error": 404, "message": "no {{world.name}}"}), call).message
        == "no mine"
    )
    patch = [
        {
            "op": "add",
            "path": "/{{path.taskInstanceId}}",
            "value": {"id": "{{path.taskInstanceId}}"},
        }
    ]
    assert render_reply(parse_reply_data({"patch": patch}), call).patch == (
        {"op": "add", "path": "/{{path.taskInstanceId}}", "value": {"id": 35000312}},
    )


def test_named_segments_can_be_looked_up() -> None:
    """They are texts: no contract gives them a type."""
    rules = build_rules({"when": {"request": "GET /old/{id}"}, "reply": {"body": "{{path.id}}"}})
    call = build_call("GET /old/1%2F2")
    selected = select(rules, call)
    assert selected is not None
    assert render_reply(selected.reply, call).body == "1/2"


def test_rendering_does_not_change_the_rule() -> None:
    """The rule answers other calls too."""
    reply = parse_reply_data({"body": {"a": ["{{world.name}}"]}})
    before = copy.deepcopy(reply)
    render_reply(reply, build_call())
    assert reply == before


Case = tuple[Any, list[dict[str, Any]], Any]
FITS: list[Case] = [
    ({"a": 1}, [{"op": "add", "path": "/b", "value": [1]}], {"a": 1, "b": [1]}),
    ({"a": 1}, [{"op": "add", "path": "/a", "value": 2}], {"a": 2}),
    ([1, 3], [{"op": "add", "path": "/1", "value": 2}], [1, 2, 3]),
    ([1], [{"op": "add", "path": "/-", "value": 2}], [1, 2]),
    ([1], [{"op": "add", "path": "/1", "value": 2}], [1, 2]),
    (
        {"a": 1},
        [{"op": "add", "path": "", "value": []}, {"op": "add", "path": "/-", "value": 1}],
        [1],
    ),
    ({"a": 1, "b": 2}, [{"op": "remove", "path": "/a"}], {"b": 2}),
    ([1, 2, 3, 4], [{"op": "remove", "path": "/1"}, {"op": "remove", "path": "/2"}], [1, 3]),
    ({"a": None}, [{"op": "replace", "path": "/a", "value": "x"}], {"a": "x"}),
    ({"a": 1}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": 1}),
    ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
    ({"a": [1, 2, 3]}, [{"op": "move", "from": "/a/0", "path": "/a/2"}], {"a": [2, 3, 1]}),
    ({"a": {"x": 1}}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": {"x": 1}, "b": {"x": 1}}),
    ({"a": 1}, [{"op": "copy", "from": "", "path": "/b"}], {"a": 1, "b": {"a": 1}}),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": 1.0}], {"a": 1}),
    ({"~1": 1}, [{"op": "test", "path": "/~01", "value": 1}], {"~1": 1}),
    ({"": {"": 1}}, [{"op": "replace", "path": "//", "value": 2}], {"": {"": 2}}),
    ({"1": 1}, [{"op": "replace", "path": "/1", "value": 2}], {"1": 2}),
    ("text", [{"op": "replace", "path": "", "value": "other"}], "other"),
]
FAILS: list[tuple[Any, list[dict[str, Any]]]] = [
    ({"a": 1}, [{"op": "test", "path": "/a", "value": True}]),
    ({"a": [0]}, [{"op": "test", "path": "/a", "value": [False]}]),
    ({"a": 1}, [{"op": "test", "path": "/b", "value": None}]),
    ({"a": 1}, [{"op": "remove", "path": "/b"}]),
    ({"a": 1}, [{"op": "replace", "path": "/b", "value": 1}]),
    ({"a": 1}, [{"op": "add", "path": "/b/c", "value": 1}]),
    ({"a": 1}, [{"op": "add", "path": "/a/c", "value": 1}]),
    ({"a": "xyz"}, [{"op": "test", "path": "/a/0", "value": "x"}]),
    ([1, 2], [{"op": "test", "path": "/01", "value": 2}]),
    ([1, 2], [{"op": "test", "path": "/-1", "value": 2}]),
    ([1, 2], [{"op": "add", "path": "/3", "value": 2}]),
    ([1, 2], [{"op": "remove", "path": "/-"}]),
    ({"a": {}}, [{"op": "move", "from": "/a", "path": "/a/b"}]),
    ({"a": 1}, [{"op": "copy", "from": "/b", "path": "/c"}]),
]


@pytest.mark.parametrize(("body", "patch", "expected"), FITS, ids=str)
def test_patch_changes_an_answer(body: Any, patch: list[dict[str, Any]], expected: Any) -> None:
    """As RFC 6902 specifies; neither the answer that came in nor the rule changes."""
    before, reply = copy.deepcopy(body), parse_reply_data({"patch": patch})
    assert apply_patch(reply, body) == expected
    assert body == before
    assert reply.patch == tuple(patch)
    assert apply_patch(reply, body) == expected


@pytest.mark.parametrize(("body", "patch"), FAILS, ids=str)
def test_patch_that_does_not_fit_is_an_error(body: Any, patch: list[dict[str, Any]]) -> None:
    """The error has a sentence, whichever operation fails; no change is half done."""
    before = copy.deepcopy(body)
    with pytest.raises(RuleError, match=r"^the patch does not fit the answer: ."):
        apply_patch(parse_reply_data({"patch": patch}), body)
    assert body == before


pointers = st.lists(
    st.sampled_from(["a", "b", "0", "1", "01", "-1", "-", "", "~0", "~1"]), max_size=3
).map(lambda tokens: "".join(f"/{token}" for token in tokens))
bodies = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["", "xy"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "0", "-", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
operations = st.one_of(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace", "test"]), "path": pointers, "value": bodies}
    ),
    st.fixed_dictionaries(
        {"op": st.sampled_from(["move", "copy"]), "path": pointers, "from": pointers}
    ),
    st.fixed_dictionaries({"op": st.just("remove"), "path": pointers}),
)


@given(bodies, st.lists(operations, min_size=1, max_size=3))
def test_any_patch_fits_or_is_an_error(body: Any, patch: list[dict[str, Any]]) -> None:
    """What comes in never changes."""
    before, reply = (
        copy.deepcopy(body),
        ScriptedReply(ReplyKind.PATCH, patch=tuple(copy.deepcopy(patch))),
    )
    with suppress(RuleError):
        apply_patch(reply, body)
    assert repr(body) == repr(before)
    assert repr(reply.patch) == repr(tuple(patch))
