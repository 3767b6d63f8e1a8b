"""Calls a live server, so that its answers can be validated."""
