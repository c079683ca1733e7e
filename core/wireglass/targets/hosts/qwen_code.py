"""Qwen Code: Gemini CLI's form, without a type for the old transport."""

from wireglass.targets.base import Shape, Target
from wireglass.targets.hosts.gemini_cli import gemini_command

__all__ = ["TARGET"]

TARGET = Target(
    "qwen-code",
    Shape(url="httpUrl", sse_url="url", cwd="cwd"),
    commands=gemini_command("qwen"),
    ways=("file", "command"),
)
