"""`fastmcp.utilities.logging`: loggers below `fastmcp`."""

import logging
import sys
from typing import Any

__all__ = ["configure_logging", "get_logger"]


def get_logger(name: str) -> logging.Logger:
    """The logger `fastmcp.NAME`, whatever of the prefix is given."""
    return logging.getLogger(name if name.startswith("fastmcp") else f"fastmcp.{name}")


def configure_logging(
    level: int | str = "INFO",
    logger: logging.Logger | None = None,
    enable_rich_tracebacks: bool | None = None,
    **_: Any,
) -> None:
    """Writes the records of `logger` (default: `fastmcp`) to stderr. Handlers of an earlier call are replaced."""
    logger = logger or logging.getLogger("fastmcp")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(name)s: %(message)s", "%H:%M:%S"))
    for old in list(logger.handlers):
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
