"""Kilo Code: OpenCode's form; before 2026 the Claude form in the extension's folder."""

from dataclasses import replace

from wireglass.targets.base import Shape, Target
from wireglass.targets.hosts.opencode import SHAPE

__all__ = ["TARGET"]

TARGET = Target("kilo-code", replace(SHAPE, cwd=None), shapes={"before-2026": Shape(off=("disabled", True))})
