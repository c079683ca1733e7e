"""Replaces the matches of a pattern in a long text without keeping other threads from running.

One search through 50 MB is one call that holds the interpreter, for seconds where the pattern is a slow one, and a
window in the same process with it. Here the text is looked through in small pieces for the signs that every match
holds, which is quick, and the pattern is tried at these places alone. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from wireglass.breaks import pause

__all__ = ["LONG", "pieces", "places", "swept"]

LONG: Final = 1 << 16
"""Characters from which a text counts as long: a search through fewer is a matter of a few milliseconds."""
_PIECE: Final = 1 << 18
_PLACES: Final = 100
"""Places that are looked at between two pauses."""


def pieces(text: str) -> Iterator[str]:
    """A text in parts that are quick to work on."""
    for start in range(0, len(text), _PIECE):
        pause()
        yield text[start : start + _PIECE]


def places(text: str, signs: Sequence[str], *, fold: bool = False) -> Iterator[int]:
    """Where one of `signs` begins, in order. With `fold` in any case; the signs are in lower case then."""
    longest = max(map(len, signs))
    for start in range(0, len(text), _PIECE):
        pause()
        piece = text[start : start + _PIECE + longest - 1]
        if fold:
            piece = _lowered(piece)
        found = {start + at for sign in signs if sign in piece for at in _all(piece, sign) if at < _PIECE}
        yield from sorted(found)


def swept(text: str, at: Iterable[int], found: Callable[[str, int], tuple[int, str] | None]) -> str:
    """`text` with what `found(text, place)` finds at the places `at`, which come in order, replaced: it tells where
    that ends and what stands for it, or None. A place inside of an earlier find is passed over. The same object when
    nothing is found."""
    parts: list[str] = []
    done = 0
    for number, place in enumerate(at):
        if not number % _PLACES:
            pause()
        one = found(text, place) if place >= done else None
        if one is not None:
            parts += (text[done:place], one[1])
            done = one[0]
    if not parts:
        return text
    parts.append(text[done:])
    return "".join(parts)


def _all(piece: str, sign: str) -> Iterator[int]:
    at = piece.find(sign)
    while at >= 0:
        yield at
        at = piece.find(sign, at + 1)


def _lowered(piece: str) -> str:
    """In lower case, each character at its place: a few letters become two."""
    lowered = piece.lower()
    if len(lowered) == len(piece):
        return lowered
    return "".join(low if len(low := one.lower()) == 1 else one for one in piece)
