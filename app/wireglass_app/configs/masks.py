"""Secrets in an entry's JSON: shown by their ends, and put back when the text is read again."""

from collections.abc import Mapping
from typing import Any

from wireglass.targets.servers import looks_secret

__all__ = ["masked", "unmasked"]

Hidden = dict[tuple[str, str], str]


def masked(entry: Mapping[str, Any]) -> tuple[dict[str, Any], Hidden]:
    """The entry with its secrets masked, and what stands behind each mask, by key and mask."""
    hidden: Hidden = {}
    return _walk(dict(entry), lambda key, text: _mask(key, text, hidden)), hidden


def unmasked(entry: Mapping[str, Any], hidden: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The entry with the masks that were left as they were filled in again."""
    return _walk(dict(entry), lambda key, text: hidden.get((key, text), text))


def _mask(key: str, text: str, hidden: Hidden) -> str:
    if not looks_secret(key, text):
        return text
    mask = "•" * 8 + text[-4:]
    if hidden.setdefault((key, mask), text) != text:  # two of the same end: one stays in sight, none is mixed up
        return text
    return mask


def _walk(value: Any, change: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _walk(one, change, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_walk(one, change, key) for one in value]
    return change(key, value) if isinstance(value, str) else value
