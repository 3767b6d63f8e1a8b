"""Scenarios: YAML files with accounts, tasks and the future of the tasks."""

from understudy.scenario.add_task import assign_task_ids, parse_added_task, start_added_task
from understudy.scenario.format_schema import scenario_schema
from understudy.scenario.scenario_loader import (
    SUFFIXES,
    find_scenario,
    list_error_codes,
    load_scenario,
)
from understudy.scenario.scenario_model import ClockMode, ClockSettings, Scenario, TaskPlan

__all__ = [
    "SUFFIXES",
    "ClockMode",
    "ClockSettings",
    "Scenario",
    "TaskPlan",
    "assign_task_ids",
    "find_scenario",
    "list_error_codes",
    "load_scenario",
    "parse_added_task",
    "scenario_schema",
    "start_added_task",
]
