# examples/behave/environment.py
"""Hooks of behave: each scenario of the features has a private OCP, `context.ocp`."""

from typing import Any

from understudy import OcpServer


def before_all(context: Any) -> None:
    """Serve, once for all."""
    context.server = OcpServer().start()


def before_scenario(context: Any, scenario: Any) -> None:
    """Give the scenario a world."""
    context.ocp = context.server.world(scenario.name)


def after_scenario(context: Any, scenario: Any) -> None:
    """Judge the world, and forget it."""
    try:
        context.ocp.verify()
    finally:
        context.ocp.close()


def after_all(context: Any) -> None:
    """End the server."""
    context.server.stop()
