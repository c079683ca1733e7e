"""Warp."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("warp", Shape(cwd="working_directory"), ways=("file", "copy"))
