"""Amp: one literal key with a dot in it."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("amp", Shape())
