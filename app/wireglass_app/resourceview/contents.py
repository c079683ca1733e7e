"""What `resources/read` brought, each of its contents in the view that fits it."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import Label, column, surface
from wireglass_app.layouts import scrolling
from wireglass_app.payloads.base import pick_resource
from wireglass_app.payloads.cards import ContentCard
from wireglass_app.turns import gradually

__all__ = ["contents_view"]

_CONTENTS = 20
"""Contents that are shown; the others are in the frames."""


def contents_view(call: Call) -> QWidget:
    """The contents of a `resources/read` result, one below the other."""
    found = call.result.get("contents") if call.result else None
    contents = found if isinstance(found, list) else []
    if len(contents) == 1 and isinstance(contents[0], Mapping):
        holder = surface(QWidget(), "panel")
        card = ContentCard(pick_resource(contents[0]), _octets(contents[0]))
        surface(card, "panel")  # the pane is its frame
        holder.setLayout(column(card) if card.view.grows else column(card, None))
        return holder
    page = surface(QWidget(), "panel")
    lines = column(gap=10, margins=(14, 12, 14, 12))
    cards = column(gap=10)
    lines.addLayout(cards)
    gradually(page, contents[:_CONTENTS], lambda one: cards.addWidget(ContentCard(pick_resource(one), _octets(one))))
    if not contents:
        lines.addWidget(Label("The resource is empty: the server sent no contents.", "muted"))
    if len(contents) > _CONTENTS:
        lines.addWidget(Label(f"{len(contents) - _CONTENTS} more are in Frames.", "muted", "small"))
    lines.addStretch(1)
    page.setLayout(lines)
    return scrolling(page)


def _octets(contents: Any) -> Callable[[], bytes] | None:
    """What gives the bytes of one entry, for those that have some."""
    text = contents.get("text") if isinstance(contents, Mapping) else None
    if isinstance(text, str):
        return lambda: text.encode("utf-8", "surrogatepass")
    blob = contents.get("blob") if isinstance(contents, Mapping) else None
    return (lambda: _decoded(blob)) if isinstance(blob, str) else None


def _decoded(blob: str) -> bytes:
    try:
        return base64.b64decode(blob, validate=True)
    except (ValueError, binascii.Error):
        return blob.encode()
