"""Settings: appearance, trust, keys, what this is. One page; changes act at once."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QFrame, QScrollArea, QWidget

from wireglass.launch.trust import Agreement, TrustStore
from wireglass_app.controls import Button, Elided, Label, SearchField, Segments, column, row, surface
from wireglass_app.inbox.endpoints_card import EndpointsCard
from wireglass_app.inbox.words import NOTIFY_SETTING
from wireglass_app.key_editor import KeyEditor
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["SPEC", "SettingsPanel"]

_THEMES = (("system", "System"), ("light", "Light"), ("dark", "Dark"), ("contrast", "High contrast"))


class SettingsPanel(Panel):
    """Cards below each other; the field at the top hides what does not fit."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Settings")
        self.trust = TrustStore()
        self.field = SearchField("Search settings", "Ctrl+L")
        self.field.setMinimumWidth(theme().px(240))
        self.field.textChanged.connect(self._filter)
        self.theme_choice = Segments(_THEMES, "Theme")
        self.theme_choice.set_current(theme().choice)
        self.theme_choice.chosen.connect(lambda key: desk.act(f"theme-{key}"))
        self.zoom = Label("", type="mono")
        self.trusted = column(gap=6)
        self.cards = {
            "appearance": self._appearance(),
            "models": self._models(),
            "inbox": self._inbox(),
            "trust": self._trust(),
            "keys": self._keys(),
            "about": self._about(),
        }
        page = surface(QWidget(), "panel")
        page.setLayout(
            column(
                row(Label("Settings", type="welcome"), None, self.field),
                *self.cards.values(),
                None,
                gap=16,
                margins=(28, 22, 28, 22),
            )
        )
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(page)
        self.setLayout(column(self._area))
        theme().changed.connect(self._look_changed)
        self._look_changed()

    def _appearance(self) -> QWidget:
        smaller = Button("Smaller", key="Ctrl+-", clicked=lambda: self.desk.act("zoom-out"))
        larger = Button("Larger", key="Ctrl++", clicked=lambda: self.desk.act("zoom-in"))
        normal = Button("Normal size", key="Ctrl+0", clicked=lambda: self.desk.act("zoom-reset"))
        return _card(
            "Appearance",
            [
                row(_left("Theme"), self.theme_choice, None),
                row(_left("Size of text and rows"), smaller, self.zoom, larger, normal, None),
            ],
        )

    def _models(self) -> QWidget:
        models = EndpointsCard(self.desk.workbench.answers.endpoints)
        models.said.connect(self.desk.announce)
        return _card("Models", [models])

    def _inbox(self) -> QWidget:
        notify = QCheckBox("Tell me through the system when a server asks and the window is not in front")
        notify.setChecked(self.desk.settings.get(NOTIFY_SETTING, False))
        notify.toggled.connect(lambda on: self.desk.settings.set(NOTIFY_SETTING, on))
        rules = Button("Rules…", clicked=lambda: self.desk.go("inbox", rules=True))
        words = Label("Rules answer in your place; no rule ever agrees to visit a page.", "secondary", wrap=True)
        line = row(words, rules)
        line.setStretch(0, 1)
        return _card("Inbox", [notify, line])

    def _trust(self) -> QWidget:
        words = "Code runs only after you agreed for its folder. A changed command, interpreter or variable asks again."
        card = _card("Trusted folders", [row(Label(words, "secondary", wrap=True)), self.trusted])
        self._fill_trust()
        return card

    def _fill_trust(self) -> None:
        while self.trusted.count():
            item = self.trusted.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.deleteLater()
        agreements = self.trust.agreements()
        for agreement in agreements:
            self.trusted.addWidget(self._agreement(agreement))
        if not agreements:
            self.trusted.addWidget(Label("No folder is trusted.", "muted"))

    def _agreement(self, agreement: Agreement) -> QWidget:
        line = QWidget()
        forget = Button("Forget", name=f"Forget the trust in {visible(agreement.folder)}")
        forget.clicked.connect(lambda: self._forget(agreement))
        target = Elided(agreement.target, type="mono", middle=True)
        command = Elided(" ".join(agreement.command), "muted", "mono-small", middle=True)
        words = column(target, command, gap=0)
        layout = row(words, Label(agreement.at[:10], "muted", "small"), forget)
        layout.setStretch(0, 1)
        line.setLayout(layout)
        return line

    def _forget(self, agreement: Agreement) -> None:
        try:
            self.trust.revoke(agreement.folder, agreement.target)
        except OSError as problem:
            self.desk.announce(f"The trust list could not be written: {problem}")
        self._fill_trust()

    def _keys(self) -> QWidget:
        words = "Choose Change and press the new key. A key that another action has is refused."
        self.key_editor = KeyEditor(self.desk.settings)
        self.key_editor.said.connect(self.desk.announce)
        return _card("Keys", [row(Label(words, "secondary", wrap=True)), self.key_editor])

    def _about(self) -> QWidget:
        from wireglass import __version__

        words = (
            f"Wireglass {__version__}. No account, no telemetry. Fonts: Inter and JetBrains Mono, under the "
            "SIL Open Font License; their licences are beside them in the fonts folder."
        )
        path = Elided(str(self.desk.settings.path), "muted", "mono-small", middle=True)
        return _card(
            "About", [row(Label(words, "secondary", wrap=True)), row(Label("Settings file", "secondary"), path)]
        )

    def _look_changed(self) -> None:
        self.theme_choice.set_current(theme().choice)
        self.zoom.setText(f"{theme().scale:.0%}".replace("%", " %"))

    def _filter(self, text: str) -> None:
        for card in self.cards.values():
            texts = [label.text() for label in card.findChildren(Label)]
            card.setVisible(not text or any(text.lower() in one.lower() for one in texts))
        in_title = bool(text) and text.lower() in "keys"
        self.key_editor.filter("" if in_title else text)

    def show_item(self, **facts: Any) -> None:
        card = self.cards.get(str(facts.get("section", "")))
        if card is not None:
            self.field.clear()
            QTimer.singleShot(0, card, lambda: self._area.verticalScrollBar().setValue(card.y() - 12))
        self._fill_trust()

    def focus_filter(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def regions(self) -> list[QWidget]:
        return [self.field]


def _left(text: str) -> Label:
    label = Label(text, "secondary")
    label.setMinimumWidth(theme().px(160))
    return label


def _card(title: str, lines: list[Any]) -> QWidget:
    card = surface(QFrame(), "card")
    card.setLayout(column(Label(title, type="strong"), *lines, gap=10, margins=(16, 12, 16, 14)))
    return card


SPEC = PanelSpec("settings", "Settings", "settings", "setup", SettingsPanel)
