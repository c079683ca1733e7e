"""Resources and templates: the list, a template's fields with the server's completion, the URI, reading."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QScrollArea, QSizePolicy, QSplitter, QStackedWidget, QWidget

from wireglass.protocol.uritemplate import UriTemplate
from wireglass_app.calls import Call
from wireglass_app.catalogue_list import CatalogueList
from wireglass_app.controls import Button, Chip, Elided, Empty, Label, column, row, surface
from wireglass_app.dossier.pane import Dossier
from wireglass_app.models.catalogue import ItemRow, resource_rows, template_rows
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.payloads.base import pick_resource
from wireglass_app.payloads.cards import ContentCard
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme

__all__ = ["SPEC", "ResourcesPanel"]

_SUGGEST_MS = 150
_CONTENTS = 20


class ResourcesPanel(Panel):
    """Ctrl+Enter reads."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Resources")
        self._row: ItemRow | None = None
        self._template: UriTemplate | None = None
        self._values: dict[tuple[ServerSession | None, str], dict[str, str]] = {}
        self._calls: dict[tuple[ServerSession | None, str], Call] = {}
        self._fields: dict[str, TemplateField] = {}
        self._subscribed: set[tuple[ServerSession | None, str]] = set()
        self.list = CatalogueList(
            "resources",
            "file",
            "This server offers no resources",
            "It did not announce any. Add one with @mcp.resource and save: it shows up here by itself.",
        )
        self.list.chosen.connect(self._select)
        self.list.entered.connect(lambda _row: self.run_primary())
        self._make_header()
        empty = Empty("file", "Read it to see what it holds", "Ctrl+Enter reads the address above.")
        self.dossier = Dossier(empty, first="Contents", render=_contents)
        self.dossier.stop.connect(self.stop)
        self.dossier.show_frame.connect(lambda seq: desk.go("frames", seq=seq))
        work = QWidget()
        work.setLayout(column(self.header, self.dossier, gap=0))
        self.none = Empty("file", "No resource is chosen", "Choose one from the list, or press Ctrl+P.")
        self.detail = QStackedWidget()
        self.detail.addWidget(work)
        self.detail.addWidget(self.none)
        self._work = work
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.list)
        splitter.addWidget(self.detail)
        splitter.setSizes([330, 900])
        splitter.setStretchFactor(1, 1)
        self.setLayout(column(splitter))

    def _make_header(self) -> None:
        self.title = Elided("", type="title")
        self.chips = row(gap=6)
        self.subscribe = Button("Subscribe", icon="bolt", clicked=self._toggle_subscription)
        self.read = Button("Read", "primary", icon="play", key="Ctrl+Return", clicked=self.run_primary)
        top = row(self.title, self.chips, None, self.subscribe, self.read, gap=8)
        self.address = QWidget()
        self.address_line = row(gap=4)
        self.address.setLayout(self.address_line)
        self.expands = Elided("", "secondary", "mono", middle=True)
        self.description = Elided("", "secondary")
        self.header = surface(QWidget(), "panel", "bottom")
        self.header.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.header.setLayout(
            column(top, self.description, self.address, self.expands, gap=6, margins=(16, 10, 14, 10))
        )

    # server and resource

    def set_session(self, session: ServerSession | None) -> None:
        if session is self.session:
            return
        if self.session is not None:
            self.session.catalogue_changed.disconnect(self._lists_changed)
            self.session.call_changed.disconnect(self._call_changed)
        self.session = session
        self._row = None
        if session is not None:
            session.catalogue_changed.connect(self._lists_changed)
            session.call_changed.connect(self._call_changed)
        self._lists_changed(None)

    def show_item(self, **facts: Any) -> None:
        call = facts.get("call")
        name = call.name if isinstance(call, Call) else str(facts.get("name") or "")
        if not name:
            return
        if isinstance(call, Call):
            self._calls[self.session, name] = call
        if not self.list.select(name):
            self._show_address(name)
        if facts.get("read"):
            self._read(name)

    def bookmark(self) -> dict[str, Any]:
        return {"name": self._row.name} if self._row is not None else {}

    def _lists_changed(self, _changes: object) -> None:
        session = self.session
        rows: list[ItemRow] = []
        problem = ""
        if session is not None:
            lists = session.catalogue.lists
            rows = resource_rows(lists.resources, session.changes) + template_rows(lists.templates, session.changes)
            problem = "\n".join(text for key, text in lists.problems if key in ("resources", "resourceTemplates"))
        self.list.set_rows(rows, problem)
        if self._row is None or not any(one.name == self._row.name for one in rows):
            self._row = None
            if rows:
                if not self.list.select(rows[0].name) or self._row is None:
                    self._select(rows[0])
            else:
                self.detail.setCurrentWidget(self.none)

    def _select(self, one: ItemRow) -> None:
        self._row = one
        self.detail.setCurrentWidget(self._work)
        raw = one.raw
        self.title.setText(str(raw.get("title") or raw.get("name") or one.name))
        self.description.setText(str(raw.get("description") or ""))
        self.description.setVisible(bool(raw.get("description")))
        self._show_chips(one)
        self._show_template(one)
        self._refresh()

    def _show_chips(self, one: ItemRow) -> None:
        _clear(self.chips)
        if one.kind == "template":
            self.chips.addWidget(Chip("template", "plain"))
        mime = one.raw.get("mimeType")
        if isinstance(mime, str) and mime:
            self.chips.addWidget(Chip(visible(mime, 60), "outline"))
        if one.hidden:
            self.chips.addWidget(Chip(f"{one.hidden} hidden characters", "warn"))
        session = self.session
        can = session is not None and session.facts is not None and not session.facts.stateless
        offers = session.facts.capabilities.get("resources") if session is not None and session.facts else None
        self.subscribe.setVisible(can and isinstance(offers, dict) and offers.get("subscribe") is True)
        on = (session, one.name) in self._subscribed
        self.subscribe.setText("Unsubscribe" if on else "Subscribe")

    def _show_address(self, uri: str) -> None:
        """An address that no list has: a link that a result named."""
        self._row = ItemRow("resource", uri, visible(uri), "", "", {"uri": uri})
        self._select(self._row)

    def _show_template(self, one: ItemRow) -> None:
        _clear(self.address_line)
        self._fields = {}
        self._template = None
        if one.kind != "template":
            self.address_line.addWidget(Elided(one.name, "primary", "mono", middle=True), 1)
            self.expands.hide()
            return
        try:
            self._template = UriTemplate(one.name)
        except ValueError as problem:
            self.address_line.addWidget(Label(f"This template cannot be used: {problem}", "bad", wrap=True), 1)
            self.expands.hide()
            return
        kept = self._values.get((self.session, one.name), {})
        for name in self._template.names:
            field = TemplateField(name, kept.get(name, ""))
            field.line.textChanged.connect(lambda _text: self._expand())
            field.line.returnPressed.connect(self.run_primary)
            field.wants.connect(lambda text, name=name: self._suggest(name, text))
            self._fields[name] = field
            self.address_line.addWidget(field)
        self.address_line.addStretch(1)
        self.expands.show()
        self._expand()

    def _expand(self) -> None:
        self._values[self.session, self._row.name if self._row else ""] = self._typed()
        self.expands.setText(f"expands to {self._uri()}")

    def _typed(self) -> dict[str, str]:
        return {name: field.line.text() for name, field in self._fields.items() if field.line.text()}

    def _uri(self) -> str:
        if self._template is not None:
            return self._template.expand(self._typed())
        return self._row.name if self._row is not None else ""

    def _suggest(self, name: str, text: str) -> None:
        session, one = self.session, self._row
        offers = session.facts.capabilities if session is not None and session.facts else {}
        if session is None or one is None or "completions" not in offers:
            return
        self.desk.bridge.spawn(self._suggest_from(session, one.name, name, text))

    async def _suggest_from(self, session: ServerSession, template: str, name: str, text: str) -> None:
        others = {key: value for key, value in self._typed().items() if key != name}
        values = await session.complete({"type": "ref/resource", "uri": template}, name, text, others)
        field = self._fields.get(name)
        if field is not None and field.line.text() == text:
            field.offer(values)

    # reading

    def run_primary(self) -> None:
        if self.dossier.enter():
            return
        if self._row is not None:
            self._read(self._uri())

    def repeat(self) -> None:
        self.run_primary()

    def _read(self, uri: str) -> None:
        if self.session is None or self._row is None:
            return
        running = self._calls.get((self.session, self._row.name))
        if running is not None and not running.ended:
            return
        call = self.session.read_resource(uri)
        self._calls[self.session, self._row.name] = call
        self._refresh()

    def stop(self) -> None:
        call = self._calls.get((self.session, self._row.name)) if self._row else None
        if self.session is not None and call is not None:
            self.session.cancel(call)

    def _call_changed(self, call: Call) -> None:
        if self._row is not None and self._calls.get((self.session, self._row.name)) is call:
            self._refresh()

    def _refresh(self) -> None:
        call = self._calls.get((self.session, self._row.name)) if self._row else None
        self.dossier.show_call(self.session, call)

    def _toggle_subscription(self) -> None:
        session, one = self.session, self._row
        if session is None or one is None:
            return
        key = (session, self._uri())
        method = "resources/unsubscribe" if key in self._subscribed else "resources/subscribe"
        self._subscribed.symmetric_difference_update({key})
        session.start(method, self._uri(), {"uri": self._uri()})
        self._show_chips(one)

    def copy_result(self) -> None:
        self.dossier.copy_json()

    def show_timing(self) -> None:
        self.dossier.show_tab("timing")

    def focus_filter(self) -> None:
        self.list.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def regions(self) -> list[QWidget]:
        return [self.list.view, self.read, self.dossier.tabs]


