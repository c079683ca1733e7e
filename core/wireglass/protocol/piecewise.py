"""Reads a large JSON text in pieces, so that no single call into the parser is long.

The parser holds the interpreter while it runs: 5 MB in one call would stop every other thread of the process for
some 40 ms, and a window with them. Here no call sees more than a small part of the text. Every value comes from the
same parser as for small texts, so the result is the same.
"""

import json
import re
from typing import Any, Final

from pydantic_core import from_json

from wireglass.breaks import pause

__all__ = ["load"]

_WINDOW: Final = 1 << 16
"""Characters given to the parser at once: about a millisecond."""
_PLAIN_WINDOW: Final = 1 << 20
_CLOSERS: Final = {"[": "]", "{": "}"}
_skip: Final = re.compile(r"[ \t\r\n]*").match
_key: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"[ \t\r\n]*:[ \t\r\n]*', re.DOTALL).match
_number: Final = re.compile(r"[-+.eE0-9]*").match
_string_part: Final = re.compile(
    r'[^"\\]*(?:(?:\\[^u]|\\u(?![dD][89a-bA-B])[0-9a-fA-F]{4}'
    r'|\\u[dD][89a-bA-B][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})[^"\\]*)*'
).match
"""As much of a string as holds no half of an escape or of a pair of them."""
_scan: Final = json.JSONDecoder().raw_decode


def load(text: str) -> Any:
    """The one JSON value that `text` holds.

    Raises ValueError or RecursionError when it does not, or when its structure resists: give the text to the parser
    whole then, which knows the error's name and place.
    """
    value, end = _value(text, _past_space(text, 0))
    if _past_space(text, end) != len(text):
        raise ValueError("more text follows the value")
    return value


def _value(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at `start`, and where it ends."""
    window = text[start : start + _WINDOW]
    end = _end(window, 0)
    if end is not None:
        return _parse(window[:end]), start + end
    opener = text[start : start + 1]
    if opener in _CLOSERS:
        return _container(text, start)
    if opener == '"':
        end = text.index('"', start + 1)
        if text.find("\\", start, end) < 0:
            return _plain_string(text, start + 1, end), end + 1
        return _long_string(text, start + 1)
    raise ValueError("no value begins here")


def _container(text: str, start: int) -> tuple[Any, int]:
    """An array or object that is longer than the window, by runs of members."""
    opener = text[start]
    closer = _CLOSERS[opener]
    found: Any = [] if opener == "[" else {}
    add = found.extend if opener == "[" else found.update
    at = _past_space(text, start + 1)
    guess = True
    while text[at : at + 1] != closer:
        pause()
        window = text[at : at + _WINDOW]
        end = _guess(window, opener) if guess else 0
        try:
            add(_parse(f"{opener}{window[:end]}{closer}"))
        except ValueError:
            guess, end = False, 0
        if not end:
            end = _run(window, named=opener == "{")
            if end:
                add(_parse(f"{opener}{window[:end]}{closer}"))
            else:
                end = _long_member(text, at, found) - at
        at = _past_space(text, at + end)
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)
            if text[at : at + 1] == closer:
                raise ValueError("a member is missing after the comma")
        elif text[at : at + 1] != closer:
            raise ValueError("neither a comma nor the end follows a member")
    return found, at + 1


def _guess(window: str, opener: str) -> int:
    """Where perhaps a member ends, as late as can be; 0 without an idea.

    Most large containers hold like members, so this is mostly right. The parser decides: the members up to there, in
    brackets, are valid JSON only when no bracket is open there, so that it is the end of one.
    """
    if opener == "{" or window[:1] == "{":
        return window.rfind("},") + 1
    return max(window.rfind(","), 0)


def _run(window: str, *, named: bool) -> int:
    """Where the last member ends that lies whole in `window`, which begins with a member; 0 if none does."""
    last = at = 0
    while True:
        if named:
            if (key := _key(window, at)) is None:
                return last
            at = key.end()
        end = _end(window, at)
        if end is None:
            return last
        last = end
        at = _past_space(window, end)
        if window[at : at + 1] != ",":
            return last
        at = _past_space(window, at + 1)


def _long_member(text: str, at: int, found: Any) -> int:
    """Adds the member at `at`, which is longer than the window. Returns its end."""
    if isinstance(found, list):
        value, end = _value(text, at)
        found.append(value)
        return end
    name, end = _value(text, at)  # a name as well may be as long as it likes
    end = _past_space(text, end)
    if not isinstance(name, str) or text[end : end + 1] != ":":
        raise ValueError("a name is missing")
    found[name], end = _value(text, _past_space(text, end + 1))
    return end


def _end(window: str, at: int) -> int | None:
    """Where the value at `at` ends, or None when the window cuts it, or may."""
    try:
        end = _scan(window, at)[1]
    except ValueError:
        return None
    closed = window[end - 1] in '"]}'
    return end if closed or end + len(_number_rest(window, end)) < len(window) else None


def _plain_string(text: str, at: int, end: int) -> str:
    """One without escapes: any cut will do."""
    parts: list[str] = []
    for cut in range(at, end, _PLAIN_WINDOW):
        pause()
        parts.append(_parse(f'"{text[cut : min(cut + _PLAIN_WINDOW, end)]}"'))
    return "".join(parts)


def _long_string(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while text[at : at + 1] != '"':
        pause()
        part = _string_part(text, at, at + _WINDOW)
        if part is None or part.end() == at:
            raise ValueError("the string does not end, or an escape in it is wrong")
        parts.append(_parse(f'"{part[0]}"'))
        at = part.end()
    return "".join(parts), at + 1


def _past_space(text: str, at: int) -> int:
    match = _skip(text, at)
    return at if match is None else match.end()


def _number_rest(window: str, at: int) -> str:
    """The scanner takes `1.5` of a `1.5e` that the window cuts."""
    match = _number(window, at)
    return "" if match is None else match[0]


def _parse(text: str) -> Any:
    return from_json(text, allow_inf_nan=False)
