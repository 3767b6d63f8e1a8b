"""Corruptions: named, schema-aware wrong answers, and valid answers at the edge."""
