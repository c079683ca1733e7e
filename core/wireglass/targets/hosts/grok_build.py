"""Grok Build CLI: TOML in Codex' form."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("grok-build", Shape(sse=False))
