"""Hypothesis strategies: payloads that a client has to handle, and whole worlds to test it against.

`schema` has values for any JSON Schema, `ocp` values that obey OCP's domain; requests and responses
are on top of both.
"""

from understudy.strategies.edge_classes import KINDS, edge_classes, edge_examples
from understudy.strategies.ocp.drawn_worlds import DrawnWorld, worlds
from understudy.strategies.ocp.envelopes import envelopes, errors, logs
from understudy.strategies.ocp.page_payloads import task_pages
from understudy.strategies.ocp.task_payloads import subtasks, tasks
from understudy.strategies.operations import requests_from_operation, responses_from_operation
from understudy.strategies.payloads import payloads_from_schema
from understudy.strategies.schema.general_edges import Edge, EdgeClass
from understudy.strategies.schema.invalid_values import Invalid

__all__ = [
    "KINDS",
    "DrawnWorld",
    "Edge",
    "EdgeClass",
    "Invalid",
    "edge_classes",
    "edge_examples",
    "envelopes",
    "errors",
    "logs",
    "payloads_from_schema",
    "requests_from_operation",
    "responses_from_operation",
    "subtasks",
    "task_pages",
    "tasks",
    "worlds",
]
