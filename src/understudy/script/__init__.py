"""Scripted replies and faults, as pure values: read from a scenario, chosen for a call, put into its answer."""

from understudy.script.answers import NO_BODY, Answer, AnswerKind, NoBody, ScriptError, apply_patch, fill
from understudy.script.blows import Blow, deliver, first_before, gateway_response
from understudy.script.choose import Chosen, Counters, choose_reply, is_spent, seen_key, strike, used_key
from understudy.script.closest import NearMiss, closest_reply
from understudy.script.facts import Facts
from understudy.script.preferences import NO_WISHES, Wishes, read_preferences
from understudy.script.read import read_script, read_when
from understudy.script.rules import FaultRule, ReplyRule, Script
from understudy.script.when import Row, When, matches_exchange

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
