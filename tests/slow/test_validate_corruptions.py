"""`validate --url` finds every corruption that the stub serves, by the rule that it names."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corruption_contracts import FOREIGN
from traffic_builders import PETS
from understudy import LiveServer, corruptions
from understudy.config import Settings
from understudy.contract import Contract, Corruption, Operation, load_contract
from understudy.messages import Headers, Request
from understudy.traffic.calls.http_caller import CallLimits, HttpCaller
from understudy.traffic.calls.learned_values import LearnedValues
from understudy.traffic.calls.planned_calls import CallPlan, plan_requests
from understudy.traffic.calls.server_check import ServerCheck
from understudy.traffic.findings_report import Report
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.traffic_message import Message

pytestmark = pytest.mark.slow

NAMES = ("name", "wire-name")
"""The rules of a field that has another name: also that of a corruption whose field is missing."""
PLAN = CallPlan(samples=0, unsafe=True)
LIMITS = CallLimits(calls_per_s=0)
ADMIN = [("Authorization", "Basic YWRtaW46YWRtaW4=")]
CONTRACTS: dict[str, Any] = {"ocp": None, "pets": PETS, **FOREIGN}


SCENARIO = """\
understudy: 1
clock: {mode: virtual}
tasks:
  - {id: 1, state: FAILED, subtasks: [{id: 10, state: FAILED}]}
  - {id: 2, state: RUNNING, subtasks: [{id: 20, state: RUNNING}]}
"""
"""Task 1 can be retried, rolled back and skipped, and subtask 20 cancelled: each in a new world."""
CANCELLED = "/api/v2/tasks/instances/2/subtasks/20/cancel"


@pytest.fixture(params=CONTRACTS)
def server(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Contract, HttpCaller, str]]:
    """Serve a contract; return it with a caller."""
    document = CONTRACTS[request.param]
    path = None
    if document is not None:
        path = tmp_path / "contract.yaml"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO)
    settings = Settings(contract=path, max_worlds=5000)
    if path is None:
        settings = replace(settings, scenario=str(scenario))
    with LiveServer(settings) as live:
        yield load_contract(path), HttpCaller(live.url, ADMIN, LIMITS), live.url


def build_request(operation: Operation, corruption: Corruption, number: int) -> Request:
    """Return a request that asks for a corruption, in a new world if it changes something."""
    request = next(plan_requests(operation, PLAN, LearnedValues()))
    path = request.path.replace("/1000/subtasks/10001/", "/1/subtasks/10/")
    path = path.replace("/instances/1000", "/instances/1")
    if operation.id == "cancelSubtask":
        path = CANCELLED
    fields = [*request.headers, ("Prefer", f'corrupt="{corruption.id}"')]
    if operation.method == "POST":
        fields.append(("X-Understudy-World", f"{operation.id}-{number}"))
    return replace(request, target=path, path=path, query="", headers=Headers.of(fields))


def find_rules(validator: MessageValidator, caller: HttpCaller, request: Request) -> set[str]:
    """Return the rules of the findings about one corrupted answer."""
    validated = validator.validate(Message(caller.call(request), request))
    return {finding.rule for finding in validated.findings if finding.side == "response"}


@pytest.mark.timeout(900)
def test_each_corruption_is_found(server: tuple[Contract, HttpCaller, str]) -> None:
    """Those that break no rule are found too, if they add or rename a field."""
    contract, caller, _ = server
    validator = MessageValidator(contract)
    missed = []
    for operation in contract.operations.values():
        for number, corruption in enumerate(corruptions(operation)):
            if not corruption.breaks:
                continue
            request = build_request(operation, corruption, number)
            rules = find_rules(validator, caller, request)
            is_renamed = corruption.rule == "required" and bool(rules & set(NAMES))
            if corruption.rule not in rules and not is_renamed:
                missed.append(f"{corruption.id} {corruption.rule}: {sorted(rules)}")
    assert missed == []


def test_clean_server_has_no_finding(server: tuple[Contract, HttpCaller, str]) -> None:
    """Each operation is called with examples and samples."""
    contract, caller, url = server
    report = Report()
    calls = list(ServerCheck(MessageValidator(contract), caller, url, CallPlan()).run(report))
    assert calls
    assert [repeated.first.text for repeated in report] == []
