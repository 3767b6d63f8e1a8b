"""Hypothesis strategies: payloads that a client has to cope with, and whole worlds to test it against."""

from understudy.strategies.breaking import Invalid
from understudy.strategies.classes import KINDS, edge_classes, edge_examples
from understudy.strategies.edge import Edge, EdgeClass
from understudy.strategies.envelopes import envelopes, errors, logs
from understudy.strategies.operations import requests_from_operation, responses_from_operation
from understudy.strategies.payloads import payloads_from_schema
from understudy.strategies.tasks import subtasks, task_pages, tasks
from understudy.strategies.worlds import DrawnWorld, worlds

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
