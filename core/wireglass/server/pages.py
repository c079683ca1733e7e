"""Pages of long lists: an opaque cursor that says where the next one begins."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from wireglass.errors import INVALID_PARAMS, McpError

__all__ = ["page"]


def page(items: Sequence[Any], cursor: str | None, size: int | None) -> tuple[Sequence[Any], str | None]:
    """One page and the cursor of the next. Raises McpError -32602 for a cursor that we did not make."""
    if size is None:
        if cursor is not None:
            raise McpError(INVALID_PARAMS, f"Invalid cursor: {cursor!r}")
        return items, None
    start = 0 if cursor is None else _decode(cursor)
    if start > len(items):
        raise McpError(INVALID_PARAMS, f"Invalid cursor: {cursor!r}")
    end = start + size
    return items[start:end], _encode(end) if end < len(items) else None


def _encode(offset: int) -> str:
    return base64.urlsafe_b64encode(f"o:{offset}".encode()).decode("ascii")


def _decode(cursor: str) -> int:
    try:
        kind, _, offset = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        if kind == "o" and int(offset) >= 0:
            return int(offset)
    except (binascii.Error, ValueError, UnicodeDecodeError):
        pass
    raise McpError(INVALID_PARAMS, f"Invalid cursor: {cursor!r}")
