"""Scripted replies and faults: parsed from a scenario, selected for a call, and applied to it."""

from understudy.rules.faults.active_fault import (
    ActiveFault,
    apply_faults,
    build_gateway_response,
    first_early_fault,
)
from understudy.rules.matching.call_context import CallContext
from understudy.rules.matching.when import ConditionResult, When, matches_exchange
from understudy.rules.near_miss import NearMiss, find_near_miss
from understudy.rules.parse.parse_rule_set import parse_rule_set, parse_when
from understudy.rules.preferences import NO_PREFERENCES, Preferences, parse_preferences
from understudy.rules.replies.reply import (
    NO_BODY,
    NoBody,
    ReplyKind,
    RuleError,
    ScriptedReply,
    apply_patch,
    render_reply,
)
from understudy.rules.rule_set import FaultRule, ReplyRule, RuleSet
from understudy.rules.selection import (
    Counters,
    SelectedReply,
    calls_counter,
    is_used_up,
    select_faults,
    select_reply,
    uses_counter,
)

__all__ = [
    "NO_BODY",
    "NO_PREFERENCES",
    "ActiveFault",
    "CallContext",
    "ConditionResult",
    "Counters",
    "FaultRule",
    "NearMiss",
    "NoBody",
    "Preferences",
    "ReplyKind",
    "ReplyRule",
    "RuleError",
    "RuleSet",
    "ScriptedReply",
    "SelectedReply",
    "When",
    "apply_faults",
    "apply_patch",
    "build_gateway_response",
    "calls_counter",
    "find_near_miss",
    "first_early_fault",
    "is_used_up",
    "matches_exchange",
    "parse_preferences",
    "parse_rule_set",
    "parse_when",
    "render_reply",
    "select_faults",
    "select_reply",
    "uses_counter",
]
