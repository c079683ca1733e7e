"""JetBrains AI Assistant: no file; its settings take pasted JSON in the Claude form."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("jetbrains-ai-assistant", Shape(), ways=("copy",))
