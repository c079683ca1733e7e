"""Content blocks in their cards: a chip, facts, actions, the view. Also links and embedded resources."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QSizePolicy, QWidget

from wireglass_app.controls import Button, Chip, Elided, Label, column, row, surface, tool_button
from wireglass_app.payloads.base import PayloadView, pick, pick_resource, reader_above
from wireglass_app.payloads.hex import HexView
from wireglass_app.plain import count, size, visible
from wireglass_app.theme import theme
from wireglass_app.turns import gradually

__all__ = ["ContentCard", "ContentPane", "EmbeddedView", "LinkView"]

_AT_ONCE = 12
"""Blocks that are shown before one asks for more."""
_ABREAST, _WIDE = 3, 520
"""Blocks that may stand side by side, and from how many design pixels they do."""


class LinkView(PayloadView):
    """A resource that the server names but did not send. Reading it is a request, made by the user."""

    kind = "link"
    grows = False

    def __init__(self, block: dict[str, Any]) -> None:
        super().__init__()
        self.uri = str(block.get("uri", ""))
        length = block.get("size")
        mime = visible(block.get("mimeType") or "", 60)
        self.facts = " · ".join(part for part in (mime, size(length) if isinstance(length, int) else "") if part)
        title = visible(block.get("title") or block.get("name") or self.uri, 120)
        lines: list[Any] = [Label(title, type="medium"), Elided(self.uri, "secondary", "mono", middle=True)]
        if block.get("description"):
            lines.append(Label(visible(block["description"], 600, lines=True), "secondary", wrap=True))
        self.read = Button("Read", icon="file", name=f"Read {title}", clicked=self._ask)
        lines.append(row(self.read, None))
        self.setLayout(column(*lines, gap=4))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read.setVisible(reader_above(self) is not None)

    def _ask(self) -> None:
        reader = reader_above(self)
        if reader is not None:
            reader.read(self.uri)

    def copy_text(self) -> str:
        return self.uri


class EmbeddedView(PayloadView):
    """A resource that came inside a block: its address, then what it holds."""

    kind = "resource"

    def __init__(self, resource: dict[str, Any]) -> None:
        super().__init__()
        self.inner = pick_resource(resource)
        self.copies = self.inner.copies
        self.facts = " · ".join(
            part for part in (visible(resource.get("mimeType") or "", 60), self.inner.facts) if part
        )
        self.grows = self.inner.grows
        self.inner.facts_changed.connect(self._refresh)
        address = Elided(str(resource.get("uri", "")), "secondary", "mono", middle=True)
        self.setLayout(column(address, self.inner, gap=6))

    def _refresh(self) -> None:
        self.facts = self.inner.facts
        self.facts_changed.emit()

    def actions(self) -> list[QWidget]:
        return self.inner.actions()

    def copy_text(self) -> str:
        return self.inner.copy_text()


class ContentCard(QFrame):
    """One block in a frame. `view` is what it shows."""

    def __init__(self, view: PayloadView, octets: Callable[[], bytes] | None = None) -> None:
        """With `octets`, the bytes can be looked at in hexadecimal too."""
        super().__init__()
        self.view = view
        self._octets = octets
        self._hex: HexView | None = None
        surface(self, "card")
        own = view.kind == "json"  # its own head tells the facts, and copies
        self._facts = Elided("" if own else view.facts, "muted", "small")
        head = row(Chip(view.kind, "plain"), self._facts, *view.actions(), gap=6)
        head.setStretch(1, 1)
        self.hex_button = Button("Hex", "link", name=f"Show this {view.kind} in hexadecimal", clicked=self.toggle_hex)
        head.addWidget(self.hex_button)
        if view.copies and not own:
            head.addWidget(tool_button("copy", f"Copy this {view.kind}", clicked=self._copy))
        self._lines = column(head, view, gap=6, margins=(12, 8, 12, 10))
        self.setLayout(self._lines)
        self.hex_button.setHidden(octets is None or isinstance(view, HexView))
        view.facts_changed.connect(lambda: self._facts.setText("" if own else view.facts))
        policy = QSizePolicy.Policy.Expanding if view.grows else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Expanding, policy)
        if view.grows:
            self.setMinimumHeight(theme().px(200))
        self.setAccessibleName(f"{view.kind} {view.facts}")

    def toggle_hex(self) -> None:
        """The bytes in place of the view, or back."""
        if self._hex is None and self._octets is not None:
            self._hex = HexView(self._octets())
            self._hex.hide()
            self._lines.addWidget(self._hex, 1)
        if self._hex is not None:
            shown = self._hex.isHidden()
            self._hex.setVisible(shown)
            self.view.setVisible(not shown)
            self.hex_button.setText("As it is meant" if shown else "Hex")
            tall = shown or self.view.grows
            self.setMinimumHeight(theme().px(200) if tall else 0)
            policy = QSizePolicy.Policy.Expanding if tall else QSizePolicy.Policy.Maximum
            self.setSizePolicy(QSizePolicy.Policy.Expanding, policy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.view.copy_text())


class ContentPane(QScrollArea):
    """All blocks of a result below each other; the first dozen at once, more on request."""

    def __init__(self, *, beside: bool = False) -> None:
        """`beside`: a few blocks stand side by side where there is room."""
        super().__init__()
        self._beside = beside
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Content blocks")
        self._blocks: Sequence[Any] = ()
        self.cards: list[ContentCard] = []
        self.set_blocks(())

    def sizeHint(self) -> QSize:
        return QSize(400, 300)

    def set_blocks(self, blocks: Sequence[Any]) -> None:
        """Shows `content` of a result. The first few blocks at once, the others in the turns that follow."""
        self._blocks = blocks
        self.cards = []
        self._page = page = QWidget()
        self._lines = column(gap=10, margins=(14, 6 if self._beside else 12, 14, 12))
        page.setLayout(surface(page, "panel") and self._lines)
        self._more = Button("", "link", clicked=self._add_some)
        self._lines.addWidget(self._more)
        if not self._beside:
            self._lines.addStretch(1)
        if not blocks:
            self._lines.insertWidget(0, Label("The result has no content blocks.", "muted"))
        self.setWidget(page)
        self._add_some()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Below each other, as high as they are; or side by side and all as high as the pane, pictures narrower."""
        if not self._beside:
            return
        wide = 1 < len(self.cards) <= _ABREAST and self.viewport().width() >= theme().px(_WIDE)
        ways = QBoxLayout.Direction
        self._lines.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        for card in self.cards:
            card.setMinimumHeight(theme().px(110 if wide else 200) if card.view.grows else 0)
            if wide:
                card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
                self._lines.setStretchFactor(card, 2 if card.view.kind == "image" else 3)
            else:
                policy = QSizePolicy.Policy.Expanding if card.view.grows else QSizePolicy.Policy.Maximum
                card.setSizePolicy(QSizePolicy.Policy.Expanding, policy)
                self._lines.setStretchFactor(card, 1 if card.view.grows else 0)

    def _add_some(self) -> None:
        start = len(self.cards)
        self._more.hide()
        gradually(self._page, self._blocks[start : start + _AT_ONCE], self._add, done=self._added)

    def _add(self, block: Any) -> None:
        card = ContentCard(pick(block))
        self._lines.insertWidget(len(self.cards), card, 1 if card.view.grows else 0)
        self.cards.append(card)

    def _added(self) -> None:
        if self.cards and self.cards[-1].view.grows:
            self._lines.setStretch(self._lines.count() - 1, 0)  # what grows has all the room
        self._arrange()
        left = len(self._blocks) - len(self.cards)
        self._more.setText(f"Show {count(min(left, _AT_ONCE))} of {count(left)} more blocks")
        self._more.setVisible(left > 0)
