"""The parts of a journal, and the bound of all journals together."""
