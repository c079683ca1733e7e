"""What every payload view promises, and which view a content block, a resource or a value gets."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

__all__ = ["PayloadView", "Reader", "pick", "pick_resource", "pick_value", "reader_above"]


class Reader:
    """For widgets in which the resources that a content names can be read."""

    def read(self, uri: str) -> None:
        """The user wants to read the resource with this URI."""
        raise NotImplementedError


def reader_above(widget: QWidget) -> Reader | None:
    """The nearest parent that can read; None where nothing can, as in a sampling request."""
    around = widget.parentWidget()
    while around is not None and not isinstance(around, Reader):
        around = around.parentWidget()
    return around


class PayloadView(QWidget):
    """Shows one thing a server sent. Never calls a server, never loads anything, never shows markup.

    `kind` is one word for a chip ("text", "image"), `facts` a few words beside it ("png · 640x420 · 9 KB").
    """

    facts_changed = Signal()
    """`facts` became known: an image was decoded."""
    pointer_selected = Signal(str)
    """The user chose the value at this JSON Pointer."""

    kind = "value"
    grows = True
    """Whether more height shows more of it."""
    copies = True
    """Whether `copy_text` gives something."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = ""

    def actions(self) -> list[QWidget]:
        """Buttons for the head of the card that holds this view."""
        return []

    def go_to(self, pointer: str) -> None:
        """Shows the value at a JSON Pointer, where there are such places."""

    def copy_text(self) -> str:
        """What Copy puts on the clipboard; empty when there is no text."""
        return ""


def pick(block: Any) -> PayloadView:
    """The view for a content block (MCP specification, "Content"). What is not known is shown as JSON."""
    from wireglass_app.payloads.views import view_of_block

    return view_of_block(block)


def pick_resource(contents: Any) -> PayloadView:
    """The view for one entry of a `resources/read` result: `uri`, `mimeType`, and `text` or `blob`."""
    from wireglass_app.payloads.views import view_of_resource

    return view_of_resource(contents)


def pick_value(value: Any) -> PayloadView:
    """The view for any JSON value, for example `structuredContent`."""
    from wireglass_app.payloads.json import JsonView

    return JsonView(value)
