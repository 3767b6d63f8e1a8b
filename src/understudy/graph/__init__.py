"""Graphs of tasks: laid out in layers, drawn as SVG, as text, and as Mermaid."""

from understudy.graph.layout import Layout, Node, lay_out

__all__ = ["Layout", "Node", "lay_out"]
