"""The choice of the documented response that answers a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy.contract import ResponseSpec
from understudy.replay.service import status_number

_FIRST_FINAL_STATUS = 200
"""Lower statuses are informational: another response follows them. RFC 9110, section 15.2."""


@dataclass(frozen=True, slots=True)
class ChosenResponse:
    """A documented response with the status that it is sent with."""

    spec: ResponseSpec
    status: int


def choose_success(responses: Mapping[str, ResponseSpec]) -> ChosenResponse | None:
    """Choose the response to a valid request.

    It is the first 2xx in the document's order, then `2XX`, then `default` as 200, then the lowest
    status. None if no final response is documented.
    """
    for status, spec in responses.items():
        if status.isdigit() and status.startswith("2"):
            return ChosenResponse(spec, int(status))
    for key in ("2XX", "2xx", "default"):
        if key in responses:
            return ChosenResponse(responses[key], 200)
    lowest: ChosenResponse | None = None
    for status, spec in responses.items():
        number = status_number(status)
        if number >= _FIRST_FINAL_STATUS and (lowest is None or number < lowest.status):
            lowest = ChosenResponse(spec, number)
    return lowest


def choose_error(
    responses: Mapping[str, ResponseSpec], statuses: Sequence[int], *, uses_default: bool = True
) -> ChosenResponse | None:
    """Choose the response to a request that breaks the contract.

    `statuses` are those that fit, the best first. Each documented one comes before `4XX`, and this
    before `default`; both are sent with the best status, and only if `uses_default`. None if no
    such response is documented.
    """
    for status in statuses:
        if str(status) in responses:
            return ChosenResponse(responses[str(status)], status)
    if not uses_default:
        return None
    best = statuses[0]
    status_class = best // 100
    for key in (f"{status_class}XX", f"{status_class}xx", "default"):
        if key in responses:
            return ChosenResponse(responses[key], best)
    return None
