"""Testing a client with drawn worlds: each is served, and one that breaks the client is kept."""

from understudy.testing.machine import OcpMachine, View
from understudy.testing.served import PlayedWorld, ServedOcp, run_world, worlds

__all__ = ["OcpMachine", "PlayedWorld", "ServedOcp", "View", "run_world", "worlds"]
