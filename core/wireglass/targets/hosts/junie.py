"""JetBrains Junie: the Claude form, no type and no switch."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("junie", Shape())
