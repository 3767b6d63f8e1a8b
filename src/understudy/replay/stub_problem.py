"""What only the tool itself can say."""

from dataclasses import dataclass

from understudy.messages import Headers, Response, dump_json


@dataclass(frozen=True, slots=True)
class StubProblem(Exception):  # noqa: N818 - named for the RFC 9457 problem that it becomes
    """What only the tool can say about a request: becomes a problem document."""

    status: int
    slug: str
    title: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    def to_response(self) -> Response:
        """Give the problem document."""
        return build_problem_response(self.status, self.slug, self.title, self.detail, self.headers)


def build_problem_response(
    status: int, slug: str, title: str, detail: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Give what only the tool itself can say, as a problem document (RFC 9457): never in the service's own envelope."""
    body = {
        "type": f"urn:understudy:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    return Response(
        status,
        Headers.of([("Content-Type", "application/problem+json"), *headers]),
        dump_json(body),
    )
