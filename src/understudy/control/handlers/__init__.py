"""Handlers of the control API, one module for each part of the table."""
