"""Scripted replies and faults, as pure values: read from a scenario, chosen for a call, put into its answer."""

from understudy.rules.faults.active_fault import Blow, deliver, first_before, gateway_response
from understudy.rules.matching.call_context import Facts
from understudy.rules.matching.when import Row, When, matches_exchange
from understudy.rules.near_miss import NearMiss, closest_reply
from understudy.rules.parse.parse_rule_set import read_script, read_when
from understudy.rules.preferences import NO_WISHES, Wishes, read_preferences
from understudy.rules.replies.reply import (
    NO_BODY,
    Answer,
    AnswerKind,
    NoBody,
    ScriptError,
    apply_patch,
    fill,
)
from understudy.rules.rule_set import FaultRule, ReplyRule, Script
from understudy.rules.selection import (
    Chosen,
    Counters,
    choose_reply,
    is_spent,
    seen_key,
    strike,
    used_key,
)

__all__ = [
    "NO_BODY",
    "NO_WISHES",
    "Answer",
    "AnswerKind",
    "Blow",
    "Chosen",
    "Counters",
    "Facts",
    "FaultRule",
    "NearMiss",
    "NoBody",
    "ReplyRule",
    "Row",
    "Script",
    "ScriptError",
    "When",
    "Wishes",
    "apply_patch",
    "choose_reply",
    "closest_reply",
    "deliver",
    "fill",
    "first_before",
    "gateway_response",
    "is_spent",
    "matches_exchange",
    "read_preferences",
    "read_script",
    "read_when",
    "seen_key",
    "strike",
    "used_key",
]
