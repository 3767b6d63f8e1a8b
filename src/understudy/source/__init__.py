"""YAML and JSON files with file, line and column for every node; written back without a change of meaning."""

from understudy.source.yaml_reader import Source, read_text, read_yaml
from understudy.source.yaml_writer import dump_yaml, write_atomic

__all__ = ["Source", "dump_yaml", "read_text", "read_yaml", "write_atomic"]
