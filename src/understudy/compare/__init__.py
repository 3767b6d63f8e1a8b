"""Compares two contracts, from the point of view of a client that was written for the old one."""

from understudy.compare.change import Change, Impact
from understudy.compare.contract_changes import compare_contracts

__all__ = ["Change", "Impact", "compare_contracts"]
