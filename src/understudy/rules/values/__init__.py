"""Small values that rules are made of: ranges, durations, seeded random numbers."""
