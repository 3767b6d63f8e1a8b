"""Applies the rules across messages to a sequence of messages, in the order of their calls."""

from understudy.contract import Contract, Match
from understudy.messages import Json
from understudy.traffic.finding import Finding
from understudy.traffic.operation_lookup import find_route
from understudy.traffic.sequence.observed_call import ObservedCall, RecentValues
from understudy.traffic.sequence.resource_rules import ResourceRules
from understudy.traffic.sequence.task_rules import TaskRules
from understudy.traffic.traffic_message import Message

_SERVICE = "ocp"


class SequenceRules:
    """The rules for a contract: those of OCP for its own, those of resources for others."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._rules: TaskRules | ResourceRules
        if contract.service == _SERVICE:
            self._rules = TaskRules()
        else:
            self._rules = ResourceRules(contract)
        self._last_numbers: RecentValues[str, int] = RecentValues()

    def check(self, message: Message) -> list[Finding]:
        """Return what a message contradicts, and remember it for the next ones."""
        call = self._observe(message)
        if call is None:
            return []
        if message.entry:
            # The numbers of a world begin anew when the world does.
            if message.entry <= self._last_numbers.get(call.scope, 0):
                self._rules.reset(call.scope)
            self._last_numbers[call.scope] = message.entry
        return list(self._rules.check(call))

    def _observe(self, message: Message) -> ObservedCall | None:
        """Return the call of a message; None for one without request or operation."""
        request = message.request
        if request is None:
            return None
        looked_up = find_route(self._contract, request, with_prefix=not message.is_foreign)
        route = looked_up.result
        if not isinstance(route, Match):
            return None
        body: Json = None
        if message.has_body:
            try:
                body = message.response.json()
            except ValueError:
                body = None
        return ObservedCall(
            route.operation,
            dict(route.path_values),
            looked_up.path,
            request,
            message.response,
            body,
            message.origin(route.operation.id),
            f"{message.file}\n{message.scope}",
        )
