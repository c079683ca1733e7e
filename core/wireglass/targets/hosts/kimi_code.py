"""Kimi Code: the transport is called transport."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("kimi-code", Shape(type_key="transport", stdio_type="stdio", http_type="http", sse_type="sse"))
