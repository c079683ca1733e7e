"""Roo Code."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("roo-code", Shape(http_type="streamable-http", sse_type="sse", cwd="cwd", off=("disabled", True)))
