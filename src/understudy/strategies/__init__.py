"""Hypothesis strategies: payloads that a client has to cope with."""

from understudy.strategies.responses import responses_from_operation
from understudy.strategies.schema import payloads_from_schema
from understudy.strategies.tasks import tasks

__all__ = ["payloads_from_schema", "responses_from_operation", "tasks"]
