"""Whether a caller is known, where no world exists yet."""

from datetime import datetime

from understudy.contract import Contract, Match
from understudy.messages import Request
from understudy.replay.service import AnyService, ApiError


def is_known_caller(
    service: AnyService, contract: Contract, request: Request, wall: datetime
) -> bool:
    """Return whether a request has the credentials that accounts and contract ask for."""
    try:
        service.authenticate(request, wall)
    except ApiError:
        return False
    route = contract.route(request.method, contract.strip_base_path(request.path))
    if not isinstance(route, Match):
        return True
    return not service.find_missing_credentials(route.operation, request)
