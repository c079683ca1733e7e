"""Windsurf, since June 2026 Devin Desktop: the old editor reads `serverUrl`, the new one `url`."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

_OFF = ("disabled", True)
_DEVIN = Shape(off=_OFF)

TARGET = Target("windsurf", Shape(url="serverUrl", off=_OFF), shapes={"devin": _DEVIN, "project": _DEVIN})
