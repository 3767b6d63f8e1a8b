"""The handlers of the routes, in one table.

A test checks that the table of routes (`api.route_table`) has the same ids.
"""

from collections.abc import Mapping

from understudy.control.api.api_call import Handler
from understudy.control.handlers import (
    journal_handlers,
    long_polling,
    rule_handlers,
    scenario_handlers,
    server_handlers,
    task_handlers,
    verdict_handlers,
    world_handlers,
)
from understudy.control.handlers.rule_handlers import FAULTS, REPLIES

HANDLERS: Mapping[str, Handler] = {
    # Server
    "health": server_handlers.health,
    "version": server_handlers.get_version,
    "openapiYaml": server_handlers.openapi_yaml,
    "openapiJson": server_handlers.openapi_json,
    "getTls": server_handlers.get_tls,
    "changeTls": server_handlers.change_tls,
    "getCoverage": server_handlers.get_coverage,
    # Journal
    "listRequests": journal_handlers.list_requests,
    "getRequest": journal_handlers.get_request,
    "clearRequests": journal_handlers.clear_requests,
    "findRequests": journal_handlers.find_requests,
    "countRequests": journal_handlers.count_requests,
    "waitForRequests": long_polling.wait_for_requests,
    "listUnmatched": journal_handlers.list_unmatched,
    "listNearMisses": journal_handlers.list_near_misses,
    "findNearMisses": journal_handlers.find_near_misses,
    "explainRequest": journal_handlers.explain_request,
    "events": long_polling.events,
    # Worlds, verdicts and scenarios
    "reset": world_handlers.reset,
    "listWorlds": world_handlers.list_worlds,
    "dropWorld": world_handlers.drop_world,
    "makeWorld": scenario_handlers.make_world,
    "exportWorld": world_handlers.export_world,
    "listFindings": verdict_handlers.list_findings,
    "listAccounts": verdict_handlers.list_accounts,
    "listScenarios": scenario_handlers.list_scenarios,
    "getScenario": scenario_handlers.get_scenario,
    "uploadScenario": scenario_handlers.upload_scenario,
    "activateScenario": scenario_handlers.activate_scenario,
    # Clock and tasks: `stepClock` needs the tasks
    "getClock": world_handlers.get_clock,
    "advanceClock": world_handlers.advance_clock,
    "freezeClock": world_handlers.freeze_clock,
    "setClock": world_handlers.set_clock,
    "scaleClock": world_handlers.scale_clock,
    "stepClock": task_handlers.step_clock,
    "listTasks": task_handlers.list_tasks,
    "addTask": task_handlers.add_task,
    "getTask": task_handlers.get_task,
    "forceTask": task_handlers.force_task,
    "forceSubtask": task_handlers.force_subtask,
    "stepTask": task_handlers.step_task,
    # Replies and faults differ in their key only
    "listReplies": rule_handlers.build_list_handler(REPLIES),
    "addReply": rule_handlers.build_add_handler(REPLIES),
    "clearReplies": rule_handlers.build_clear_handler(REPLIES),
    "removeReply": rule_handlers.build_remove_handler(REPLIES),
    "listFaults": rule_handlers.build_list_handler(FAULTS),
    "addFault": rule_handlers.build_add_handler(FAULTS),
    "clearFaults": rule_handlers.build_clear_handler(FAULTS),
    "removeFault": rule_handlers.build_remove_handler(FAULTS),
    # Settings and snapshots
    "getSettings": world_handlers.get_settings,
    "changeSettings": world_handlers.change_settings,
    "listSnapshots": world_handlers.list_snapshots,
    "saveSnapshot": world_handlers.save_snapshot,
    "restoreSnapshot": world_handlers.restore_snapshot,
    "dropSnapshot": world_handlers.drop_snapshot,
}
"""Handlers by the id of their route."""
