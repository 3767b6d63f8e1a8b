# examples/behave/environment.py
"""Hooks of behave: each scenario of the features has a private OCP, `context.ocp`."""

from typing import Any

from understudy import OcpServer


def before_all(context: Any) -> None:
    """Start one server for all scenarios."""
    context.server = OcpServer().start()


def before_scenario(context: Any, scenario: Any) -> None:
    """Create a world for the scenario."""
    context.ocp = context.server.world(scenario.name)


def after_scenario(context: Any, scenario: Any) -> None:
    """Verify the world, then close it."""
    try:
        context.ocp.verify()
    finally:
        context.ocp.close()


def after_all(context: Any) -> None:
    """Stop the server."""
    context.server.stop()
