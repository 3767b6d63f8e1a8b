"""Strategies for any JSON Schema: valid values, edge cases, invalid values."""
