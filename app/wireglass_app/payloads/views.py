"""The list of views: which content type and which mime type each one shows. A new view is a file and a line here."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from wireglass_app.payloads.audio import AudioView
from wireglass_app.payloads.base import PayloadView
from wireglass_app.payloads.cards import EmbeddedView, LinkView
from wireglass_app.payloads.csv_table import CsvView
from wireglass_app.payloads.hex import HexView
from wireglass_app.payloads.image import ImageView
from wireglass_app.payloads.json import JsonView
from wireglass_app.payloads.markdown import MarkdownView, looks_like_markdown
from wireglass_app.payloads.text import TextView, as_json
from wireglass_app.payloads.toolturns import ToolResultView, ToolUseView
from wireglass_app.plain import visible

__all__ = ["view_of_block", "view_of_resource", "view_of_text"]

_LANGUAGES = {
    "text/html": "html",
    "text/xml": "xml",
    "application/xml": "xml",
    "image/svg+xml": "xml",
    "text/css": "css",
    "text/javascript": "javascript",
    "application/javascript": "javascript",
    "text/x-python": "python",
    "application/x-python": "python",
    "application/yaml": "yaml",
    "text/yaml": "yaml",
    "application/toml": "toml",
    "application/sql": "sql",
}


def view_of_text(text: str, mime_type: str = "") -> PayloadView:
    """The view for text of a mime type, which may be unknown."""
    mime = mime_type.split(";", 1)[0].strip().lower()
    if mime == "application/json" or mime.endswith("+json"):
        value = as_json(text)
        return JsonView(value) if value is not None else TextView(text, "json")
    if mime == "text/markdown" or (not mime and looks_like_markdown(text)):
        return MarkdownView(text)
    if mime in ("text/csv", "text/tab-separated-values") and text.strip():
        return CsvView(text, tabs=mime != "text/csv")
    return TextView(text, _LANGUAGES.get(mime, "text"))


def view_of_resource(contents: Any) -> PayloadView:
    """The view for resource contents; what is malformed is shown as JSON."""
    if not isinstance(contents, dict):
        return _odd(contents, "Resource contents must be an object.")
    mime = contents.get("mimeType")
    mime = mime if isinstance(mime, str) else ""
    if isinstance(contents.get("text"), str):
        return view_of_text(contents["text"], mime)
    blob = contents.get("blob")
    if not isinstance(blob, str):
        return _odd(contents, "Neither text nor blob is there.")
    if mime.startswith("image/"):
        return ImageView(blob, mime)
    if mime.startswith("audio/"):
        return AudioView(blob, mime)
    try:
        data = base64.b64decode(blob, validate=True)
    except binascii.Error as error:
        return _odd(contents, f"The blob is not base64: {error}.")
    return HexView(data, mime, visible(contents.get("uri") or "", 80))


def _text(block: dict[str, Any]) -> PayloadView:
    return view_of_text(block["text"])


def _image(block: dict[str, Any]) -> PayloadView:
    return ImageView(block["data"], str(block.get("mimeType") or ""))


def _audio(block: dict[str, Any]) -> PayloadView:
    return AudioView(block["data"], str(block.get("mimeType") or ""))


def _embedded(block: dict[str, Any]) -> PayloadView:
    return EmbeddedView(block["resource"])


_BLOCKS: dict[str, tuple[str, type, Callable[[dict[str, Any]], PayloadView]]] = {
    # by type: the member that it must have, of which type, its view
    "text": ("text", str, _text),
    "image": ("data", str, _image),
    "audio": ("data", str, _audio),
    "resource_link": ("uri", str, LinkView),
    "resource": ("resource", dict, _embedded),
    "tool_use": ("name", str, ToolUseView),
    "tool_result": ("toolUseId", str, ToolResultView),
}


def view_of_block(block: Any) -> PayloadView:
    """The view for a content block."""
    kind = block.get("type") if isinstance(block, dict) else None
    known = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if known is None:
        return _odd(block, f"There is no content type {visible(str(kind), 40)!r} in the specification.")
    member, wanted, make = known
    if not isinstance(block.get(member), wanted):
        return _odd(block, f'A block of type "{kind}" needs "{member}", which is missing or of another type.')
    return make(block)


def _odd(value: Any, why: str) -> PayloadView:
    view = JsonView(value)
    view.kind = "not understood"
    view.facts = why
    return view
