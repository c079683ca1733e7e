"""Crush: values are expanded by a shell when it starts; newer versions prefer a crushrc script to JSON."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("crush", Shape(stdio_type="stdio", http_type="http", sse_type="sse", off=("disabled", True)))
