"""Markdown to blocks, sections and endpoints, each with its line."""
