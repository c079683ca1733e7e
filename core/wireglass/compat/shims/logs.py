"""`fastmcp.utilities.logging`: loggers below `fastmcp`, written plainly or, where `rich` is installed, in colour."""

import importlib.util
import logging
import sys
from typing import Any

from wireglass.compat.shims.settings import settings

__all__ = ["configure_logging", "get_logger"]

_QUIET = ("fastmcp", "mcp", "pydantic", "wireglass")
"""Packages whose frames a traceback leaves out."""


def get_logger(name: str) -> logging.Logger:
    """The logger `fastmcp.NAME`, whatever of the prefix is given."""
    return logging.getLogger(name if name.startswith("fastmcp") else f"fastmcp.{name}")


def configure_logging(
    level: int | str = "INFO",
    logger: logging.Logger | None = None,
    enable_rich_tracebacks: bool | None = None,
    **rich_options: Any,
) -> None:
    """Writes the records of `logger` (default: `fastmcp`) to stderr. Handlers of an earlier call are replaced.

    `rich_options` go to `rich.logging.RichHandler`, if `rich` is installed and the setting `enable_rich_logging` is on.
    """
    logger = logger or logging.getLogger("fastmcp")
    for old in list(logger.handlers):
        logger.removeHandler(old)
    if settings.enable_rich_logging and importlib.util.find_spec("rich") is not None:
        tracebacks = settings.enable_rich_tracebacks if enable_rich_tracebacks is None else enable_rich_tracebacks
        handlers = _rich_handlers(tracebacks, rich_options)
    else:
        handlers = [_plain_handler()]
    for handler in handlers:
        logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False


def _plain_handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(name)s: %(message)s", "%H:%M:%S"))
    return handler


def _rich_handlers(tracebacks: bool, options: dict[str, Any]) -> list[logging.Handler]:
    """One handler for lines and one for exceptions, which have room of their own."""
    from rich.console import Console
    from rich.logging import RichHandler

    def make(more: dict[str, Any]) -> logging.Handler:
        chosen: dict[str, Any] = {"console": Console(stderr=True), **more, **options}
        handler = RichHandler(**chosen)
        handler.setFormatter(logging.Formatter("%(message)s"))
        return handler

    lines = make({})
    lines.addFilter(lambda record: record.exc_info is None)
    suppressed = [spec.submodule_search_locations[0] for name in _QUIET if (spec := _package(name)) is not None]
    failures = make({"rich_tracebacks": tracebacks, "tracebacks_suppress": suppressed, "tracebacks_max_frames": 3})
    failures.addFilter(lambda record: record.exc_info is not None)
    return [lines, failures]


def _package(name: str) -> Any:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return spec if spec is not None and spec.submodule_search_locations else None
