"""Values for any JSON Schema 2020-12: valid ones, edge cases, and values that break one rule."""
