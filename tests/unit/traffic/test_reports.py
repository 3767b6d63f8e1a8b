"""Reports in each form, each flaw once; baselines."""

import io
import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
import xmlschema
from jsonschema import Draft202012Validator

from sarif_schema import SARIF
from understudy.errors import InputError
from understudy.traffic.baseline import load_baseline, write_baseline
from understudy.traffic.finding import Finding, Origin, Severity
from understudy.traffic.findings_report import Report
from understudy.traffic.reports.report_forms import FORMS, render_report


def finding(
    place: str = "/items/3/id",
    rule: str = "type",
    severity: Severity = Severity.ERROR,
    file: str = "calls.har",
    operation: str = "getPet",
    text: str = "",
    **where: int,
) -> Finding:
    origin = Origin(file, call="GET /pets/1 -> 200", operation=operation, **where)
    return Finding(
        severity=severity,
        side="response",
        place=place,
        rule=rule,
        text=text or f'{place}: "x"; expected 100%, a\nnumber [{rule}] (/p)',
        origin=origin,
        value="x",
        expected="a number",
        pointer="/p",
        source="api.md:7",
    )


def build_report(**options: object) -> Report:
    report = Report(**options)  # type: ignore[arg-type]
    for name in ("calls.har", "calls.har", "body.json", "clean.json"):
        report.count_message(name)
    report.count_message("calls.har", is_foreign=True)
    report.operations["clean.json", "listPets"] += 1
    report.add([finding(entry=2), finding("/items/4/id", entry=3)])
    report.add([finding("/tag", "unknown-field", Severity.WARNING, entry=3)])
    report.add(
        [finding("body", "json", file="body.json", operation="", line=4, text="a <b> \x00c")]
    )
    return report


TEXT = """\
calls.har: entry 2: GET /pets/1 -> 200: /items/3/id: "x"; expected 100%, a number [type] (/p) (2 times)
calls.har: entry 3: GET /pets/1 -> 200: warning: /tag: "x"; expected 100%, a number [unknown-field] (/p)
body.json:4: GET /pets/1 -> 200: a <b>  c
calls.har: 2 errors, 1 warning, 2 messages, 1 of other services left out
body.json: 1 error
clean.json: valid
"""
GITHUB = """\
::error file=calls.har,title=type::GET /pets/1 -> 200: /items/3/id: "x"; expected 100%25, a%0Anumber [type] (/p) (2 times)
::warning file=calls.har,title=unknown-field::GET /pets/1 -> 200: /tag: "x"; expected 100%25, a%0Anumber [unknown-field] (/p)
::error file=body.json,line=4,title=json::GET /pets/1 -> 200: a <b>  c
"""
JUNIT = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="understudy" tests="3" failures="2" errors="0">
  <testsuite name="calls.har" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="getPet" classname="calls.har">
      <failure message='/items/3/id: "x"; expected 100%, a&#10;number [type] (/p)' type="type">error: calls.har: entry 2: GET /pets/1 -&gt; 200: /items/3/id: "x"; expected 100%, a
number [type] (/p)</failure>
      <system-out>warning: calls.har: entry 3: GET /pets/1 -&gt; 200: /tag: "x"; expected 100%, a
number [unknown-field] (/p)</system-out>
    </testcase>
  </testsuite>
  <testsuite name="body.json" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="(no operation)" classname="body.json">
      <failure message="a &lt;b&gt; \ufffdc" type="json">error: body.json:4: GET /pets/1 -&gt; 200: a &lt;b&gt; \ufffdc</failure>
    </testcase>
  </testsuite>
  <testsuite name="clean.json" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="listPets" classname="clean.json"/>
  </testsuite>
