"""Messages as they were read from a file, a client, or a server, before they are validated."""

from dataclasses import dataclass

from understudy.messages import Request, Response
from understudy.traffic.finding import Origin


@dataclass(frozen=True, slots=True)
class Message:
    """One response, with its request where that is known."""

    response: Response
    request: Request | None = None
    """None: the operation has to be named, and only the response is validated."""
    operation: str = ""
    """The operationId, where the input names it; else it is found by method and path."""
    has_body: bool = True
    """False: the body of the response was not recorded, so nothing is known about it."""
    has_request_body: bool = True
    has_head: bool = True
    """False: the header fields of the response are not known, as for a body in a file."""
    has_request_head: bool = True
    """False: the header fields of the request are not known."""
    has_cookies: bool = True
    """False: cookies may have been removed, as browsers do before they save a HAR file."""
    is_foreign: bool = False
    """Whether the message may belong to another service: a HAR file has all calls of a page."""
    scope: str = ""
    """The world that it belongs to, in a journal; empty for a server."""
    file: str = ""
    line: int = 0
    entry: int = 0

    def origin(self, operation: str) -> Origin:
        """Return where the message was read, with the operation that it belongs to."""
        call = ""
        if self.request is not None:
            call = f"{self.request.method} {self.request.path} -> {self.response.status}"
        return Origin(self.file, self.line, self.entry, call, operation)
