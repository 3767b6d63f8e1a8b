"""Parsers of rules, replies, faults and conditions."""
