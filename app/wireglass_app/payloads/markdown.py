"""Markdown, drawn without HTML and without loading anything. Links and pictures are text."""

import re
from typing import Any

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QResizeEvent, QTextBlock, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QStackedWidget, QTextBrowser, QWidget

from wireglass_app.controls import Button, column
from wireglass_app.payloads.base import PayloadView
from wireglass_app.payloads.highlight import reveal
from wireglass_app.payloads.text import TextView
from wireglass_app.plain import size, visible
from wireglass_app.theme import theme

__all__ = ["MarkdownView", "looks_like_markdown"]

_DRAWN = 100_000
_SIGNS = re.compile(
    r"^(?:#{1,6} |[-*] \S|\d+\. \S|> |```|\|.+\|)|\*\*\S[^*\n]*\*\*|\[[^\]\n]+\]\([^)\n]+\)", re.MULTILINE
)


def looks_like_markdown(text: str) -> bool:
    """Whether text without a type has headings, lists, emphasis, links, code or tables."""
    return bool(_SIGNS.search(text[:20_000]))


class _Page(QTextBrowser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setStyleSheet("QTextBrowser { border: none; padding: 0; background: transparent; }")
        self.setAccessibleName("Markdown")
        self.document().setDocumentMargin(0)
        self.document().setMarkdown(reveal(text.replace("\r\n", "\n")), QTextDocument.MarkdownFeature.MarkdownNoHTML)
        _links_as_text(self.document())
        self.setTextCursor(QTextCursor(self.document()))  # it went along to the end, and the view would begin there
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing is ever loaded, neither from the network nor from disk."""
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(300, min(theme().px(420), int(self.document().size().height()) + 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, min(self.sizeHint().height(), theme().px(140)))


def _links_as_text(document: QTextDocument) -> None:
    """Takes the anchors and pictures out and writes where they pointed. From the end, so that positions stay true."""
    found: list[tuple[int, int, str, bool]] = []
    block: QTextBlock = document.begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            fragment = at.fragment()
            form = fragment.charFormat()
            if form.isImageFormat():
                found.append((fragment.position(), fragment.length(), form.toImageFormat().name(), True))
            elif form.isAnchor():
                found.append((fragment.position(), fragment.length(), form.anchorHref(), False))
            at += 1
        block = block.next()
    for position, length, target, picture in reversed(found):
        _replace_link(document, position, length, target, picture)


def _replace_link(document: QTextDocument, position: int, length: int, target: str, picture: bool) -> None:
    cursor = QTextCursor(document)
    cursor.setPosition(position)
    cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
    text = "picture, not loaded" if picture else cursor.selectedText()
    plain, quiet = QTextCharFormat(), QTextCharFormat()
    quiet.setForeground(theme().color("text.muted"))
    cursor.insertText(text, plain)
    if target and target != text:
        cursor.insertText(f" <{visible(target, 300)}>", quiet)


class MarkdownView(PayloadView):
    """Markdown drawn, or its source."""

    kind = "text"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.facts = f"markdown · {size(len(text.encode('utf-8', 'surrogatepass')))}"
        self._stack = QStackedWidget()
        self._page: QWidget | None = None
        self._source: QWidget | None = None
        self._toggle = Button("Show source", "link", clicked=self._switch)
        self.setLayout(column(self._stack))
        if len(text) > _DRAWN:
            self._show_source()
        else:
            self._show_page()
        self.grows = len(text) > _DRAWN
        theme().changed.connect(self._redraw)

    def _show_page(self) -> None:
        if self._page is None:
            self._page = _Page(self.text[:_DRAWN])
            self._stack.addWidget(self._page)
        self._stack.setCurrentWidget(self._page)
        self._toggle.setText("Show source")

    def _show_source(self) -> None:
        if self._source is None:
            self._source = TextView(self.text, name="Markdown source")
            self._stack.addWidget(self._source)
        self._stack.setCurrentWidget(self._source)
        self._toggle.setText("Show drawn" if len(self.text) <= _DRAWN else "Show the first part drawn")

    def _switch(self) -> None:
        if self._stack.currentWidget() is self._page:
            self._show_source()
        else:
            self._show_page()

    def _redraw(self) -> None:
        """Inks were put into the document; a new theme needs a new one."""
        shown, old = self._stack.currentWidget() is self._page, self._page
        if old is not None:
            self._stack.removeWidget(old)
            old.deleteLater()
            self._page = None
            if shown:
                self._show_page()

    def actions(self) -> list[QWidget]:
        return [self._toggle]

    def copy_text(self) -> str:
        return self.text