class TemplateField(QWidget):
    """One variable of a template; `wants(text)` when suggestions would help."""

    wants = Signal(str)

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        shown = visible(name, 40)
        self.line = QLineEdit(text)
        self.line.setAccessibleName(shown)
        self.line.setPlaceholderText(shown)
        self.line.setProperty("type", "mono")
        self.line.setMinimumWidth(theme().px(150))
        label = Label(shown, "muted", "caption")
        label.setBuddy(self.line)
        self.setLayout(column(label, self.line, gap=2))
        self._model = QStringListModel(self)
        completer = QCompleter(self._model, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.line.setCompleter(completer)
        self._timer = QTimer(self, singleShot=True, interval=_SUGGEST_MS)
        self.line.textEdited.connect(lambda _text: self._timer.start())
        self._timer.timeout.connect(lambda: self.wants.emit(self.line.text()))

    def offer(self, values: list[str]) -> None:
        """Shows suggestions for what is typed now."""
        self._model.setStringList([visible(value) for value in values])
        if values and self.line.hasFocus():
            self.line.completer().complete()


def _contents(call: Call) -> QWidget:
    """The contents of a `resources/read` result, one below the other."""
    found = call.result.get("contents") if call.result else None
    contents = found if isinstance(found, list) else []
    if len(contents) == 1 and isinstance(contents[0], Mapping):
        return ContentCard(pick_resource(contents[0]))
    page = surface(QWidget(), "panel")
    lines = column(gap=10, margins=(14, 12, 14, 12))
    for one in contents[:_CONTENTS]:
        lines.addWidget(ContentCard(pick_resource(one)))
    if not contents:
        lines.addWidget(Label("The resource is empty: the server sent no contents.", "muted"))
    if len(contents) > _CONTENTS:
        lines.addWidget(Label(f"{len(contents) - _CONTENTS} more are in Frames.", "muted", "small"))
    lines.addStretch(1)
    page.setLayout(lines)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(page)
    return scroll


def _clear(layout: Any) -> None:
    while layout.count():
        item = layout.takeAt(0)
        if item is not None and (old := item.widget()) is not None:
            old.deleteLater()


def _count(session: Any) -> int:
    return len(session.catalogue.resources) + len(session.catalogue.templates)


def _offered(session: ServerSession) -> bool:
    return session.facts is None or "resources" in session.facts.capabilities


SPEC = PanelSpec("resources", "Resources", "file", "server", ResourcesPanel, count=_count, when=_offered)
