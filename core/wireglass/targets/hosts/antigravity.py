"""Google Antigravity."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("antigravity", Shape(url="serverUrl", off=("disabled", True)))
