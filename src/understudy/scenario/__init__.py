"""Scenarios: YAML files that say which tasks there are and what will happen to them."""

from understudy.scenario.add_task import joined, read_joining_task, with_ids
from understudy.scenario.format_schema import scenario_schema
from understudy.scenario.scenario_loader import SUFFIXES, error_codes, find_scenario, load_scenario
from understudy.scenario.scenario_model import ClockMode, ClockSettings, Scenario, TaskPlan

__all__ = [
    "SUFFIXES",
    "ClockMode",
    "ClockSettings",
    "Scenario",
    "TaskPlan",
    "error_codes",
    "find_scenario",
    "joined",
    "load_scenario",
    "read_joining_task",
    "scenario_schema",
    "with_ids",
]
