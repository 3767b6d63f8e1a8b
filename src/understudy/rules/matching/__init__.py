"""Conditions on a call: what a rule's `when` can ask."""
