"""Tool results with long texts, as JSON in pieces that are made when they are asked for.

Written as a whole, 10 MB of text cost three allocations of 10 to 20 MB that the system has to hand out page by page,
which takes longer than everything else; in pieces they pass through the processor's cache.
"""

from collections.abc import Iterator
from typing import Any, Final

from wireglass.protocol.framing import dump

__all__ = ["LONG_TEXT", "dump_pieces", "has_long_text"]

LONG_TEXT: Final = 1 << 18
"""Characters from which a text is worth writing in pieces."""
_SLICE: Final = 1 << 15


def has_long_text(message: Any) -> bool:
    """Whether a message is the result of a tool with a text that long. Quick for all others."""
    result = message.get("result") if type(message) is dict else None
    content = result.get("content") if type(result) is dict else None
    if type(content) is not list:
        return False
    for block in content:
        text = block.get("text") if type(block) is dict else None
        if type(text) is str and len(text) >= LONG_TEXT:
            return True
    return False


def dump_pieces(message: Any) -> Iterator[bytes]:
    """As `dump`, in pieces. Raises ValueError at once and never between pieces: a text that JSON might not be able to
    hold (one that is not ASCII) stays whole."""
    mark = "long text"
    while True:
        texts: list[str] = []
        skeleton = dump(_hollow(message, texts, mark))
        parts = skeleton.split(f'"{mark}"'.encode())
        if len(parts) == len(texts) + 1:
            return _filled(parts, texts)
        mark += "'"  # the message itself has this text somewhere


def _hollow(value: Any, texts: list[str], mark: str) -> Any:
    kind = type(value)
    if kind is str and len(value) >= LONG_TEXT and value.isascii():
        texts.append(value)
        return mark
    if kind is dict:
        return {key: _hollow(item, texts, mark) for key, item in value.items()}
    return [_hollow(item, texts, mark) for item in value] if kind is list else value


def _filled(parts: list[bytes], texts: list[str]) -> Iterator[bytes]:
    for part, text in zip(parts, texts, strict=False):
        yield part + b'"'
        for start in range(0, len(text), _SLICE):
            yield dump(text[start : start + _SLICE])[1:-1]
        yield b'"'
    yield parts[-1]