</testsuites>
"""
JUNIT_SCHEMA = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="output" mixed="true">
    <xs:attribute name="message"/><xs:attribute name="type"/>
  </xs:complexType>
  <xs:element name="testsuites"><xs:complexType>
    <xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
    <xs:attribute name="name"/><xs:attribute name="tests" type="xs:nonNegativeInteger"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger"/>
    <xs:attribute name="errors" type="xs:nonNegativeInteger"/>
  </xs:complexType></xs:element>
  <xs:element name="testsuite"><xs:complexType>
    <xs:sequence><xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence>
        <xs:element name="failure" type="output" minOccurs="0" maxOccurs="unbounded"/>
        <xs:element name="system-out" type="xs:string" minOccurs="0" maxOccurs="1"/>
      </xs:sequence>
      <xs:attribute name="name" use="required"/><xs:attribute name="classname"/>
    </xs:complexType></xs:element></xs:sequence>
    <xs:attribute name="name" use="required"/>
    <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
  </xs:complexType></xs:element>
</xs:schema>
"""
"""What readers of JUnit XML (Jenkins, GitLab) accept, as far as this project writes it."""


@pytest.mark.parametrize(
    ("form", "expected"), [("text", TEXT), ("github", GITHUB), ("junit", JUNIT)]
)
def test_forms(form: str, expected: str) -> None:
    """Equal flaws are one finding with a count; an index makes no difference."""
    assert render_report(build_report(), form) == expected


def test_junit_is_valid() -> None:
    """By its schema, also with characters that XML cannot have."""
    schema = xmlschema.XMLSchema(io.StringIO(JUNIT_SCHEMA))
    schema.validate(render_report(build_report(), "junit"))
    schema.validate(render_report(Report(), "junit"))


def test_json_has_all_members() -> None:
    """One object for each flaw."""
    rows = json.loads(render_report(build_report(), "json"))
    first = rows[0]
    assert first.pop("fingerprint") == finding().fingerprint
    assert first == {
        "file": "calls.har",
        "line": 0,
        "entry": 2,
        "call": "GET /pets/1 -> 200",
        "operation": "getPet",
        "severity": "error",
        "side": "response",
        "place": "/items/3/id",
        "rule": "type",
        "value": "x",
        "expected": "a number",
        "nearest": "",
        "pointer": "/p",
        "source": "api.md:7",
        "text": '/items/3/id: "x"; expected 100%, a\nnumber [type] (/p)',
        "count": 2,
        "known": False,
    }
    assert len(rows) == 3


@pytest.mark.parametrize("known", [frozenset[str](), frozenset([finding().fingerprint])])
def test_sarif_is_valid(known: frozenset[str]) -> None:
    """By its schema; a baseline marks what is known."""
    log = json.loads(render_report(build_report(known=known), "sarif"))
    assert [error.message for error in Draft202012Validator(SARIF).iter_errors(log)] == []
    run = log["runs"][0]
    assert run["tool"]["driver"]["version"] == version("understudy")
    states = [result.get("baselineState") for result in run["results"]]
    assert states == (["unchanged", "new", "new"] if known else [None, None, None])
    assert [result["occurrenceCount"] for result in run["results"]] == [2, 1, 1]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        "type",
        "unknown-field",
        "json",
    ]


@pytest.mark.parametrize("form", FORMS)
def test_texts_that_are_not_unicode_are_escaped(form: str) -> None:
    """A message may contain half a surrogate pair."""
    report = Report()
    report.add([finding(text="\ud83d broken")])
    render_report(report, form).encode("utf-8", "surrogatepass")


def test_findings_beyond_the_limit_are_counted() -> None:
    """The first ones are listed; more of a listed flaw add to its count."""
    report = Report(max_findings=1)
    report.add([finding(), finding("/other"), finding("/third"), finding()])
    assert [repeated.count for repeated in report] == [2]
    lines = render_report(report, "text").splitlines()
    assert lines[1:] == ["2 more findings; --max lists more", "calls.har: 4 errors, 0 messages"]
    assert report.fails(Severity.ERROR)


