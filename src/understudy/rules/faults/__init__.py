"""Faults: their kinds, profiles, shorthands, and the faults selected for one call."""
