"""Values of a derivation: facts with line numbers, doubts, names."""
