"""GitHub Copilot for JetBrains IDEs."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("copilot-jetbrains", Shape(stdio_type="stdio", http_type="http", sse_type="sse"))
