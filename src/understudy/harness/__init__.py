"""Worlds for tests: servers, clocks, tasks, rules, and assertions about the calls of a client.

The package depends on no test runner. The pytest plugin uses it; so can `unittest`, notebooks and
scripts.
"""

from understudy.harness.background import Background
from understudy.harness.ocp_server import OcpServer
from understudy.harness.private_ocp import Ocp
from understudy.harness.task_builder import subtask
from understudy.harness.verdict import FoundError

__all__ = ["Background", "FoundError", "Ocp", "OcpServer", "subtask"]
