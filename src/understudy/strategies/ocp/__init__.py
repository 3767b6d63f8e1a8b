"""Strategies for OCP: tasks that the engine played, pages, envelopes, worlds."""
