"""Factory Droid."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("factory-droid", Shape(stdio_type="stdio", http_type="http", sse_type="sse", off=("disabled", True)))
