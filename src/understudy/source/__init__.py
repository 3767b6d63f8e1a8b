"""YAML and JSON files: readers with line and column of every node, and writers."""

from understudy.source.yaml_reader import Source, read_text, read_yaml
from understudy.source.yaml_writer import dump_yaml, write_atomic

__all__ = ["Source", "dump_yaml", "read_text", "read_yaml", "write_atomic"]
