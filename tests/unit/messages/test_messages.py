"""Messages: strict JSON, redaction, the journal's record."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.messages import (
    Exchange,
    Headers,
    JsonError,
    RecordedViolation,
    RecordError,
    Request,
    Response,
    dump_json,
    parse_json,
    redact_headers,
    redact_target,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "Expecting property name"),
        (b"", "Expecting value"),
        (b"[NaN]", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"[1e999]", "the number 1e999 is too large"),
        (b'{"a":1,"a":2}', 'duplicate name "a" in an object'),
        (b"\xff", "the text is not UTF-8"),
        (b"\xef\xbb\xbf1", "byte order mark"),
        (b"[" * 100_000, "nested deeper than 100"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested deeper than 100"),
        (b"9" * 5000, "digit"),
    ],
)
def test_invalid_json_is_reported(text: bytes, message: str) -> None:
    """Each rejected text raises JsonError with the reason."""
    with pytest.raises(JsonError, match=message):
        parse_json(text)


def test_brackets_in_a_string_do_not_nest() -> None:
    """Brackets inside of strings do not count as nesting."""
    text = json.dumps(["[" * 500 + '\\"{'])
    assert parse_json(text) == ["[" * 500 + '\\"{']


def test_large_integers_keep_their_digits() -> None:
    """Integers above 2^53 keep every digit."""
    assert parse_json(b"[9007199254740993,-9223372036854775808]") == [
        9007199254740993,
        -9223372036854775808,
    ]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_json_round_trips(value: Any) -> None:
    """parse(dump(x)) == x, lone surrogates included."""
    assert parse_json(dump_json(value)) == value


def test_header_names_ignore_case() -> None:
    """Field names match in any case."""
    headers = Headers.of([("Content-Type", "a"), ("content-type", "b")])
    assert (headers.get("CONTENT-TYPE"), "content-TYPE" in headers, headers.get("x", "-")) == (
        "a",
        True,
        "-",
    )


def test_secrets_are_redacted() -> None:
    """Equal secrets get equal digests, and the secret itself does not appear."""
    headers = redact_headers(
        Headers.of([("Authorization", "Basic abc"), ("Cookie", "a=b"), ("Accept", "x")])
    )
    assert [name for name, value in headers if value.startswith("<redacted:")] == [
        "Authorization",
        "Cookie",
    ]
    assert (
        redact_target("/a?x=1&token=abc&y=%20")
        == f"/a?x=1&token={redact_headers(Headers.of([('token', 'abc')])).get('token')}&y=%20"
    )


def test_exchange_becomes_one_json_object() -> None:
    """A body that is UTF-8 is a string; any other is base64."""
    exchange = Exchange(
        1,
        "w",
        datetime(2021, 1, 1, tzinfo=UTC),
        Request.of("get", "/a?b=1", body=b"\xff"),
        Response(200, body=b"{}"),
        "op",
    )
    record = exchange.to_record()
    assert (
        record["request"]["bodyBase64"],
        record["response"]["body"],
        record["request"]["method"],
    ) == (
        "/w==",
        "{}",
        "GET",
    )


JSON_VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FIELDS = st.lists(st.tuples(JSON_VALUES, JSON_VALUES), max_size=3)
TRACES = st.dictionaries(JSON_VALUES, st.none() | st.integers() | JSON_VALUES, max_size=3)
EXCHANGES = st.builds(
    Exchange,
    number=st.integers(0, 10**9),
    world=JSON_VALUES,
    at=st.datetimes(timezones=st.just(UTC)),
    request=st.builds(
        Request.of,
        st.sampled_from(["GET", "POST"]),
        JSON_VALUES,
        headers=FIELDS,
        body=st.binary(max_size=9),
    ),
    response=st.builds(
        Response, st.integers(100, 599), FIELDS.map(Headers.of), st.binary(max_size=9)
    ),
    operation=JSON_VALUES,
    account=JSON_VALUES,
    recorded_violations=st.lists(st.builds(RecordedViolation, *[JSON_VALUES] * 5), max_size=2).map(
        tuple
    ),
    trace=TRACES,
)


@given(EXCHANGES)
def test_exchange_round_trips(exchange: Exchange) -> None:
    """From its record, and from the record's line of NDJSON."""
    assert Exchange.from_record(exchange.to_record()) == exchange
    assert Exchange.from_record(parse_json(dump_json(exchange.to_record()))) == exchange


