"""Preferences of a call: header, cookie and query, their order, and the rest of the request."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_builders import build_call
from understudy.messages import Ending, Request
from understudy.rules import (
    NO_PREFERENCES,
    Preferences,
    ReplyKind,
    ScriptedReply,
    parse_preferences,
)
from understudy.rules.faults.fault_kinds import (
    Delay,
    DelayKind,
    Dribble,
    Fault,
    FaultPart,
    GatewayResponse,
    Truncation,
)
from understudy.rules.faults.fault_profiles import PROFILES
from understudy.rules.preferences import KNOWN_PREFERENCES

MS = timedelta(milliseconds=1)


def parse(*prefer: str, cookie: str = "", query: str = "") -> Preferences:
    """Return the preferences of a request."""
    headers = [("Prefer", value) for value in prefer]
    headers += [("Cookie", cookie)] if cookie else []
    return parse_preferences(Request.of("GET", f"/x?{query}" if query else "/x", headers=headers))[
        1
    ]


HEADERS: list[tuple[tuple[str, ...], dict[str, str]]] = [
    (("code=404",), {"code": "404"}),
    (("code=404, delay=300ms",), {"code": "404", "delay": "300ms"}),
    (("code=404", "delay=300ms"), {"code": "404", "delay": "300ms"}),
    (("CODE = 404 ,dynamic",), {"code": "404", "dynamic": ""}),
    (('example="two words"',), {"example": "two words"}),
    (('example="a, b; c"; x=1, code=404',), {"example": "a, b; c", "code": "404"}),
    ((r'example="a \"b\" \\ c"',), {"example": r'a "b" \ c'}),
    (('example=""',), {"example": ""}),
    (("code=404; foo=bar; baz, seed=1",), {"code": "404", "seed": "1"}),
    (('code=404; foo="a,b", seed=1',), {"code": "404", "seed": "1"}),
    (("code=404, code=500",), {"code": "404"}),
    (("code=404", "code=500"), {"code": "404"}),
    (("respond-async, return=minimal, wait=10, handling=lenient, code=404",), {"code": "404"}),
    (("fault=truncate:50%",), {"fault": "truncate:50%"}),
    (("fault=content-type:text/html",), {"fault": "content-type:text/html"}),
    (("=x, ,, code=404",), {"code": "404"}),
    (("",), {}),
    (("code=404 x, seed=1",), {"seed": "1"}),
]


@pytest.mark.parametrize(("values", "expected"), HEADERS, ids=str)
def test_header_is_parsed_by_the_rfc(values: tuple[str, ...], expected: dict[str, str]) -> None:
    """Several fields, commas, quotes; parameters, and texts that are not preferences, are skipped."""
    text = parse(*values)
    assert dict(text.values) == expected
    assert text.unknown == ()


COOKIES = [
    ("understudy=code=404&delay=300ms", {"code": "404", "delay": "300ms"}),
    ("understudy=code=404,delay=300ms", {"code": "404", "delay": "300ms"}),
    ("a=b; understudy=code%3D404%26delay%3D300ms; c=d", {"code": "404", "delay": "300ms"}),
    ('understudy="code=404"', {"code": "404"}),
    ("understudy=example=two%20words", {"example": "two words"}),
    ("understudy=", {}),
    ("understudy-world=mine; xunderstudy=code=404", {}),
]


@pytest.mark.parametrize(("cookie", "expected"), COOKIES)
def test_cookie_is_parsed(cookie: str, expected: dict[str, str]) -> None:
    """Ampersands or commas separate preferences; other cookies are ignored."""
    assert dict(parse(cookie=cookie).values) == expected


QUERIES = [
    ("__code=404", "", {"code": "404"}),
    ("a=1&__code=404&b=2", "a=1&b=2", {"code": "404"}),
    ("__code=404&a=%20x+&&b", "a=%20x+&&b", {"code": "404"}),
    ("__delay=300ms&__dynamic", "", {"delay": "300ms", "dynamic": ""}),
    ("__example=two%20words+more", "", {"example": "two words more"}),
    ("a__code=404&_code=1&b=__code=3", "a__code=404&_code=1&b=__code=3", {}),
    ("__CODE=404", "", {"code": "404"}),
    ("__=1&a=__", "__=1&a=__", {}),
]


@pytest.mark.parametrize(("query", "rest", "expected"), QUERIES)
def test_query_is_parsed_and_the_rest_stays(
    query: str, rest: str, expected: dict[str, str]
) -> None:
    """Byte for byte; the target stays as it was sent, since signatures are made over it."""
    request = Request.of("GET", f"/x?{query}", headers=[("A", "b")], body=b"c")
    left, text = parse_preferences(request)
    assert (left.query, dict(text.values)) == (rest, expected)
    assert (left.target, left.path, left.headers, left.body) == (
        request.target,
        "/x",
        request.headers,
        b"c",
    )


def test_header_comes_before_cookie_before_query() -> None:
    """For each preference by itself."""
    text = parse(
        "code=401", cookie="understudy=code=402&seed=2", query="__code=403&__seed=3&__delay=3s"
    )
    assert dict(text.values) == {"code": "401", "seed": "2", "delay": "3s"}


def test_request_without_preferences_is_not_copied() -> None:
    """The very same objects are returned."""
    request = Request.of(
        "GET", "/x?a=1", headers=[("Accept", "*/*"), ("Cookie", "session=1"), ("Prefix", "x")]
    )
    assert parse_preferences(request)[0] is request
    assert parse_preferences(request)[1] is NO_PREFERENCES
    assert (
        NO_PREFERENCES.reply,
        NO_PREFERENCES.draw_faults(build_call()),
        NO_PREFERENCES.format_applied(),
        NO_PREFERENCES.describe_problems(),
    ) == (
        None,
        (),
        "",
        "",
    )


def test_unknown_preference_is_reported() -> None:
    """With the nearest name; in the query it stays, since it may be a parameter of the API."""
    text = parse("cod=404, coverage=x", cookie="understudy=zzz=1", query="__dealy=3s")
    assert text.unknown == ("cod", "coverage", "zzz", "dealy")
    assert text.values == {}
    assert text.describe_problems() == (
        'unknown preference "cod". Did you mean "code"? '
        'unknown preference "coverage". Expected one of code, example, dynamic, seed, delay, fault, corrupt. '
        'unknown preference "zzz". Expected one of code, example, dynamic, seed, delay, fault, corrupt. '
        'unknown preference "dealy". Did you mean "delay"?'
    )
    assert parse_preferences(Request.of("GET", "/x?__dealy=3s&__code=404"))[0].query == "__dealy=3s"


BAD = [
    ("code=abc", "an HTTP status from 200 to 599, or a code of the service's own errors"),
    ("code=100", "an HTTP status from 200 to 599, or a code of the service's own errors"),
    ("code=-1", "an HTTP status from 200 to 599, or a code of the service's own errors"),
    ("code", "an HTTP status from 200 to 599, or a code of the service's own errors"),
    ("code=99999999999999999999", "an HTTP status from 200 to 599, or a code of the service's own errors"),
    ("example", "the name of an example"),
    ("dynamic=perhaps", "true or false"),
    ("seed=1.5", "a whole number of at most 18 digits"),
    ("delay=fast", "a duration such as 300ms"),
    ("delay=300", "a duration such as 300ms"),
    ("fault=rest", "one of reset, empty, garbage, timeout, delay, dribble, truncate, content-type, status, slow, flaky, overloaded, rolling-restart; some take an argument after a colon, such as truncate:50% or status:503"),
    ("fault=delay", "one of reset, empty, garbage, timeout, delay, dribble, truncate, content-type, status, slow, flaky, overloaded, rolling-restart; some take an argument after a colon, such as truncate:50% or status:503"),
    ("fault=reset:1", "one of reset, empty, garbage, timeout, delay, dribble, truncate, content-type, status, slow, flaky, overloaded, rolling-restart; some take an argument after a colon, such as truncate:50% or status:503"),
    ("fault=delay:fast", "a duration after the colon, such as 300ms"),
    ("fault=timeout:11m", "a duration of at most 10m after the colon"),
    ("fault=truncate:half", "a share such as 50%, or a number of bytes, after the colon"),
    ("fault=garbage:0", "a whole number from 1 to 1048576 after the colon"),
    ("fault=status:99", "a whole number from 200 to 599 after the colon"),
    ("fault=content-type:html", "a media type after the colon, such as text/html"),
    ("fault=dribble:x", "a whole number from 1 to 1000 after the colon"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_invalid_value_is_reported(text: str, expected: str) -> None:
    """With what was expected; it is not applied."""
    name, _, value = text.partition("=")
    rules = parse(f"seed=7, {text}" if name != "seed" else text)
    assert rules.invalid == ((name, value, expected),)
    assert rules.describe_problems() == f'preference "{name}" is "{value}". Expected {expected}.'
    assert name not in rules.format_applied()


ANSWERS: list[tuple[str, ScriptedReply | None]] = [
    ("code=404", ScriptedReply(ReplyKind.ERROR, code=404)),
    ("code=4001", ScriptedReply(ReplyKind.ERROR, code=4001)),
    ("code=0", ScriptedReply(ReplyKind.ERROR, code=0)),
    ("code=200", ScriptedReply(ReplyKind.ERROR, code=200)),
    ("example=failed", ScriptedReply(ReplyKind.EXAMPLE, example_name="failed")),
    (
        "example=failed, code=200",
        ScriptedReply(ReplyKind.EXAMPLE, example_name="failed", status=200),
    ),
    ("example=failed, dynamic=true", ScriptedReply(ReplyKind.EXAMPLE, example_name="failed")),
    ("dynamic=true", ScriptedReply(ReplyKind.DYNAMIC)),
    ("dynamic", ScriptedReply(ReplyKind.DYNAMIC)),
    ("dynamic=1, seed=5, code=404", ScriptedReply(ReplyKind.DYNAMIC, status=404, seed=5)),
    ("seed=5", ScriptedReply(ReplyKind.DYNAMIC, seed=5)),
    ("dynamic=false", None),
    ("dynamic=0", None),
    ("dynamic=false, seed=5", None),
    ("dynamic=false, code=404", ScriptedReply(ReplyKind.ERROR, code=404)),
    ("delay=1s", None),
    ("example={{world.seed}}", ScriptedReply(ReplyKind.EXAMPLE, example_name="{{world.seed}}")),
]


@pytest.mark.parametrize(("text", "expected"), ANSWERS)
def test_preferences_give_a_reply(text: str, expected: ScriptedReply | None) -> None:
    """An example comes before generated data, generated data before an error.

    Values of a client are never searched for look-ups.
    """
    name, _, value = text.partition("example={{")
    assert parse(f'example="{{{{{value}"' if value else text).reply == expected
    assert name == ("" if value else text)


FAULTS: list[tuple[str, tuple[FaultPart, ...]]] = [
    ("reset", (FaultPart(Fault(ending=Ending.RESET)),)),
    ("empty", (FaultPart(Fault(ending=Ending.EMPTY)),)),
    ("garbage", (FaultPart(Fault(garbage=0)),)),
    ("garbage:12", (FaultPart(Fault(garbage=12)),)),
    ("timeout", (FaultPart(Fault(timeout=60000 * MS)),)),
    ("timeout:30s", (FaultPart(Fault(timeout=30000 * MS)),)),
    ("truncate", (FaultPart(Fault(truncation=Truncation(0.5))),)),
    ("truncate:10%", (FaultPart(Fault(truncation=Truncation(0.1))),)),
    ("truncate:10", (FaultPart(Fault(truncation=Truncation(size=10))),)),
    ("content-type", (FaultPart(Fault(content_type="text/html")),)),
    ("content-type:a/b", (FaultPart(Fault(content_type="a/b")),)),
    ("status", (FaultPart(Fault(gateway=GatewayResponse(503), acts_before=True)),)),
    ("status:502", (FaultPart(Fault(gateway=GatewayResponse(502), acts_before=True)),)),
    ("delay:300ms", (FaultPart(Fault(delay=Delay(DelayKind.FIXED, 300 * MS))),)),
    ("dribble", (FaultPart(Fault(dribble=Dribble(10, 5000 * MS))),)),
    ("dribble:3", (FaultPart(Fault(dribble=Dribble(3, 5000 * MS))),)),
    ("dribble:3/1s", (FaultPart(Fault(dribble=Dribble(3, 1000 * MS))),)),
    *((name, parts) for name, parts in PROFILES.items()),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS, ids=[text for text, _ in FAULTS])
def test_fault_shorthand_is_parsed(text: str, expected: tuple[FaultPart, ...]) -> None:
    """A kind, with an argument after a colon, or a profile."""
    rules = parse(f'fault="{text}"')
    assert rules.invalid == ()
    assert rules.fault == expected


def test_faults_are_drawn_for_the_call() -> None:
    """The delay and the fault; of a profile, the parts for this call."""
    rules = parse("delay=300ms, fault=reset")
    assert [fault.to_record() for fault in rules.draw_faults(build_call())] == [
        {"rule": "delay", "acts": "after", "delay": "300ms"},
        {"rule": "fault", "acts": "after", "ending": "reset"},
    ]
    rolling = parse("fault=rolling-restart")
    assert [
        number for number in range(1, 41) if rolling.draw_faults(build_call(number=number))
    ] == [
        *range(15, 21),
        *range(35, 41),
    ]


APPLIED = [
    ("code=404, delay=300ms", "code=404, delay=300ms"),
    ('code="404";x=1', "code=404"),
    ('example="two words"', 'example="two words"'),
    (r'example="a\"b"', r'example="a\"b"'),
    ("dynamic", "dynamic"),
    ("fault=truncate:50%", "fault=truncate:50%"),
    ("fault=content-type:text/html", "fault=content-type:text/html"),
    ("code=abc, seed=1", "seed=1"),
]


@pytest.mark.parametrize(("text", "expected"), APPLIED)
def test_applied_preferences_are_returned(text: str, expected: str) -> None:
    """As the value of Preference-Applied."""
    assert parse(text).format_applied() == expected


values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
preferences = st.dictionaries(st.sampled_from(KNOWN_PREFERENCES), values, min_size=1)


def quote_value(value: str) -> str:
    backslash = "\\"
    return '"' + value.replace(backslash, backslash * 2).replace('"', backslash + '"') + '"'


@given(preferences)
def test_header_query_and_cookie_give_the_same(values_by_name: dict[str, str]) -> None:
    """For any value; the applied preferences can be parsed again."""
    by_header = parse(
        ", ".join(f"{name}={quote_value(value)}" for name, value in values_by_name.items())
    )
    by_query = parse(
        query="&".join(f"__{name}={quote_plus(value)}" for name, value in values_by_name.items())
    )
    assert dict(by_header.values) == dict(by_query.values) == values_by_name
    plain = {
        name: value.strip()
        for name, value in values_by_name.items()
        if "&" not in value and "," not in value
    }
    by_cookie = parse(
        cookie="understudy="
        + quote("&".join(f"{name}={value}" for name, value in plain.items()), safe="")
    )
    assert dict(by_cookie.values) == plain
    invalid = {name for name, _, _ in by_header.invalid}
    again = parse(by_header.format_applied())
    assert dict(again.values) == {
        name: value for name, value in values_by_name.items() if name not in invalid
    }


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_text_of_a_client_is_accepted(prefer: str, cookie: str, query: str) -> None:
    """It is parsed, reported, or ignored."""
    headers: list[Any] = [("Prefer", prefer), ("Cookie", f"understudy={cookie}")]
    request, rules = parse_preferences(
        Request(
            "GET",
            f"/x?__{query}",
            "/x",
            f"__{query}",
            Request.of("GET", "/", headers=headers).headers,
        )
    )
    assert request.query in ("", f"__{query}") or request.query in f"__{query}"
    assert isinstance(rules.format_applied() + rules.describe_problems(), str)


def test_long_header_is_parsed_up_to_its_bound() -> None:
    """A text that is not a preference ends at the next comma."""
    assert parse("," * 8_000 + "code=404").values == {"code": "404"}
    assert parse("," * 9_000 + "code=404").values == {}
    assert parse('a="' * 5_000).values == {}
    assert parse(r'a="\",' * 50_000).values == {}
