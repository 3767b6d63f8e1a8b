"""Validates the answers of a live server: each operation is called, each answer validated."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from understudy.contract import Match, Operation
from understudy.messages import Request, Response
from understudy.traffic.calls.http_caller import CallError, HttpCaller
from understudy.traffic.calls.learned_values import LearnedValues
from understudy.traffic.calls.planned_calls import CallPlan, order_operations, plan_requests
from understudy.traffic.finding import Finding, Severity
from understudy.traffic.findings_report import Report
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.traffic_message import Message

_MAX_FAILED = 5
"""After so many calls in a row without a connection, the server is given up."""
_UNAUTHENTICATED = 401
_NO_RESPONSE = Response(0)


class ServerCheck:
    """Calls the operations of a contract and adds what is wrong with the answers to a report."""

    def __init__(
        self, validator: MessageValidator, caller: HttpCaller, url: str, plan: CallPlan
    ) -> None:
        self._validator = validator
        self._caller = caller
        self._url = url
        self._plan = plan
        self._learned = LearnedValues()

    def run(self, report: Report) -> Iterator[Message]:
        """Call each operation; yield the answered calls, whose findings are in the report."""
        failed, statuses = 0, set[int]()
        for operation in order_operations(self._validator.contract.operations):
            if not self._plan.includes(operation):
                continue
            for request in plan_requests(operation, self._plan, self._learned):
                message = self._call(request, operation.id, report)
                if message is None:
                    failed += 1
                    if failed == _MAX_FAILED:
                        return
                    continue
                failed = 0
                statuses.add(message.response.status)
                self._learn(operation, message)
                yield message
        if statuses == {_UNAUTHENTICATED}:
            report.add([self._all_unauthenticated()])

    def hide(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield findings without the credentials that the server may have sent back."""
        return map(self._caller.mask.hide_in_finding, findings)

    def _call(self, request: Request, operation: str, report: Report) -> Message | None:
        """Return the answered call; None without an answer, which is a finding."""
        report.count_message(self._url)
        report.operations[self._url, operation] += 1
        try:
            response = self._caller.call(request)
        except CallError as error:
            report.add([self._no_answer(request, operation, error)])
            return None
        message = Message(response, request, operation, file=self._url)
        findings = self._validator.validate(message).findings
        # The request is this tool's own: only the answer says something about the server.
        report.add(self.hide(finding for finding in findings if finding.side == "response"))
        return message

    def _learn(self, operation: Operation, message: Message) -> None:
        path = message.request.path if message.request is not None else ""
        route = self._validator.contract.route(operation.method, path)
        if isinstance(route, Match):
            self._learned.learn(operation, route.path_values, message.response)

    def _no_answer(self, request: Request, operation: str, error: CallError) -> Finding:
        origin = Message(_NO_RESPONSE, request, file=self._url).origin(operation)
        call = f"{request.method} {request.path}"
        return Finding(
            severity=Severity.ERROR,
            side="response",
            place="",
            rule=error.rule,
            text=f"{error} [{error.rule}]",
            origin=replace(origin, call=call),
            expected="an answer",
        )

    def _all_unauthenticated(self) -> Finding:
        origin = Message(_NO_RESPONSE, file=self._url).origin("")
        return Finding(
            severity=Severity.WARNING,
            side="response",
            place="status",
            rule="unauthenticated",
            text="every answer is 401; give credentials with --user or --header [unauthenticated]",
            origin=origin,
        )
