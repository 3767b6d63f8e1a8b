"""Messages are read from HAR files and journals; what cannot be read is a finding."""

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from traffic_builders import HOST, har, har_entry, pets_contract, summarize
from understudy import LiveServer
from understudy.contract import load_contract
from understudy.messages import Exchange, Headers, Request, Response
from understudy.traffic.finding import Finding
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.reading import journal_reader
from understudy.traffic.reading.har_reader import read_har
from understudy.traffic.reading.input_kinds import InputKind, recognize_input
from understudy.traffic.reading.journal_reader import read_journal_messages
from understudy.traffic.reading.read_failure import ReadFailure
from understudy.traffic.traffic_message import Message

PET = {"id": 1, "name": "Rex"}


def read(data: bytes) -> list[Message | ReadFailure]:
    return list(read_har(io.BytesIO(data), "x.har"))


def failures(parts: list[Message | ReadFailure]) -> list[str]:
    findings: list[Finding] = [part.to_finding() for part in parts if isinstance(part, ReadFailure)]
    return [f"{finding.origin}: {finding.text}" for finding in findings]


def messages(parts: list[Message | ReadFailure]) -> list[Message]:
    return [part for part in parts if isinstance(part, Message)]


def test_har_entry_becomes_a_message() -> None:
    """Method, target, fields and body of both sides; pseudo-fields and codings are left out."""
    post = {"mimeType": "application/json", "text": '{"id": 1, "name": "é"}'}
    [part] = read(har(har_entry("/v1/pets?a=1", PET, method="post", post_data=post)))
    assert isinstance(part, Message)
    assert part.request is not None
    assert (part.request.method, part.request.target) == ("POST", "/v1/pets?a=1")
    assert part.request.headers.fields == (("content-type", "application/json"),)
    assert part.request.body == post["text"].encode()
    assert (part.response.status, part.response.json()) == (200, PET)
    assert part.response.headers.fields == (("content-type", "application/json"), ("x-rate", "1"))


def test_har_bodies_in_base64_and_forms() -> None:
    """Binary content is decoded; the parameters of a form become its text."""
    data = base64.b64encode(b"\x00\xff").decode()
    content = {"mimeType": "image/png", "size": 2, "text": data, "encoding": "base64"}
    form = {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "a b", "value": "1"}, {"name": "c", "value": "&"}],
    }
    [part] = messages(read(har(har_entry("/x", content=content, method="POST", post_data=form))))
    assert part.response.body == b"\x00\xff"
    assert part.request is not None
    assert part.request.body == b"a+b=1&c=%26"


@pytest.mark.parametrize(
    ("content", "has_body"),
    [
        ({"mimeType": "application/json", "size": 120}, False),
        ({"mimeType": "", "size": 0}, True),
    ],
)
def test_har_without_the_text_of_a_body(content: dict[str, object], *, has_body: bool) -> None:
    """A body that the browser did not save is unknown, not missing."""
    [part] = messages(read(har(har_entry("/x", content=content))))
    assert (part.has_body, part.response.body) == (has_body, b"")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"size": -1},
        {"size": None},
        {"size": 9, "text": ""},
        {"size": 0, "_file": "4f.json"},
        {"mimeType": "application/json", "compression": 3},
    ],
)
def test_har_of_tools_that_leave_bodies_out(content: dict[str, object]) -> None:
    """Firefox, Safari and Playwright say so in different ways."""
    entry = har_entry("/x")
    entry["response"]["content"] = content
    [part] = messages(read(har(entry)))
    assert (part.has_body, part.response.body) == (False, b"")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(None, []), (-1, []), (0, []), (101, []), ("200", [200]), (200.0, [200]), (206, [206])],
)
def test_har_statuses_of_tools(status: object, expected: list[int]) -> None:
    """A call without an answer has 0, -1 or null; an upgrade is not HTTP any more."""
    entry = har_entry("/x", PET)
    entry["response"]["status"] = status
    assert [part.response.status for part in messages(read(har(entry)))] == expected
    assert failures(read(har(entry))) == []


def test_har_redirect_that_the_browser_made_up() -> None:
    """The server has not sent a redirect of HSTS."""
    entry = har_entry("/x", status=307)
    entry["response"]["headers"] = [{"name": "Non-Authoritative-Reason", "value": "HSTS"}]
    assert read(har(entry)) == []


def test_har_of_a_call_without_an_answer_at_all() -> None:
    """Some tools write null for the response."""
    assert read(har({"request": {"method": "GET", "url": HOST}, "response": None})) == []


def test_har_with_a_wrong_url_is_reported() -> None:
    """The other entries are read."""
    entry = har_entry("/x")
    entry["request"]["url"] = "http://[broken/x"
    parts = read(har(entry, har_entry("/y")))
    assert failures(parts) == [
        "x.har: entry 1: the request has a wrong url: Invalid IPv6 URL [bad-entry]"
    ]
    assert len(messages(parts)) == 1


def test_har_fields_of_one_name_are_apart() -> None:
    """Chromium joins them with line ends."""
    entry = har_entry("/x")
    entry["response"]["headers"] = [{"name": "set-cookie", "value": "a=1\nb=2"}]
    [part] = messages(read(har(entry)))
    assert list(part.response.headers)[:2] == [("set-cookie", "a=1"), ("set-cookie", "b=2")]


