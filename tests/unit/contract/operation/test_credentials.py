"""Credentials: the presence of what a contract's security schemes ask for."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import load_data, load_operation, load_problem_texts, make_document
from understudy.contract import Operation
from understudy.contract.operation.credentials import make_scheme
from understudy.messages import Request
from understudy.server import create_app

SCHEMES: dict[str, Any] = {
    "basic": {"type": "http", "scheme": "basic"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "sid": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "word": {"type": "apiKey", "in": "query", "name": "word"},
}
SENT: dict[str, Any] = {
    "basic": ("Authorization", "Basic " + b64encode(b"me:x").decode()),
    "key": ("X-Key", "k"),
    "sid": ("Cookie", "sid=1"),
}


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("security")

    def load_with(security: Any) -> Operation:
        components = {"securitySchemes": SCHEMES}
        return load_operation(folder, security=security, components=components)

    return load_with


def request_with(names: Any) -> Request:
    query = "?word=w" if "word" in names else ""
    headers = [SENT[name] for name in sorted(names) if name in SENT]
    return Request.of("GET", f"/x{query}", headers=headers)


@given(
    alternatives=st.lists(st.sets(st.sampled_from(sorted(SCHEMES))), max_size=3),
    sent=st.sets(st.sampled_from(sorted(SCHEMES))),
)
def test_one_complete_alternative_is_enough(
    load: Any, alternatives: list[set[str]], sent: set[str]
) -> None:
    """All schemes of one alternative are sent, or there is no alternative at all."""
    operation = load([{name: [] for name in alternative} for alternative in alternatives])
    security = operation.security
    violations = () if security is None else security.find_violations(request_with(sent))
    is_let_in = not alternatives or any(alternative <= sent for alternative in alternatives)
    assert (violations == ()) == is_let_in
    assert {violation.rule for violation in violations} <= {"security"}


def test_violation_names_every_alternative_but_no_secret(load: Any) -> None:
    """Its place is what the nearest alternative lacks first."""
    security = load([{"basic": [], "key": []}, {"word": []}]).security
    header = ("Authorization", "Bearer top-secret")
    [violation] = security.find_violations(Request.of("GET", "/x", headers=[header]))
    assert str(violation) == (
        "query.word: missing; expected Basic credentials (basic) and the API key key in the header "
        "X-Key, or the API key word in the query word [security] (/paths/~1x/get/security)"
    )


@pytest.mark.parametrize(
    "node",
    [
        {},
        {"type": "mutualTLS"},
        {"type": "apiKey", "in": "path", "name": "k"},
        {"type": "apiKey", "in": "header"},
        {"type": "apiKey", "in": "header", "name": ""},
        {"type": "http"},
        {"type": "http", "scheme": 1},
        {"type": 5},
    ],
)
def test_scheme_that_no_request_shows_is_not_checked(node: Any) -> None:
    """A certificate, or a scheme that is not described."""
    assert make_scheme("s", node) is None


def test_schemes_that_cannot_be_checked_are_reported(tmp_path: Path) -> None:
    """Each with its place; a certificate is no flaw."""
    text = """\
openapi: 3.1.0
info: {title: t, version: "1"}
paths: {}
components:
  securitySchemes:
    good: {type: mutualTLS}
    key: {type: apiKey, in: header}
    list: []
    other: {$ref: "#/components/securitySchemes/key"}
"""
    problems = load_problem_texts(text, tmp_path)
    assert [problem.partition(". ")[0] for problem in problems] == [
        'contract.yaml:7:10: the security scheme "key" cannot be checked',
        'contract.yaml:8:11: "list" is not a mapping',
    ]


def test_challenge_quotes_the_name_of_a_key() -> None:
    """Source: RFC 9110, section 5.6.4."""
    scheme = make_scheme("s", {"type": "apiKey", "in": "query", "name": 'a"\\'})
    assert scheme is not None
    assert scheme.challenge() == 'ApiKey in="query", name="a\\"\\\\"'


def test_journal_has_no_api_key(tmp_path: Path) -> None:
    """Whatever its name, in a header or in the query; other values stay."""
    components = {"securitySchemes": SCHEMES}
    security: list[dict[str, list[str]]] = [{"key": [], "word": []}]
    load_data(make_document({"security": security}, components=components), tmp_path)
    client = create_app(contract=tmp_path / "contract.yaml", cache=False).test_client()
    client.get("/x?word=top-secret&q=plain", headers={"X-Key": "top-secret", "X-Other": "plain"})
    text = client.get("/__admin/requests").get_data(as_text=True)
    assert "/x?word=<redacted:" in text
    assert "q=plain" in text
    assert "top-secret" not in text


@given(st.text(max_size=30))
def test_any_text_is_checked(text: str) -> None:
    """Whatever a client sends: no error, and no credentials without a colon in Basic."""
    scheme = make_scheme("basic", SCHEMES["basic"])
    assert scheme is not None
    header = ("Authorization", f"Basic {text}")
    scheme.is_sent(Request.of("GET", "/x", headers=[header]))


def test_call_without_credentials_is_a_finding(tmp_path: Path) -> None:
    """Findings fail the test of a client; the answer to a call with credentials has none."""
    components = {"securitySchemes": SCHEMES}
    load_data(make_document({"security": [{"key": []}]}, components=components), tmp_path)
    client = create_app(contract=tmp_path / "contract.yaml", cache=False).test_client()
    assert client.get("/x", headers={"X-Key": "k"}).status_code == 200
    assert client.get("/__admin/findings").json["findings"] == []
    assert client.get("/x").status_code == 401
    [finding] = client.get("/__admin/findings").json["findings"]
    assert (finding["kind"], finding["rule"], finding["place"], finding["status"]) == (
        "violation",
        "security",
        "header.X-Key",
        401,
    )
