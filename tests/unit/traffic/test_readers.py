"""Messages are read from HAR files and journals; what cannot be read is a finding."""

import base64
import io
import json
from pathlib import Path

import pytest

from traffic_builders import HOST, har, har_entry, pets_contract, summarize
from understudy import LiveServer
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


def test_har_calls_without_an_answer_are_left_out() -> None:
    """Those that were blocked, and those that the cache answered."""
    assert read(har(har_entry("/x", status=0), har_entry("/x", status=304))) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"{}", []),
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
