"""YAML and JSON files: readers with line and column of every node, and writers."""

from understudy.source.source_file import Limits, Source, read_text
from understudy.source.yaml_or_json import parse_document, read_document
from understudy.source.yaml_reader import read_yaml
from understudy.source.yaml_writer import dump_yaml, write_atomic

__all__ = [
    "Limits",
    "Source",
    "dump_yaml",
    "parse_document",
    "read_document",
    "read_text",
    "read_yaml",
    "write_atomic",
]
