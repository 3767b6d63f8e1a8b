"""Reads messages from files: single bodies, HAR files, journals."""
