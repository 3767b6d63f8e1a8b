"""Documented header fields that the stub sends itself are sent once."""

from pathlib import Path

from understudy.config import Settings
from understudy.messages import Request, dump_json
from understudy.replay import Stub

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Limited", "version": "1"},
    "paths": {
        "/x": {
            "get": {
                "responses": {
                    "200": {
                        "description": "ok",
                        "headers": {
                            "RateLimit-Limit": {"schema": {"type": "integer"}, "example": 7},
                            "Date": {"schema": {"type": "string"}, "example": "today"},
                            "X-A": {"schema": {"type": "string"}, "example": "b"},
                        },
                        "content": {"application/json": {"example": [1]}},
                    }
                }
            }
        }
    },
}
LIMITED = """understudy: 1
name: limited
throttle: [{limit: 60, window: 1m}]
"""


def test_field_of_the_rate_limit_is_sent_once(tmp_path: Path) -> None:
    """The stub's own limit replaces the documented example, also in answers that are known."""
    contract, scenario = tmp_path / "contract.json", tmp_path / "limited.yaml"
    contract.write_bytes(dump_json(DOCUMENT))
    scenario.write_text(LIMITED, "utf-8")
    stub = Stub(Settings(contract=contract, scenario=str(scenario), cache=False))
    for _ in range(3):
        answer = stub.handle(Request.of("GET", "/x"))
        names = [name for name, _ in answer.headers.fields]
        assert (names.count("RateLimit-Limit"), names.count("Date"), answer.status) == (1, 1, 200)
        assert answer.headers.get("RateLimit-Limit") == "60"
        assert answer.headers.get("X-A") == "b"


def test_documented_limit_is_sent_without_a_limit_of_the_stub(tmp_path: Path) -> None:
    """Then it is a field as any other."""
    contract = tmp_path / "contract.json"
    contract.write_bytes(dump_json(DOCUMENT))
    answer = Stub(Settings(contract=contract, cache=False)).handle(Request.of("GET", "/x"))
    assert answer.headers.get("RateLimit-Limit") == "7"
