"""The table of routes: every route of the control API, in the order of the guide."""

from collections.abc import Mapping

from understudy.control.api.journal_routes import JOURNAL_ROUTES
from understudy.control.api.route import Route
from understudy.control.api.server_routes import REGISTRY_ROUTES, SERVER_ROUTES
from understudy.control.api.task_routes import RULE_ROUTES, TASK_ROUTES
from understudy.control.api.world_routes import CLOCK_ROUTES, SETTINGS_ROUTES

# In the order of the topics: document, guide and client follow it.
_ALL = (
    *SERVER_ROUTES,
    *JOURNAL_ROUTES,
    *REGISTRY_ROUTES,
    *CLOCK_ROUTES,
    *TASK_ROUTES,
    *RULE_ROUTES,
    *SETTINGS_ROUTES,
)

ROUTES: Mapping[str, Route] = {route.id: route for route in _ALL}
"""Routes by id."""

COMMON_PROBLEMS = (
    "bad-request",
    "token-needed",
    "foreign-origin",
    "host-not-allowed",
    "target-too-long",
    "internal",
)
"""The slugs of problems that every route can have."""

WORLD_PROBLEMS = ("bad-world-name", "world-closed", "world-evicted", "too-many-worlds")
"""The slugs of problems of every route that concerns a world."""

BODY_PROBLEMS = ("unsupported-media-type", "request-entity-too-large")
"""The slugs of problems of every route with a request body."""


def problems_of(route: Route) -> tuple[str, ...]:
    """Return the slugs of all problems that a route can have; its own come first."""
    slugs = [*route.problems, *COMMON_PROBLEMS]
    if route.of_world:
        slugs += WORLD_PROBLEMS
    if route.body:
        slugs += BODY_PROBLEMS
    return tuple(slugs)
