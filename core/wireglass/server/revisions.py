"""What older clients may not be sent: members and blocks that came with a later revision (see the schemas' history)."""

from typing import Any, cast

__all__ = ["fit_content", "fit_listed"]

_SINCE_TOOL = {
    "title": "2025-06-18",
    "outputSchema": "2025-06-18",
    "_meta": "2025-06-18",
    "annotations": "2025-03-26",
    "icons": "2025-11-25",
}
_SINCE_OTHER = {"title": "2025-06-18", "_meta": "2025-06-18", "icons": "2025-11-25"}


def fit_listed(kind: str, items: list[dict[str, Any]], version: str) -> list[dict[str, Any]]:
    """Listed components (`kind` as in "tools") without members that `version` does not know."""
    since = _SINCE_TOOL if kind == "tools" else _SINCE_OTHER
    hidden = [name for name, first in since.items() if version < first]
    if version != "2025-11-25":
        hidden.append("execution")  # tasks left the core again with 2026-07-28
    if version >= "2026-07-28" and kind != "tools":
        return items
    for item in items:
        for name in hidden:
            item.pop(name, None)
    return items


def fit_content(blocks: list[dict[str, Any]], version: str) -> list[dict[str, Any]]:
    """Blocks that `version` knows; others become text."""
    if version >= "2025-06-18":
        return blocks
    return [_older(block, version) for block in blocks]


def _older(block: dict[str, Any], version: str) -> dict[str, Any]:
    kind = block.get("type")
    if kind == "resource_link":
        return {"type": "text", "text": f"{block.get('title') or block.get('name')}: {block.get('uri')}"}
    if kind == "audio" and version < "2025-03-26":
        size = len(cast("str", block.get("data", ""))) * 3 // 4
        return {"type": "text", "text": f"[audio, {block.get('mimeType')}, {size} bytes: this client takes no audio]"}
    return block
