"""The filter of the frame table: completion while typing, faults told at their place, the last good filter kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QToolButton, QWidget

from wireglass.recording.filter import KEYS, compile_filter, suggest
from wireglass.recording.filter_grammar import FilterError, tokens
from wireglass.recording.ledger import Ledger
from wireglass_app.completing import close_with_window
from wireglass_app.controls import Label, column, restyle
from wireglass_app.frameview.colouring import colour
from wireglass_app.frameview.filter_fault import FilterFault
from wireglass_app.plain import tip
from wireglass_app.theme import set_icon, theme

__all__ = ["FilterField", "Language"]

_WAIT_MS = 180


@dataclass(frozen=True, slots=True)
class Language:
    """What can be written in the field."""

    keys: Mapping[str, str]
    compile: Callable[[str], object]
    """Raises FilterError."""
    suggest: Callable[[str, int], list[str]]
    """Offers for a text and a place of the cursor."""
    example: str
    name: str


def frames_language(ledger: Ledger) -> Language:
    """The language of the frame table."""
    return Language(
        KEYS,
        lambda text: compile_filter(text, ledger),
        lambda text, cursor: suggest(text, cursor, ledger),
        "method:tools/* or verdict:fail",
        "Filter frames",
    )


class FilterField(QWidget):
    """`changed` carries a filter that can be used. Esc closes the offers, then clears, then leaves."""

    changed = Signal(str)
    left = Signal()
    remember_as = "filter"

    def __init__(self, what: Ledger | Language) -> None:
        super().__init__()
        self._language = language = what if isinstance(what, Language) else frames_language(what)
        self.problem: FilterError | None = None
        """Why the text is no filter, if so."""
        self.line = _Line(self._escape)
        self.line.setPlaceholderText(language.example)
        self.line.setAccessibleName(language.name)
        self.line.setProperty("type", "mono")
        self.line.setFont(theme().font("mono"))  # the sheet gives family and size, this that ">=" stays two signs
        set_icon(self.line.addAction(theme().icon("filter"), QLineEdit.ActionPosition.LeadingPosition), "filter")
        for button in self.line.findChildren(QToolButton):
            button.setAccessibleName("Filter")
        self.line.setToolTip(tip("\n".join(f"{key}: {words}" for key, words in language.keys.items())))
        self.count = Label("", "muted", "caption")
        self.count.setParent(self.line)
        self.fault = FilterFault(self)
        self.setLayout(column(self.line))
        self.setFocusProxy(self.line)
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self.line)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.activated[str].connect(self._insert)  # type: ignore[index]  # overloaded signal
        close_with_window(self._completer)
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._apply)
        self.line.textEdited.connect(self._edited)
        self.line.textChanged.connect(lambda _text: colour(self.line, None, self._language.keys))
        theme().changed.connect(self._recolour)

    def kept(self) -> str:
        """What is remembered: the filter as it stands."""
        return self.line.text()

    def restore(self, kept: object) -> None:
        """Takes up a remembered one."""
        if isinstance(kept, str):
            self.set_text(kept)

    @property
    def kept_changed(self) -> SignalInstance:
        """The signal after which `kept` is another."""
        return self.changed

    def set_text(self, text: str) -> None:
        """Takes a filter as if it had been typed, at once."""
        self.line.setText(text)
        self._apply()

    def show_count(self, text: str) -> None:
        """ "38 of 212" at the right end of the field."""
        self.count.setText(text)
        self._place_count()

    def resizeEvent(self, event: object) -> None:
        self._place_count()

    def _place_count(self) -> None:
        self.count.adjustSize()
        mirrored = self.line.isRightToLeft()  # then the icon is at the right end
        at = 10 if mirrored else self.line.width() - self.count.width() - 10
        self.count.move(at, (self.line.height() - self.count.height()) // 2)
        room = self.count.width() + 8
        self.line.setTextMargins(room if mirrored else 0, 0, 0 if mirrored else room, 0)

    def _edited(self, text: str) -> None:
        self._timer.start()
        offers = self._language.suggest(text, self.line.cursorPosition()) if text.strip() else []
        typed = self._piece()[2]
        offers = [offer for offer in offers if offer != typed]
        if not offers or not typed:
            self._hide_offers()
            return
        self._words.setStringList(offers)
        theme().dress(self._completer.popup())
        self._completer.complete()

    def _hide_offers(self) -> bool:
        """Whether any were shown."""
        popup = self._completer.popup()
        shown = popup is not None and popup.isVisible()
        if popup is not None:
            popup.hide()
        return shown

    def _piece(self) -> tuple[int, int, str]:
        cursor, text = self.line.cursorPosition(), self.line.text()
        for piece in tokens(text):
            if piece.start < cursor <= piece.end:
                return piece.start, piece.end, text[piece.start : piece.end]
        return cursor, cursor, ""

    def _insert(self, offer: str) -> None:
        start, end, _ = self._piece()
        text = self.line.text()
        self.line.setText(text[:start] + offer + text[end:])
        self.line.setCursorPosition(start + len(offer))
        self._timer.start()

    def _apply(self) -> None:
        self._timer.stop()
        text = self.line.text()
        try:
            self._language.compile(text)
        except FilterError as fault:
            self.problem = fault
            colour(self.line, fault, self._language.keys)
            quoted = text[fault.start : fault.end]
            self.fault.tell(f"At {fault.start + 1}, “{quoted}”: {fault.message} The last good filter stays.")
            self.line.setAccessibleDescription(self.fault.text())
            restyle(self.line, state="error")
            return
        self.problem = None
        colour(self.line, None, self._language.keys)
        self.fault.hide()
        self.line.setAccessibleDescription("")
        restyle(self.line, state="")
        self.changed.emit(text)

    def _recolour(self) -> None:
        colour(self.line, self.problem, self._language.keys)

    def _escape(self) -> None:
        if self._hide_offers():
            return
        if self.line.text():
            self.set_text("")
        else:
            self.left.emit()


class _Line(QLineEdit):
    def __init__(self, escape: Callable[[], None]) -> None:
        super().__init__()
        self._escape = escape

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
        else:
            super().keyPressEvent(event)
