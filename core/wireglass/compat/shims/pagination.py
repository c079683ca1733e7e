"""`fastmcp.utilities.pagination`: cursors and pages for code that lists things of its own."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["CursorState", "paginate_sequence"]

T = TypeVar("T")


@dataclass
class CursorState:
    """Where the next page begins."""

    offset: int

    def encode(self) -> str:
        """The opaque cursor."""
        return base64.urlsafe_b64encode(json.dumps({"o": self.offset}).encode()).decode()

    @classmethod
    def decode(cls, cursor: str) -> "CursorState":
        """What `encode` made. Raises ValueError for anything else."""
        try:
            offset = json.loads(base64.urlsafe_b64decode(cursor.encode()))["o"]
        except (binascii.Error, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"Invalid cursor: {cursor!r}") from error
        if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
            raise ValueError(f"Invalid cursor: {cursor!r}")
        return cls(offset)


def paginate_sequence(items: Sequence[T], cursor: str | None, page_size: int) -> tuple[list[T], str | None]:
    """One page and the cursor of the next, None after the last. Raises ValueError for a cursor that is none of ours."""
    start = 0 if cursor is None else CursorState.decode(cursor).offset
    end = start + page_size
    return list(items[start:end]), CursorState(end).encode() if end < len(items) else None
