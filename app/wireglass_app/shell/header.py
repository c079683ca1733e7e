"""The header: menu, history, current server, command field, reload note, Inbox, recording, split."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QWidget

from wireglass_app import motion
from wireglass_app.actions import Actions
from wireglass_app.controls import Badge, Button, Elided, KeyChip, left_to_right, paint_badge, row, surface, tool_button
from wireglass_app.layouts import restyle
from wireglass_app.plain import counted, tip, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.shell.marks import paint_mark, state_words
from wireglass_app.shell.record_button import record_button
from wireglass_app.theme import set_icon, theme
from wireglass_app.workbench import Workbench

__all__ = ["Header"]

HEIGHT = 46
_GAP = 8
_MARGINS, _SPACING = (10, 14), 12
_FIELD, _LEAST_FIELD = 430, 40


class Header(QWidget):
    """One row of 46 pixels. It never scrolls."""

    command = Signal()
    reload_note = Signal()

    def __init__(self, workbench: Workbench, actions: Actions) -> None:
        super().__init__()
        self._workbench = workbench
        self._session: ServerSession | None = None
        surface(self, "window", "bottom")
        self.setFixedHeight(theme().px(HEIGHT))
        self.setAccessibleName("Header")
        self.menu_button = tool_button("menu", "Menu")
        self.menu_button.setMenu(actions.menu(self))
        self.menu_button.setPopupMode(self.menu_button.ToolButtonPopupMode.InstantPopup)
        self.back = tool_button("back", "Back", key="Alt+Left", clicked=lambda: actions.trigger("back"))
        self.forward = tool_button("forward", "Forward", key="Alt+Right", clicked=lambda: actions.trigger("forward"))
        self.server = ServerButton()
        self.server.setMenu(QMenu(self.server))
        self.server.menu().aboutToShow.connect(self._fill_servers)
        self.summary = Elided("", "muted", "mono-small")
        self.field = CommandField()
        self.field.clicked.connect(self.command)
        self.note = ReloadNote(self.reload_note.emit)
        self.inbox = InboxButton()
        self.inbox.clicked.connect(lambda: actions.trigger("oldest-question"))
        self.record = record_button(workbench.recording, actions)
        self.split = tool_button("split", "Split", key="Ctrl+\\", clicked=lambda: actions.trigger("split"))
        self.setLayout(self._lay_out())
        theme().changed.connect(self._theme_changed)
        self._theme_changed()
        self.refresh(workbench.current)

    def _lay_out(self) -> QHBoxLayout:
        left = QWidget()
        # What is left, however little: with a wish of its own it would squeeze the buttons beside it.
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line = row(self.menu_button, self.back, self.forward, 8, self.server, self.summary, gap=6)
        line.setStretchFactor(self.summary, 1)
        left.setLayout(line)
        right = QWidget()
        right.setLayout(row(None, self.note, self.inbox, self.record, self.split, gap=_GAP))
        for side in (left, right):
            side.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout()
        layout.setContentsMargins(_MARGINS[0], 0, _MARGINS[1], 0)
        layout.setSpacing(_SPACING)
        layout.addWidget(left, 1)
        layout.addWidget(self.field, 0)
        layout.addWidget(right, 1)
        return layout

    def refresh(self, session: ServerSession | None = None) -> None:
        """Shows the window's server and the number of questions."""
        self._session = session
        self.server.show_session(session)
        self.server.setVisible(session is not None)
        self.summary.setText(session.target.summary if session else "")
        self.inbox.set_count(len(self._workbench.waiting))
        self.note.show_session(session)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The field in the middle gives room to what stands beside it; the note says as much as there is room for."""
        left = _width(self.menu_button, self.back, self.forward, self.server) + _GAP
        right = _width(self.inbox, self.record, self.split)
        whole = self.width() - sum(_MARGINS) - 2 * _SPACING
        field = max(_LEAST_FIELD, min(_FIELD, whole - 2 * max(left, right)))
        self.field.setFixedWidth(field)
        self.note.fit((whole - field) // 2 - right)

    def _fill_servers(self) -> None:
        menu = self.server.menu()
        menu.clear()
        for session in self._workbench.sessions:
            action = menu.addAction(visible(session.name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(session is self._session)
            action.triggered.connect(lambda _checked=False, s=session: self._workbench.make_current(s))

    def _theme_changed(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))


def _width(*widgets: QWidget) -> int:
    return sum(one.sizeHint().width() + _GAP for one in widgets if not one.isHidden())


class ReloadNote(Button):
    """ "Reloaded 0.4 s · +1 tool": what the last reload changed, in as many words as there is room for."""

    def __init__(self, clicked: Callable[[], object]) -> None:
        super().__init__("", "note", icon="reload", clicked=clicked)
        self.setProperty("type", "caption")
        self._words: tuple[str, ...] = ()
        self.hide()

    def show_session(self, session: ServerSession | None) -> None:
        """Hides itself where nothing was reloaded."""
        changes = session.changes if session is not None else None
        if session is not None and session.state == "failed" and session.catalogue.read:
            self._show_failed(session)
            return
        if session is None or changes is None:
            self._words = ()
            return
        seconds = f" {session.reload_seconds:.1f} s" if session.reload_seconds else ""
        number = len(changes.items)
        breaks = any(one.what == "breaking" for one in changes.items)
        short = counted(number, "change")
        whole = f"Reloaded{seconds} · {changes.summary}"
        self._words = (whole, f"Reloaded{seconds} · {short}", short, "")
        restyle(self, tone="warn" if breaks else "")
        set_icon(self, "warning" if breaks else "reload", "warn.text" if breaks else "ok.text", 14)
        breaking = ", breaking" if breaks else ""
        self.setAccessibleName(f"{whole}{breaking}: show what changed")
        self.setToolTip(tip(f"{whole}{breaking}. A click shows what changed"))

    def _show_failed(self, session: ServerSession) -> None:
        """It did not start again: what it offered before is still shown, and is no longer so."""
        fact = session.failure.fact if session.failure is not None else ""
        whole = " · ".join(part for part in ("Reload failed", fact) if part)
        self._words = (whole, "Reload failed", "")
        restyle(self, tone="bad")
        set_icon(self, "cross-circle", "bad.text", 14)
        self.setAccessibleName(f"{whole}: show what happened")
        self.setToolTip(tip(f"{whole}. A click shows what happened"))

    def fit(self, room: int) -> None:
        """Takes the longest words that fit into so many pixels; the last are none, and leave the icon."""
        for words in self._words:
            self.setText(words)
            if self.sizeHint().width() <= room:
                break
        self.setVisible(bool(self._words))


class ServerButton(QPushButton):
    """The current server: mark, name, and the list of servers behind it."""

    def __init__(self) -> None:
        super().__init__()
        left_to_right(self)
        self.setProperty("kind", "ghost")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._session: ServerSession | None = None
        self._name = ""

    def show_session(self, session: ServerSession | None) -> None:
        self._session = session
        self._name = visible(session.name, 40) if session else ""
        self.setAccessibleName(
            f"Current server: {self._name}, {state_words(session)}" if session else "No server is open"
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        width = QFontMetrics(theme().font("strong")).horizontalAdvance(self._name)
        return QSize(width + 40 + theme().px(14), theme().px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.features &= ~QStyleOptionButton.ButtonFeature.HasMenu
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        if self._session is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_mark(painter, 12, self.height() / 2, self._session)
        painter.setFont(theme().font("strong"))
        painter.setPen(theme().color("text.primary"))
        side = theme().px(14)
        box = self.rect().adjusted(22, 0, -12 - side, 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self._name)
        arrows = theme().pixmap("updown", "text.secondary", side, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 8 - side, (self.height() - side) // 2, arrows)


class CommandField(QPushButton):
    """Looks like a field and opens the palette: "Go to a tool, server, call or command"."""

    _TEXT = "Go to a tool, server, call or command"

    def __init__(self) -> None:
        super().__init__()
        left_to_right(self)
        self.setAccessibleName(self._TEXT)
        self.setAccessibleDescription("Key: Ctrl+K")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._hint = KeyChip("Ctrl+K")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setLayout(row(None, self._hint, margins=(0, 0, 6, 0)))

    def sizeHint(self) -> QSize:
        return QSize(_FIELD, theme().px(28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is hardly any room, the glass alone stands for it."""
        super().resizeEvent(event)
        self._hint.setVisible(event.size().width() > self._hint.sizeHint().width() + theme().px(90))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        side = theme().px(16)
        glass = theme().pixmap("search", "text.secondary", side, self.devicePixelRatioF())
        painter.drawPixmap(11, (self.height() - side) // 2, glass)
        painter.setPen(theme().color("text.muted"))
        painter.setFont(theme().font())
        if self._hint.isHidden():
            return
        room = self.rect().adjusted(18 + side, 0, -self._hint.width() - 12, 0)
        text = painter.fontMetrics().elidedText(self._TEXT, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)


class InboxButton(Button):
    """ "Inbox" with the number of questions that wait."""

    def __init__(self) -> None:
        super().__init__("Inbox", icon="inbox")
        self._count = 0
        self.pulse = motion.Once(motion.PULSE_MS, self)
        """The badge grows and shrinks once when a question comes."""
        self.pulse.moved.connect(self.update)
        self.setToolTip("Questions of your servers (Ctrl+I)")

    def set_count(self, number: int) -> None:
        if number > self._count:
            self.pulse.start()
        self._count = number
        self.setAccessibleName(f"Inbox, {number} waiting" if number else "Inbox, nothing waits")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() + (self._badge()[1] + 8 if self._count else 0), hint.height())

    def _badge(self) -> tuple[str, int]:
        """What stands in it, and how wide it is: a circle for one digit."""
        text = str(self._count) if self._count < 100 else "99+"
        wide = QFontMetrics(theme().font("caption-strong")).horizontalAdvance(text)
        return text, max(theme().px(16), wide + theme().px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._count:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        side, (text, wide) = theme().px(16), self._badge()
        option.rect = option.rect.adjusted(0, 0, -wide - 6, 0)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonLabel, option, painter, self)
        pill = self.rect().adjusted(self.width() - wide - 10, (self.height() - side) // 2, -10, 0)
        pill.setHeight(side)
        grown = round(3 * (1 - abs(2 * self.pulse.at - 1)))
        pill.adjust(-grown, -grown, grown, grown)
        paint_badge(painter, pill, text, Badge.INK["human"])
