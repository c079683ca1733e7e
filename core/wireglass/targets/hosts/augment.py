"""Augment."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("augment", Shape(http_type="http", sse_type="sse"))
