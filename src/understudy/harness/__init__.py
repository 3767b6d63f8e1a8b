"""What a test drives an OCP with: worlds of a server, their clocks, tasks and rules, and what is to be said of them.

It knows no test runner: the pytest plugin is one user, `unittest` and notebooks are others.
"""

from understudy.harness.background import Background
from understudy.harness.ocp_server import OcpServer
from understudy.harness.private_ocp import Ocp
from understudy.harness.task_builder import subtask
from understudy.harness.verdict import FoundError

__all__ = ["Background", "FoundError", "Ocp", "OcpServer", "subtask"]
