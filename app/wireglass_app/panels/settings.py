"""Settings: one page of groups, found by words, where every change acts at once."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass.launch.trust import Agreement
from wireglass_app.controls import Button, Label, SearchField, column, row, surface
from wireglass_app.inbox.endpoints_card import EndpointsCard
from wireglass_app.key_editor import KeyEditor
from wireglass_app.layouts import scrolling
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.plain import counted
from wireglass_app.preferences.files import FilesGroup
from wireglass_app.preferences.index import GROUPS
from wireglass_app.preferences.lines import Card, Group, Line
from wireglass_app.preferences.looks import AppearanceGroup
from wireglass_app.preferences.privacy import PrivacyGroup
from wireglass_app.preferences.running import RunningGroup
from wireglass_app.theme import theme

__all__ = ["SettingsPanel"]

_WIDEST = 980


class SettingsPanel(Panel):
    """Groups below each other; the field at the top hides what does not fit, the names beside it lead to a group."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Settings")
        self.field = SearchField("Search settings", "Ctrl+L")
        self.field.remember_as = ""
        self.field.setMinimumWidth(200)
        self.field.textChanged.connect(self._filter)
        self.field.left.connect(self._into_lines)
        self.key_editor = KeyEditor(desk.settings)
        self.key_editor.said.connect(desk.announce)
        self.appearance = AppearanceGroup(desk.settings, desk.act)
        self.running = RunningGroup(
            desk.settings,
            desk.trust,
            lambda: desk.go("inbox", rules=True),
            lambda text: desk.announce(text),
            self._opened_on,
        )
        self.groups: tuple[Group, ...] = (
            self.appearance,
            self.running,
            Group("models", "Models", Card(Line("models", self._models(), below=True))),
            PrivacyGroup(desk.settings, desk.announce),
            Group("keys", "Keys", Card(self._keys())),
            FilesGroup(desk.settings.path, desk.trust.path),
        )
        self.none_fits = Label("No setting fits. Esc clears the search.", "muted")
        self.none_fits.hide()
        self._area = scrolling(self._page())
        self._aim: QWidget | None = None
        bar = self._area.verticalScrollBar()
        bar.rangeChanged.connect(self._hit)
        bar.valueChanged.connect(self._miss)
        self._hits = False
        self.setLayout(column(self._head(), self._area, gap=0))

    def _head(self) -> QWidget:
        head = surface(QWidget(), "panel", "bottom")
        links = [
            Button(title, "link", name=f"Go to {title}", clicked=lambda k=key: self.show_item(section=k))
            for key, title in GROUPS
        ]
        self.found = Label("", "muted", "small")
        first = row(Label("Settings", type="title"), None, self.found, self.field, gap=8)
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # else large links are squeezed
        head.setLayout(column(first, row(*links, None, gap=8), gap=4, margins=(14, 7, 14, 5)))
        return head

    def _page(self) -> QWidget:
        page = surface(QWidget(), "panel")
        inner = QWidget()
        inner.setMaximumWidth(theme().px(_WIDEST))
        inner.setLayout(column(*self.groups, self.none_fits, None, gap=20))
        outer = row(inner, None, margins=(14, 16, 14, 24))
        outer.setStretch(0, 100)  # up to its widest; what is left stays empty
        page.setLayout(outer)
        self._inner = inner
        theme().changed.connect(self._sized)
        return page

    def _sized(self) -> None:
        self._inner.setMaximumWidth(theme().px(_WIDEST))

    def _opened_on(self, agreement: Agreement) -> str:
        """The open server that this agreement let start: by its file, or by its command line."""
        for session in self.desk.workbench.sessions:
            target = session.target
            same = agreement.target == target.spec or agreement.command == (target.command, *target.args)
            if session.usable and same:
                return session.name
        return ""

    def _models(self) -> QWidget:
        models = EndpointsCard(self.desk.workbench.answers.endpoints)
        models.said.connect(self.desk.announce)
        return models

    def _keys(self) -> Line:
        words = "Choose Change and press the new key. A key that another action has is refused."
        return Line("keys", self.key_editor, note=words, below=True)

    @property
    def lines(self) -> list[Line]:
        """Every setting of the page."""
        return [line for group in self.groups for line in group.lines]

    def _into_lines(self) -> None:
        shown = next((line for line in self.lines if line.isVisible()), None)
        if shown is not None:
            shown.focus()

    def _filter(self, text: str) -> None:
        text = text.strip()
        found = sum(group.filter(text) for group in self.groups)
        self.none_fits.setVisible(found == 0)
        self.found.setText(counted(found, "setting") if text else "")
        self.key_editor.filter("" if text.lower() in "keys shortcuts" else text)
        self._aim = None
        self._area.verticalScrollBar().setValue(0)

    def show_item(self, **facts: Any) -> None:
        """`section` is the key of a group or of a setting: it scrolls there; a setting also gets the focus."""
        self.running.show_values()  # first: its lines are made anew, and one of them may get the focus
        wanted = str(facts.get("section", ""))
        group = next((group for group in self.groups if group.key == wanted), None)
        line = next((line for line in self.lines if line.fact.key == wanted), None)
        target = group or line
        if group is not None or line is not None:
            _ = self.key_editor.lines  # all of them: what stands below has its place then
        if target is not None:
            self.field.clear()
            self._aim = target
            if isinstance(target, Line):
                target.focus()
            QTimer.singleShot(0, self, self._hit)

    def _hit(self) -> None:
        """The target stays at the top while the page still finds its height, until the user scrolls."""
        page = self._area.widget()
        if page is not None and self._aim is not None:
            top = self._aim.mapTo(page, self._aim.rect().topLeft()).y()
            self._hits = True
            self._area.verticalScrollBar().setValue(top - 12)
            self._hits = False

    def _miss(self) -> None:
        if not self._hits:
            self._aim = None

    def focus_filter(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def regions(self) -> list[QWidget]:
        return [self.field, *(group for group in self.groups if group.isVisible())]
