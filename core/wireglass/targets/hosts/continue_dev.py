"""Continue: a YAML list whose items carry their name."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target(
    "continue",
    Shape(
        stdio_type="stdio",
        http_type="streamable-http",
        sse_type="sse",
        cwd="cwd",
        headers=("requestOptions", "headers"),
    ),
    named="name",
)
