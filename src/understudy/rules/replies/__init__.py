"""Scripted replies: bodies, templates, and their check against the contract."""
