"""Sections to facts: tables, lists, sketches and examples."""
