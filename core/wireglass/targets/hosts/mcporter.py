"""MCPorter."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("mcporter", Shape(url="baseUrl"))
