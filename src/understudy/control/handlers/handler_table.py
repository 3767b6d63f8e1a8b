"""Which handler answers which route."""

from collections.abc import Mapping

from understudy.control.api.api_call import Handler
from understudy.control.handlers import journal_handlers as journal
from understudy.control.handlers import long_polling as waits
from understudy.control.handlers import rule_handlers as rules
from understudy.control.handlers import scenario_handlers as scenarios
from understudy.control.handlers import server_handlers as server
from understudy.control.handlers import task_handlers as tasks
from understudy.control.handlers import verdict_handlers as findings
from understudy.control.handlers import world_handlers as worlds
from understudy.control.handlers.rule_handlers import FAULTS, REPLIES

HANDLERS: Mapping[str, Handler] = {
    "health": server.health,
    "version": server.get_version,
    "openapiYaml": server.openapi_yaml,
    "openapiJson": server.openapi_json,
    "getCoverage": server.get_coverage,
    "listRequests": journal.list_requests,
    "getRequest": journal.get_request,
    "clearRequests": journal.clear_requests,
    "findRequests": journal.find_requests,
    "countRequests": journal.count_requests,
    "waitForRequests": waits.wait_for_requests,
    "listUnmatched": journal.list_unmatched,
    "listNearMisses": journal.list_near_misses,
    "findNearMisses": journal.find_near_misses,
    "explainRequest": journal.explain_request,
    "events": waits.events,
    "reset": worlds.reset,
    "listWorlds": worlds.list_worlds,
    "dropWorld": worlds.drop_world,
    "makeWorld": scenarios.make_world,
    "exportWorld": worlds.export_world,
    "listFindings": findings.list_findings,
    "listAccounts": findings.list_accounts,
    "listScenarios": scenarios.list_scenarios,
    "getScenario": scenarios.get_scenario,
    "uploadScenario": scenarios.upload_scenario,
    "activateScenario": scenarios.activate_scenario,
    "getClock": worlds.get_clock,
    "advanceClock": worlds.advance_clock,
    "freezeClock": worlds.freeze_clock,
    "setClock": worlds.set_clock,
    "scaleClock": worlds.scale_clock,
    "stepClock": tasks.step_clock,
    "listTasks": tasks.list_tasks,
    "addTask": tasks.add_task,
    "getTask": tasks.get_task,
    "forceTask": tasks.force_task,
    "forceSubtask": tasks.force_subtask,
    "stepTask": tasks.step_task,
    "listReplies": rules.build_list_handler(REPLIES),
    "addReply": rules.build_add_handler(REPLIES),
    "clearReplies": rules.build_clear_handler(REPLIES),
    "removeReply": rules.build_remove_handler(REPLIES),
    "listFaults": rules.build_list_handler(FAULTS),
    "addFault": rules.build_add_handler(FAULTS),
    "clearFaults": rules.build_clear_handler(FAULTS),
    "removeFault": rules.build_remove_handler(FAULTS),
    "getSettings": worlds.get_settings,
    "changeSettings": worlds.change_settings,
    "listSnapshots": worlds.list_snapshots,
    "saveSnapshot": worlds.save_snapshot,
    "restoreSnapshot": worlds.restore_snapshot,
    "dropSnapshot": worlds.drop_snapshot,
}
"""By the id of the route."""
