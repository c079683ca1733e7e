"""Text for people: strangers' text made safe to show, and numbers in one style. Pure; knows no widget.

Server strings are never markup. Characters that change how a line reads without being seen (controls, bidirectional
overrides, zero-width and tag characters) become visible marks, and length is capped before anything is laid out.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

__all__ = [
    "DESCRIPTION_LIMIT",
    "NAME_LIMIT",
    "column_size",
    "count",
    "counted",
    "duration",
    "hidden_count",
    "hidden_places",
    "item_words",
    "lifetime_text",
    "short_duration",
    "size",
    "span_words",
    "tip",
    "visible",
]

NAME_LIMIT = 200
DESCRIPTION_LIMIT = 4000
THIN = "\u2009"

_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""As `html.escape`, whose package holds two tables of 2,000 names."""
_HARMLESS = {"\u200d", "\ufe0f", "\ufe0e"}
"""Parts of ordinary emoji, when they follow a symbol."""


def visible(text: object, limit: int = NAME_LIMIT, *, lines: bool = False) -> str:
    """`text` with hidden characters written as `[U+202E]`, at most `limit` characters, on one line unless `lines`."""
    raw = text if isinstance(text, str) else str(text)
    cut = raw[:limit]
    if _HIDDEN.search(cut):
        cut = _HIDDEN.sub(lambda found: _mark(found, raw), cut)
    cut = cut.replace("\t", "    ") if lines else " ".join(cut.split())
    return cut + "…" if len(raw) > limit else cut


def hidden_count(text: str) -> int:
    """How many characters of `text` would not be seen, or would change the order of others."""
    return sum(1 for _ in hidden_places(text))


def hidden_places(text: str) -> Iterator[int]:
    """Where they stand."""
    for found in _HIDDEN.finditer(text):
        if found.group() != "\r" and not _in_emoji(found, text):
            yield found.start()


@lru_cache(maxsize=20_000)
def item_words(name: str, text: str) -> tuple[str, str, int]:
    """What a list shows of an item: its name, the first line of its description, and how many characters hide in both.

    Remembered: lists are made again at each change, and a server may have thousands of items. Any thread may ask.
    """
    line = next((line.strip() for line in text[:2000].splitlines() if line.strip()), "")
    return visible(name), visible(line, 300), sum(hidden_count(one[:DESCRIPTION_LIMIT]) for one in (name, text))


def tip(text: str) -> str:
    """`text` for `setToolTip`, which would otherwise guess markup."""
    return f"<span>{text.translate(_ESCAPED)}</span>".replace("\n", "<br>") if text else ""


def duration(milliseconds: float) -> str:
    """ "6.2 ms", "412 ms", "9 900 ms", "12.4 s"."""
    if milliseconds < 100:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 10_000:
        return f"{count(round(milliseconds))} ms"
    return f"{count(round(milliseconds / 1000))} s" if milliseconds >= 100_000 else f"{milliseconds / 1000:.1f} s"


def short_duration(milliseconds: float) -> str:
    """For narrow columns: "6 ms", "388 ms", "1.5 s"."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def span_words(seconds: float) -> str:
    """ "38 s", "5 min 12 s", "2 h 4 min", "3 d 2 h"."""
    whole = max(0, int(seconds))
    for size, word, below, lower in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {word}" + (f" {rest} {lower}" if rest else "")
    return f"{whole} s"


def lifetime_text(ttl_ms: float, scope: str) -> str:
    """ "ttl 30 s · private": how long something may be kept, and by whom (`ttlMs`, `cacheScope`; 2026-07-28). Empty for
    what nobody may keep: that is how a server answers that says nothing of it."""
    if ttl_ms <= 0:
        return ""
    return f"ttl {ttl_ms / 1000:g} s" + (f" · {visible(scope, 20)}" if scope else "")


def size(octets: int) -> str:
    """ "236 bytes", "3.1 KB", "41.2 MB"."""
    if octets < 1000:
        return counted(octets, "byte")
    amount, unit = octets / 1000, "KB"
    for bigger in ("MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, bigger
    return f"{amount:.1f} {unit}"


def column_size(octets: int) -> str:
    """In one unit, so that sizes can be compared down a column: "0.4 KB", "3.1 KB", "41.2 MB"."""
    return size(octets) if octets >= 1000 else f"{max(0.1, octets / 1000):.1f} KB"


def count(number: int) -> str:
    """Thousands set apart by a thin space."""
    return f"{number:,}".replace(",", THIN)


def counted(number: int, one: str, several: str = "") -> str:
    """A number of things: "1 file", "2 files"; `several` where an "s" does not do."""
    return f"{count(number)} {one if number == 1 else several or one + 's'}"


def _in_emoji(found: re.Match[str], text: str) -> bool:
    before = text[found.start() - 1] if found.start() else ""
    return found.group() in _HARMLESS and bool(before) and unicodedata.category(before) in ("So", "Sk", "Mn", "Cf")


def _mark(found: re.Match[str], text: str) -> str:
    if found.group() == "\r" or _in_emoji(found, text):
        return "" if found.group() == "\r" else found.group()
    return f"[U+{ord(found.group()):04X}]"
