"""Answers of contracts without a service: which documented response, and what is in it."""