def test_har_body_in_wrapped_base64() -> None:
    """Lines of 76 characters, as MIME has them."""
    content = {"text": "eyJp\r\nZCI6MX0=\n", "encoding": "base64"}
    [part] = messages(read(har(har_entry("/x", content=content))))
    assert part.response.json() == {"id": 1}


CLOSED = """\
openapi: 3.1.0
info: {title: Closed, version: "1"}
paths:
  /x:
    post:
      operationId: send
      parameters:
        - {name: sid, in: cookie, required: true, schema: {type: string}}
        - {name: X-Key, in: header, required: true, schema: {type: string}}
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses:
        "200":
          description: Done.
          headers: {Set-Cookie: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {type: object}}}
"""


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        ([], {"text": "{}", "mimeType": "application/json"}, []),
        ([{"name": "x-key", "value": "1"}], None, []),
        (
            [{"name": "content-type", "value": "application/json"}],
            {"text": "[]", "mimeType": "application/json"},
            ["error header.X-Key required", "error body type"],
        ),
        (
            [{"name": "x-key", "value": "1"}, {"name": "cookie", "value": "other=1"}],
            {"text": "{}", "mimeType": "application/json"},
            ["error cookie.sid required", "error header.Set-Cookie required"],
        ),
    ],
)
def test_what_a_har_file_leaves_out_is_not_missing(
    tmp_path: Path, fields: list[object], body: object, expected: list[str]
) -> None:
    """Browsers remove cookies, show provisional fields, and drop the bodies of uploads."""
    path = tmp_path / "closed.yaml"
    path.write_text(CLOSED)
    entry = har_entry("/x", {}, method="POST")
    entry["request"] |= {"headers": fields, "bodySize": -1}
    if body is not None:
        entry["request"]["postData"] = body
    validator = MessageValidator(load_contract(path))
    [part] = messages(read(har(entry)))
    assert [summarize(finding) for finding in validator.validate(part).findings] == expected


def test_har_that_is_cut_anywhere_is_truncated() -> None:
    """Also in an escape, and in a character of several bytes; what is before it is read."""
    entries = [har_entry("/é", PET), har_entry("/\U0001f600?q=\\\n", PET)]
    entries[1]["comment"] = "\u00e9"
    raw = json.dumps({"log": {"entries": entries}}, ensure_ascii=False).encode()
    whole = raw.replace(b'"comment": "\xc3\xa9"', b'"comment": "\\u00e9\\ud83d\\ude00"')
    for size in range(1, len(whole)):
        parts = read(whole[:size])
        assert [part.rule for part in parts if isinstance(part, ReadFailure)] == ["truncated"], size


def test_har_calls_without_an_answer_are_left_out() -> None:
    """Those that were blocked, and those that the cache answered."""
    assert read(har(har_entry("/x", status=0), har_entry("/x", status=304))) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"{}", []),
        (
            b"[" * 200_000,
            ["x.har: the file is not JSON behind entry 0: arrays and objects are nested"],
        ),
        (
            har(har_entry("/x"))[:-40],
            ["x.har: the file ends in the middle, behind entry 0"],
        ),
        (b'{"log": {"entries": [', ["x.har: the file ends in the middle, behind entry 0"]),
        (b'{"log": {"entries": [{]}}', ["x.har: the file is not JSON behind entry 0: parse error"]),
        (b'{"log": {"entries": [{}]}}', ["x.har: entry 1: there is no request; expected"]),
        (b'{"log": {"entries": [7]}}', ["x.har: entry 1: there is no request; expected"]),
        (
            b'{"log": {"entries": [{"request": {}, "response": {}}]}}',
            ["x.har: entry 1: the response has no status; expected an integer"],
        ),
        (b'{"log": {"entries": [{"a": "\xff"}]}}', ["x.har: the file is not JSON behind entry 0"]),
    ],
)
def test_broken_har_is_reported(data: bytes, expected: list[str]) -> None:
    """With the number of the entry; what was read before it counts."""
    lines = failures(read(data))
    assert [text[: len(start)] for text, start in zip(lines, expected, strict=True)] == expected


def test_content_that_is_not_base64_is_reported() -> None:
    """The other entries are read."""
    content = {"mimeType": "image/png", "text": "?", "encoding": "base64"}
    parts = read(har(har_entry("/x", content=content), har_entry("/y", PET)))
    assert failures(parts) == [
        "x.har: entry 1: the content of the response is not Base64 [bad-entry]"
    ]
    assert len(messages(parts)) == 1


def test_calls_of_other_services_in_a_har(tmp_path: Path) -> None:
    """A page also loads scripts and calls other services: these are no findings."""
    validator = MessageValidator(pets_contract(tmp_path))
    entries = [
        har_entry("/v1/pets/1", {"id": 1}),
        har_entry("/static/app.js", None),
        har_entry("/v1/pets", method="PUT"),
    ]
    validated = [validator.validate(part) for part in messages(read(har(*entries)))]
    assert [each.is_foreign for each in validated] == [False, True, False]
    lines = [summarize(finding) for each in validated for finding in each.findings]
    assert lines == ["error body required", "warning method no-operation"]