RECORD = Exchange(
    1,
    "w",
    datetime(2021, 1, 1, tzinfo=UTC),
    Request.of("GET", "/a?b=1"),
    Response(200, body=b"\xff"),
).to_record()


def test_optional_members_have_defaults() -> None:
    """Unknown members are ignored."""
    record = {key: RECORD[key] for key in ("number", "world", "at", "request", "response")}
    assert Exchange.from_record({**record, "later": 1}) == Exchange.from_record(RECORD)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((), 1, "the record is 1; expected an object"),
        (("number",), True, "number is True; expected an integer, 0 or more"),
        (("number",), -1, "number is -1; expected an integer, 0 or more"),
        (("world",), None, "world is None; expected a string"),
        (("at",), "today", "at is 'today'; expected a date and time (ISO 8601)"),
        (("at",), "2021-01-01T00:00:00", "expected a date and time with an offset from UTC"),
        (("violations",), [1], "violations[0] is 1; expected an object"),
        (("violations",), [{"of": "request"}], "violations[0].place is missing; expected a string"),
        (("trace",), [], "trace is []; expected an object"),
        (("request",), [], "request is []; expected an object"),
        (("request", "method"), 1, "request.method is 1; expected a string"),
        (
            ("request", "headers"),
            [["a"]],
            "request.headers is [['a']]; expected a list of pairs of strings",
        ),
        (("request", "body"), "\ud800", "expected a string of Unicode characters"),
        (
            ("response", "status"),
            "200",
            "response.status is '200'; expected an integer, 0 or more",
        ),
        (("response", "bodyBase64"), "?", "response.bodyBase64 is '?'; expected Base64"),
    ],
)
def test_invalid_record_is_reported(path: tuple[str, ...], value: Any, message: str) -> None:
    """The error has the member, its value and the expected type."""
    record = parse_json(dump_json(RECORD))
    holder: Any = {"": record}
    keys = ("", *path)
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = value
    with pytest.raises(RecordError) as caught:
        Exchange.from_record(value if not path else record)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["number", "world", "at", "request", "response"])
def test_missing_member_is_reported(name: str) -> None:
    """Each required member is reported by name."""
    with pytest.raises(RecordError, match=f"{name} is missing; expected"):
        Exchange.from_record({key: value for key, value in RECORD.items() if key != name})


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ('{"a": 1,\n }', "Illegal trailing comma before end of object", 2, 2),
        ("[1,]", "Illegal trailing comma before end of array", 1, 4),
        ("[,]", "Expecting value", 1, 2),
        ('{"a" 1}', "Expecting ':' delimiter", 1, 6),
    ],
)
def test_json_errors_are_equal_in_every_python(
    text: str, reason: str, line: int, column: int
) -> None:
    """Reason and place are equal: ledgers are compared byte for byte."""
    with pytest.raises(JsonError) as caught:
        parse_json(text)
    assert (caught.value.reason, caught.value.line, caught.value.column) == (reason, line, column)


def test_repeated_fields_are_one_list() -> None:
    """The names may differ in case; cookies are found in each field."""
    fields = [("Cookie", "a=1; b=2"), ("X-Tag", "x"), ("cookie", "c=3"), ("x-tag", "y, z")]
    request = Request.of("GET", "/", headers=fields)
    assert request.headers.get_list("X-TAG") == "x, y, z"
    assert request.headers.get_list("Missing") == ""
    assert [request.cookie(name) for name in "abcd"] == ["1", "2", "3", ""]
