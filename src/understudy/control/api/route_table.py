"""The table: every route of the control API, in the order of the guide."""

from collections.abc import Mapping

from understudy.control.api.journal_routes import JOURNAL_ROUTES
from understudy.control.api.route import Route
from understudy.control.api.server_routes import SERVER_ROUTES
from understudy.control.api.world_routes import WORLD_ROUTES

_TOPICS = (
    "Server",
    "Journal",
    "Worlds",
    "Scenarios",
    "Clock",
    "Tasks",
    "Rules",
    "Settings",
    "Snapshots",
)
_ALL = (*SERVER_ROUTES, *JOURNAL_ROUTES, *WORLD_ROUTES)

ROUTES: Mapping[str, Route] = {
    route.id: route for topic in _TOPICS for route in _ALL if route.topic == topic
}
"""By id."""
COMMON_PROBLEMS = (
    "bad-request",
    "token-needed",
    "foreign-origin",
    "host-not-allowed",
    "target-too-long",
    "internal",
)
"""The slugs of the problems that every route can have."""
WORLD_PROBLEMS = ("bad-world-name", "world-closed", "world-evicted", "too-many-worlds")
"""Those of every route that concerns a world."""
BODY_PROBLEMS = ("unsupported-media-type", "request-entity-too-large")
"""Those of every route that takes a body."""


def problems_of(route: Route) -> tuple[str, ...]:
    """Give the slugs of all problems that a route can have."""
    return (
        *route.problems,
        *COMMON_PROBLEMS,
        *(WORLD_PROBLEMS if route.of_world else ()),
        *(BODY_PROBLEMS if route.body else ()),
    )
