"""The problems that only the tool can report: RFC 9457 documents, never the service's envelope."""

from dataclasses import dataclass

from understudy.messages import Headers, Response, dump_json


@dataclass(frozen=True, slots=True)
class StubProblem(Exception):  # noqa: N818 - named for the RFC 9457 problem that it becomes
    """A problem with a request that only the tool can report."""

    status: int
    slug: str
    """The stable kind of problem: the end of the document's `type`."""
    title: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    def to_response(self) -> Response:
        """Build the response with the problem document."""
        return build_problem_response(
            self.status,
            self.slug,
            self.title,
            self.detail,
            self.headers,
        )


def build_problem_response(
    status: int, slug: str, title: str, detail: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Build a problem document. Keys: type, title, status, detail.

    Source: RFC 9457, section 3.
    """
    body = {
        "type": f"urn:understudy:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    fields = [("Content-Type", "application/problem+json"), *headers]
    return Response(status, Headers.of(fields), dump_json(body))
