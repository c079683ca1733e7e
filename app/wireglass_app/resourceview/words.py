"""How fresh a reading is and what updates were heard of, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from wireglass_app.moments import clock
from wireglass_app.plain import counted, lifetime_text

__all__ = ["age_words", "freshness", "lifetime_chip", "update_words"]


def age_words(seconds: float) -> str:
    """ "38 s ago", "5 min ago"; "just now" below two seconds."""
    if seconds < 2:
        return "just now"
    if seconds < 60:
        return f"{int(seconds)} s ago"
    if seconds < 7200:
        return f"{int(seconds // 60)} min ago"
    return f"{int(seconds // 3600)} h ago"


def _ttl(result: Mapping[str, Any] | None) -> float | None:
    ttl = result.get("ttlMs") if result else None
    return float(ttl) if isinstance(ttl, int | float) and not isinstance(ttl, bool) else None


def lifetime_chip(result: Mapping[str, Any] | None) -> str:
    """ "ttl 30 s · private" (`ttlMs`, `cacheScope`; 2026-07-28), or nothing."""
    ttl = _ttl(result)
    if result is None or ttl is None:
        return ""
    scope = result.get("cacheScope")
    return lifetime_text(ttl, scope if isinstance(scope, str) else "")


def freshness(at: float, result: Mapping[str, Any] | None, now: float, heard: Sequence[float] = ()) -> str:
    """When it was read, how long ago, and whether it is still good: by its ttl, and by updates since."""
    ttl = _ttl(result)
    parts = [f"read {clock(at)}", age_words(now - at)]
    if heard and heard[-1] > at:
        parts.append("stale: the server told of an update since")
    elif ttl is not None and now - at > ttl / 1000:
        parts.append("stale" if ttl > 0 else "the server says to read it each time")
    elif ttl is not None:
        parts.append(f"fresh until {clock(at + ttl / 1000)}")
    return ", ".join(parts)


def update_words(heard: Sequence[float]) -> str:
    """ "3 updates", "no update so far"."""
    if not heard:
        return "no update so far"
    return counted(len(heard), "update")
