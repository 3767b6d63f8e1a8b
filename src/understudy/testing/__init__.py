"""Tools to test a client with drawn worlds.

Each world is served, and one that breaks the client is saved as a scenario file.
"""

from understudy.testing.served_worlds import PlayedWorld, ServedOcp, run_world, worlds
from understudy.testing.state_machine import OcpMachine, View

__all__ = ["OcpMachine", "PlayedWorld", "ServedOcp", "View", "run_world", "worlds"]
