"""Amazon Q Developer."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("amazon-q", Shape(http_type="http", sse=False, off=("disabled", True)))
