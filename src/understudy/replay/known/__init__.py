"""Known answers: representations, and the short way of calls that repeat."""
