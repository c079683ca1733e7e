"""BoltAI: stdio only."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("boltai", Shape(url=None))
