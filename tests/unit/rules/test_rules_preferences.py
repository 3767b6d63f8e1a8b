"""What a call prefers: by header, cookie and query; which counts; what is left of the request."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_builders import facts
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


def wishes(*prefer: str, cookie: str = "", query: str = "") -> Preferences:
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
def test_the_header_is_read_as_the_rfc_says(
    values: tuple[str, ...], expected: dict[str, str]
) -> None:
    """Several fields, commas, quotes; parameters after a semicolon are passed over, and so is what is no preference."""
    told = wishes(*values)
    assert dict(told.values) == expected
    assert told.unknown == ()


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
def test_the_cookie_is_read(cookie: str, expected: dict[str, str]) -> None:
    """Ampersands or commas separate; percent-encoding is undone; other cookies are left alone."""
    assert dict(wishes(cookie=cookie).values) == expected


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
def test_the_query_is_read_and_the_rest_stays(
    query: str, rest: str, expected: dict[str, str]
) -> None:
    """Byte for byte; the target stays as it was sent, since signatures are made over it."""
    request = Request.of("GET", f"/x?{query}", headers=[("A", "b")], body=b"c")
    left, told = parse_preferences(request)
    assert (left.query, dict(told.values)) == (rest, expected)
    assert (left.target, left.path, left.headers, left.body) == (
        request.target,
        "/x",
        request.headers,
        b"c",
    )


def test_header_before_cookie_before_query() -> None:
    """Word by word."""
    told = wishes(
        "code=401", cookie="understudy=code=402&seed=2", query="__code=403&__seed=3&__delay=3s"
    )
    assert dict(told.values) == {"code": "401", "seed": "2", "delay": "3s"}


def test_a_call_without_any_is_left_alone() -> None:
    """The very same request, and nothing is made."""
    request = Request.of(
        "GET", "/x?a=1", headers=[("Accept", "*/*"), ("Cookie", "session=1"), ("Prefix", "x")]
    )
    assert parse_preferences(request)[0] is request
    assert parse_preferences(request)[1] is NO_PREFERENCES
    assert (
        NO_PREFERENCES.reply,
        NO_PREFERENCES.draw_faults(facts()),
        NO_PREFERENCES.format_applied(),
        NO_PREFERENCES.describe_problems(),
    ) == (
        None,
        (),
        "",
        "",
    )


def test_words_that_nobody_knows_are_told() -> None:
    """With the nearest one; in the query they stay, since they may be the API's own."""
    told = wishes("cod=404, coverage=x", cookie="understudy=zzz=1", query="__dealy=3s")
    assert told.unknown == ("cod", "coverage", "zzz", "dealy")
    assert told.values == {}
    assert told.describe_problems() == (
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


@pytest.mark.parametrize(("told", "expected"), BAD)
def test_values_that_cannot_be_read_are_told(told: str, expected: str) -> None:
    """With what was expected; they are not applied."""
    word, _, value = told.partition("=")
    read = wishes(f"seed=7, {told}" if word != "seed" else told)
    assert read.invalid == ((word, value, expected),)
    assert read.describe_problems() == f'preference "{word}" is "{value}". Expected {expected}.'
    assert word not in read.format_applied()


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
    ("dynamic=false, seed=5", None),
    ("dynamic=false, code=404", ScriptedReply(ReplyKind.ERROR, code=404)),
    ("delay=1s", None),
    ("example={{world.seed}}", ScriptedReply(ReplyKind.EXAMPLE, example_name="{{world.seed}}")),
]


@pytest.mark.parametrize(("told", "expected"), ANSWERS)
def test_what_is_to_be_answered(told: str, expected: ScriptedReply | None) -> None:
    """An example before generated data before an error. What a client sends is never searched for look-ups."""
    name, _, value = told.partition("example={{")
    assert wishes(f'example="{{{{{value}"' if value else told).reply == expected
    assert name == ("" if value else told)


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


@pytest.mark.parametrize(("told", "expected"), FAULTS, ids=[told for told, _ in FAULTS])
def test_each_fault_in_one_word(told: str, expected: tuple[FaultPart, ...]) -> None:
    """A kind, with what may follow after a colon, or a profile."""
    read = wishes(f'fault="{told}"')
    assert read.invalid == ()
    assert read.fault == expected


def test_what_strikes_the_call() -> None:
    """The delay and the fault; of a profile, what its dice and its calls say."""
    read = wishes("delay=300ms, fault=reset")
    assert [blow.to_record() for blow in read.draw_faults(facts())] == [
        {"rule": "delay", "acts": "after", "delay": "300ms"},
        {"rule": "fault", "acts": "after", "ending": "reset"},
    ]
    rolling = wishes("fault=rolling-restart")
    assert [number for number in range(1, 41) if rolling.draw_faults(facts(number=number))] == [
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


@pytest.mark.parametrize(("told", "expected"), APPLIED)
def test_what_was_applied_is_said_back(told: str, expected: str) -> None:
    """As the value of Preference-Applied."""
    assert wishes(told).format_applied() == expected


values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
told_words = st.dictionaries(st.sampled_from(KNOWN_PREFERENCES), values, min_size=1)


def _quoted(value: str) -> str:
    backslash = "\\"
    return '"' + value.replace(backslash, backslash * 2).replace('"', backslash + '"') + '"'


@given(told_words)
def test_all_three_ways_tell_the_same(words: dict[str, str]) -> None:
    """Whatever the value is; what is said back reads as it was told."""
    by_header = wishes(", ".join(f"{word}={_quoted(value)}" for word, value in words.items()))
    by_query = wishes(
        query="&".join(f"__{word}={quote_plus(value)}" for word, value in words.items())
    )
    assert dict(by_header.values) == dict(by_query.values) == words
    plain = {
        word: value.strip()
        for word, value in words.items()
        if "&" not in value and "," not in value
    }
    by_cookie = wishes(
        cookie="understudy="
        + quote("&".join(f"{word}={value}" for word, value in plain.items()), safe="")
    )
    assert dict(by_cookie.values) == plain
    unread = {word for word, _, _ in by_header.invalid}
    again = wishes(by_header.format_applied())
    assert dict(again.values) == {
        word: value for word, value in words.items() if word not in unread
    }


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_a_client_sends_is_an_error(prefer: str, cookie: str, query: str) -> None:
    """It is read, told, or passed over."""
    headers: list[Any] = [("Prefer", prefer), ("Cookie", f"understudy={cookie}")]
    request, read = parse_preferences(
        Request(
            "GET",
            f"/x?__{query}",
            "/x",
            f"__{query}",
            Request.of("GET", "/", headers=headers).headers,
        )
    )
    assert request.query in ("", f"__{query}") or request.query in f"__{query}"
    assert isinstance(read.format_applied() + read.describe_problems(), str)


def test_a_long_header_is_read_as_far_as_its_bound() -> None:
    """However it is made: what is no preference ends at the next comma, and what is too far is not looked at."""
    assert wishes("," * 8_000 + "code=404").values == {"code": "404"}
    assert wishes("," * 9_000 + "code=404").values == {}
    assert wishes('a="' * 5_000).values == {}
    assert wishes(r'a="\",' * 50_000).values == {}
