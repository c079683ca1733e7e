"""Witsy: rewrites its settings while it runs, stdio only."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("witsy", Shape(url=None))