def journal_of(server: LiveServer) -> list[dict[str, object]]:
    """Call a server, and return its journal."""
    import requests

    for target in ("/api/v2/tasks/instances", "/api/v2/tasks/instances?status=DONE"):
        requests.get(f"{server.url}{target}", auth=("admin", "admin"), timeout=10)
    answer = requests.get(f"{server.url}/__admin/requests", timeout=10).json()
    records: list[dict[str, object]] = answer["requests"]
    return records


@pytest.mark.parametrize("form", ["lines", "answer", "pretty", "list"])
def test_each_form_of_a_journal_is_read(form: str) -> None:
    """NDJSON, the answer of the control API, and both on several lines."""
    with LiveServer() as server:
        records = journal_of(server)
    forms = {
        "lines": "".join(f"{json.dumps(record)}\n" for record in records),
        "answer": json.dumps({"requests": records}),
        "pretty": json.dumps({"requests": records}, indent=2),
        "list": json.dumps(records),
    }
    parts = list(read_journal_messages(io.BytesIO(forms[form].encode()), "j"))
    assert [part.entry for part in messages(parts)] == [1, 2]
    assert [part.response.status for part in messages(parts)] == [200, 400]
    assert {part.scope for part in messages(parts)} == {"default"}


@pytest.mark.parametrize(("size", "has_body"), [(64 * 1024 - 1, True), (64 * 1024, False)])
def test_bodies_that_the_journal_has_cut(size: int, *, has_body: bool) -> None:
    """A body of the greatest length is probably not whole: nothing is known about it."""
    response = Response(200, Headers(), b"x" * size)
    exchange = Exchange(1, "w", datetime(2026, 1, 2, tzinfo=UTC), Request.of("GET", "/x"), response)
    line = json.dumps(exchange.to_record()).encode()
    [part] = messages(list(read_journal_messages(io.BytesIO(line), "j")))
    assert (part.has_body, part.has_request_body) == (has_body, True)


def test_broken_answer_of_the_control_api_is_reported() -> None:
    """A list has entries, not lines; those before the end of the text are read."""
    text = b'{"requests": [{"number": "x"}, 7, {"number": 1, "wo'
    parts = list(read_journal_messages(io.BytesIO(text), "j"))
    assert [line.rpartition(" ")[2] for line in failures(parts)] == [
        "[bad-exchange]",
        "[bad-exchange]",
        "[truncated]",
    ]
    assert [line.split(": ")[1] for line in failures(parts)] == ["entry 1", "entry 2", "entry 2"]


def test_large_list_is_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound for lines does not matter for a list on one line."""
    monkeypatch.setattr(journal_reader, "MAX_LINE_BYTES", 60)
    exchange = Exchange(
        1, "w", datetime(2026, 1, 2, tzinfo=UTC), Request.of("GET", "/x"), Response(200)
    )
    text = json.dumps({"requests": [exchange.to_record()] * 9}).encode()
    assert len(messages(list(read_journal_messages(io.BytesIO(text), "j")))) == 9


def test_broken_lines_of_a_journal_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """With file and line; the others are read."""
    monkeypatch.setattr(journal_reader, "MAX_LINE_BYTES", 60)
    parts = [b"{", b'{"number": "x"}', b"", b'{"a": "' + b"x" * 100 + b'"}', b'{"cut']
    stream = io.BytesIO(b"[]\n" + b"\n".join(parts))
    lines = failures(list(read_journal_messages(stream, "j")))
    assert [text.rpartition(" ")[2] for text in lines] == [
        "[not-json]",
        "[bad-exchange]",
        "[too-long]",
        "[truncated]",
    ]
    assert [text.partition(": ")[0] for text in lines] == ["j:2", "j:3", "j:5", "j:6"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (har(har_entry("/x")), InputKind.HAR),
        (b'\xef\xbb\xbf {"log": {}}', InputKind.HAR),
        (b'{"request": {}, "response": {}}\n{"request": {}}', InputKind.JOURNAL),
        (b'{"requests": [], "dropped": 0}', InputKind.JOURNAL),
        (b'{"openapi": "3.1.0"}', InputKind.CONTRACT),
        (b"# pets\nopenapi: 3.1.0\n", InputKind.CONTRACT),
        (b"understudy: 1\n", InputKind.SCENARIO),
        (b'{"data": {"log": "x"}, "successful": true}', InputKind.BODY),
        (b'{"broken', InputKind.BODY),
        (b"\x00\xff", InputKind.BODY),
        (b"", InputKind.BODY),
    ],
)
def test_inputs_are_recognized_by_their_content(data: bytes, kind: InputKind) -> None:
    """Not by their names; the stream is at its start again."""
    stream = io.BytesIO(data)
    assert (recognize_input(stream), stream.read()) == (kind, data)


def test_host_of_the_builders_is_that_of_the_contract() -> None:
    """The URLs of a HAR file are whole."""
    assert HOST == "https://pets.example"
