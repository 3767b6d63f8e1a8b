"""Small values that rules are made of: ranges, patterns, paths, seeded random numbers."""