def test_baseline_hides_what_is_known(tmp_path: Path) -> None:
    """New findings fail; known ones are counted; gone ones are named."""
    path = tmp_path / "known.json"
    write_baseline(path, build_report())
    known = load_baseline(path)
    again = build_report(known=known)
    assert (again.new, again.fails(Severity.WARNING), again.gone) == ([], False, frozenset())
    assert "4 findings of the baseline left out" in render_report(again, "text")
    fewer = Report(known=known)
    fewer.add([finding(), finding("/new")])
    assert fewer.fails(Severity.ERROR)
    assert len(fewer.gone) == 2
    assert "2 findings of the baseline not found any more" in render_report(fewer, "text")


def test_baseline_is_sorted_and_stable(tmp_path: Path) -> None:
    """The order in which findings were found does not show."""
    first, second = tmp_path / "a", tmp_path / "b"
    report = Report()
    report.add([finding("/b"), finding("/a")])
    write_baseline(first, report)
    report = Report()
    report.add([finding("/a"), finding("/b")])
    write_baseline(second, report)
    assert first.read_text() == second.read_text()
    write_baseline(first, Report())
    assert load_baseline(first) == frozenset()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the baseline cannot be read (No such file or directory). Write one with"),
        ("{", "the baseline is not JSON"),
        ("[]", "the file is not a baseline. Expected an object with a list `findings`"),
        ('{"findings": [{"fingerprint": 1}]}', "the file is not a baseline"),
    ],
)
def test_wrong_baseline_is_reported(tmp_path: Path, text: str | None, message: str) -> None:
    """With the name of the file."""
    path = tmp_path / "known.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError) as raised:
        load_baseline(path)
    assert str(raised.value).startswith(f"{path}")
    assert message in str(raised.value)


def test_baseline_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """A folder is in its place."""
    with pytest.raises(InputError, match="the baseline cannot be written"):
        write_baseline(tmp_path, Report())


def fingerprint(side: str, rule: str, text: str = "", call: str = "", value: int = 0) -> str:
    origin = Origin("logs/a.har", call=call)
    return Finding(Severity.ERROR, side, "path", rule, text, origin, value=value).fingerprint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (fingerprint("input", "x", "a"), fingerprint("input", "x", "b")),
        (
            fingerprint("response", "status", value=500),
            fingerprint("response", "status", value=502),
        ),
        (
            fingerprint("request", "no-operation", call="GET /a -> 404"),
            fingerprint("request", "no-operation", call="GET /b -> 404"),
        ),
    ],
)
def test_fingerprint_covers_what_differs_between_findings(first: str, second: str) -> None:
    """A known status, path or broken file does not hide another one."""
    assert first != second


def test_calls_of_one_unknown_operation_are_one_finding() -> None:
    """Ids in the path, and the answer's status, are of no importance."""
    first = fingerprint("request", "no-operation", call="GET /a/12/b -> 404")
    assert first == fingerprint("request", "no-operation", call="GET /a/77/b -> 200")


def test_baseline_with_findings_left_out_is_not_written(tmp_path: Path) -> None:
    """The next run would report what is missing in it."""
    report = Report(max_findings=1)
    report.add([finding("/a"), finding("/b")])
    with pytest.raises(InputError, match=r"1 of the findings is not listed.*Raise --max"):
        write_baseline(tmp_path / "known.json", report)
    assert not (tmp_path / "known.json").exists()


def test_fingerprint_stays_when_the_place_in_a_list_changes() -> None:
    """Rule, operation, side and contract node make it; the value and the call do not."""
    assert finding("/a/1/b").fingerprint == finding("/a/20/b").fingerprint
    assert finding("/a/1/b").fingerprint != finding("/a/1/c").fingerprint
    assert finding().fingerprint != finding(rule="enum").fingerprint
    assert finding().fingerprint != finding(operation="listPets").fingerprint


def test_each_missing_field_is_a_flaw_of_its_own() -> None:
    """They have rule and place in common."""
    missing = [replace(finding("body", "required"), expected=f"the field {name}") for name in "ab"]
    assert missing[0].fingerprint != missing[1].fingerprint
