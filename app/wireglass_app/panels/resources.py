"""Resources and templates: the list, a template's fields with the server's completion, the URI, reading."""

from time import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSizePolicy, QWidget

from wireglass.errors import McpError, RequestTimeout, TransportError
from wireglass.protocol.spans import TRACE_KEY
from wireglass.protocol.uritemplate import UriTemplate
from wireglass_app.calls import Call, Completed
from wireglass_app.catalogue_list import CatalogueList
from wireglass_app.controls import Button, Chip, Elided, Empty, IconLabel, Label, Pages, column, row, surface
from wireglass_app.dossier.pane import Dossier
from wireglass_app.forms.flow import PairsLayout
from wireglass_app.kept_drafts import without_secrets
from wireglass_app.layouts import beside, clear
from wireglass_app.models.catalogue import ItemRow, resource_parts
from wireglass_app.models.drafts import Drafts
from wireglass_app.overview.words import stream_words
from wireglass_app.panels.base import Desk
from wireglass_app.panels.catalogue_panel import NoneChosen, Offered
from wireglass_app.panels.item_calls import ItemCallsPanel
from wireglass_app.plain import duration, tip, visible
from wireglass_app.reconnect import Reconnect
from wireglass_app.resourceview.address import TemplateAddress
from wireglass_app.resourceview.contents import contents_view
from wireglass_app.resourceview.subscriptions import SubscriptionList
from wireglass_app.resourceview.words import freshness, lifetime_chip, update_words
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme

__all__ = ["ResourcesPanel"]

_NARROW = 600
_BOTH = 400
"""Design pixels for each of a template's address and what it comes to, from where they share a line."""


class ResourcesPanel(ItemCallsPanel):
    """Ctrl+Enter reads."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Resources")
        self.template: TemplateAddress | None = None
        """The address with its fields, while a template is chosen."""
        self._values: dict[tuple[ServerSession | None, str], dict[str, str]] = {}
        self._drafts = Drafts(desk.settings, "template")
        self.list = CatalogueList(
            "resources",
            "file",
            "This server offers no resources",
            "Add one with @mcp.resource and save: it shows up here by itself.",
        )
        self.list.chosen.connect(self._select)
        self.list.entered.connect(lambda _row: self._entered())
        self._make_header()
        empty = Empty("file", "Read it to see what it holds", "Ctrl+Enter reads the address above.")
        self.dossier = Dossier(empty, first="Contents", render=contents_view)
        self.serve(self.dossier)
        self.subscriptions = SubscriptionList()
        self.subscriptions.opened.connect(lambda uri: self.show_item(name=uri))
        work = QWidget()
        lines = column(self.header, self.dossier, self.subscriptions, gap=0)
        lines.setStretch(1, 1)
        work.setLayout(lines)
        self.none = NoneChosen("file", "No resource is chosen")
        self.detail = Pages()
        self.detail.addWidget(work)
        self.detail.addWidget(self.none)
        self._work = work
        splitter = beside(self.list, self.detail, sizes=(330, 900))
        self.setLayout(column(splitter))
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    def _make_header(self) -> None:
        self.title = Elided("", type="title")
        self.chips = row(gap=6)
        self.marks = QWidget()
        self.marks.setLayout(self.chips)
        self.lifetime = Chip("", "outline")
        self.lifetime.hide()
        self.subscribe = Button("Subscribe", icon="bolt", clicked=self._toggle_subscription)
        self.follow = QCheckBox("Read after each update")
        self.updates = Label("", "muted", "small")
        self.read = Button("Read", "primary", icon="play", key="Ctrl+Return", clicked=self.run_primary)
        self.reconnect = Reconnect(self.read, "Reconnect and read", self.run_primary, self.desk.announce, self.bookmark)
        top = row(self.title, self.marks, self.lifetime, None, self.subscribe, self.read, gap=8)
        self.address = QWidget()
        self.address_line = row(gap=4)
        self.address.setLayout(self.address_line)
        self.expands_to = Label("expands to", "muted", "small")
        self.expands = Elided("", "primary", "mono", middle=True)
        self.completed = Label("", "muted", "caption")
        self.news = QWidget()
        self.news.setLayout(row(IconLabel("bolt", "info.text", 14), self.updates, self.follow, None))
        self.news.hide()
        self.description = Elided("", "secondary")
        self.header = surface(QWidget(), "panel", "bottom")
        self.header.installEventFilter(self)
        self.header.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.header.setLayout(
            column(
                *(top, self.description, self._address_row(), self.news),
                gap=6,
                margins=(16, 10, 14, 10),
            )
        )

    def _address_row(self) -> QWidget:
        """The address, and beside it what a template comes to."""
        told = QWidget()
        told.setLayout(row(self.expands_to, self.expands, self.completed, gap=6))
        told.setMinimumHeight(theme().px(28))
        self.completed.setToolTip(tip("completion/complete"))
        told.layout().setStretch(1, 1)  # type: ignore[union-attr]  # set in the line above
        self.told = told
        pairs = PairsLayout(gap=6, narrowest=theme().px(_BOTH))
        for part in (self.address, told):
            part.setProperty("short", True)
            pairs.addWidget(part)
        holder = QWidget()
        holder.setLayout(pairs)
        return holder

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What only marks the resource gives way before its title is cut."""
        if watched is self.header and event.type() == QEvent.Type.Resize:
            self.marks.setVisible(self.header.width() >= theme().px(_NARROW))
        return super().eventFilter(watched, event)

    # server and resource

    def set_session(self, session: ServerSession | None) -> None:
        before = self.session
        if session is before:
            return
        if before is not None:
            before.updated.disconnect(self._updated)
            before.era_changed.disconnect(self._show_subscriptions)
        if session is not None:
            session.updated.connect(self._updated)
            session.era_changed.connect(self._show_subscriptions)
        super().set_session(session)
        self._show_subscriptions()

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
        elif call is None:
            (self._first() or self.read).setFocus(Qt.FocusReason.OtherFocusReason)

    def _entered(self) -> None:
        """Enter in the list: on to what a template lacks, or reading."""
        missing = self._first()
        if missing is None or missing.text():
            self.run_primary()
        else:
            missing.setFocus(Qt.FocusReason.OtherFocusReason)

    def _first(self) -> QLineEdit | None:
        """The first variable of a template that has no value yet, or the first of all."""
        return self.template.first_empty() if self.template is not None else None

    def _offered(self, session: ServerSession) -> Offered:
        lists = session.catalogue.lists
        problem = "\n".join(text for key, text in lists.problems if key in ("resources", "resourceTemplates"))
        parts = resource_parts(lists.resources, lists.templates, session.unseen)
        return parts, len(lists.resources) + len(lists.templates), problem

    def _select(self, one: ItemRow) -> None:
        other = self._row is None or self._row.name != one.name
        self._row = self._chosen[self.session] = one
        self.detail.setCurrentWidget(self._work)
        self._show_facts(one)
        if other:  # else somebody may be typing into its fields
            self._show_template(one)
        self._refresh()

    def _show_facts(self, one: ItemRow) -> None:
        raw = one.raw
        self.title.setText(str(raw.get("title") or raw.get("name") or one.name))
        told = str(raw.get("description") or "")
        self.description.setText(told)
        self.description.setVisible(bool(told) and told != self.title.whole())
        self._show_chips(one)

    def _show_chips(self, one: ItemRow) -> None:
        clear(self.chips)
        if one.kind == "template":
            self.chips.addWidget(Chip("template", "plain"))
        mime = one.raw.get("mimeType")
        if isinstance(mime, str) and mime:
            self.chips.addWidget(Chip(visible(mime, 60), "outline"))
        if one.hidden:
            self.chips.addWidget(Chip(f"{one.hidden} hidden characters", "warn"))
        session = self.session
        offers = session.facts.capabilities.get("resources") if session is not None and session.facts else None
        self.subscribe.setVisible(isinstance(offers, dict) and offers.get("subscribe") is True)
        self._show_updates()

    def _show_updates(self) -> None:
        """What the server told of this resource since it was subscribed to, and how fresh the last reading is."""
        session, uri = self.session, self._uri()
        heard = session.subscriptions.get(uri) if session is not None else None
        self.subscribe.setText("Subscribe" if heard is None else "Unsubscribe")
        self.subscribe.setAccessibleName(f"{self.subscribe.text()} {visible(uri, 80)}".strip())
        self.read.setAccessibleName(f"Read {visible(uri, 80)}".strip())
        call = self.call
        ended = call is not None and call.state == "done"
        self.news.setVisible(heard is not None or ended)
        self.follow.setVisible(heard is not None)
        parts = [] if heard is None else [f"subscribed, {update_words(heard)}"]
        if call is not None and ended:
            parts.append(freshness(call.at, call.result, time(), heard or ()))
        self.updates.setText(" · ".join(parts))
        chip = lifetime_chip(call.result if call is not None else None)
        self.lifetime.setText(chip)
        self.lifetime.setVisible(bool(chip))

    def _tick(self) -> None:
        if self.isVisible() and self.news.isVisible():
            self._show_updates()
            self._show_subscriptions()

    def _show_subscriptions(self) -> None:
        session = self.session
        if session is None:
            self.subscriptions.show_subscriptions({}, "")
            return
        stream = f"on one listen stream, {stream_words(session.stream, time())}"
        how = stream if session.stateless else "with one request each"
        self.subscriptions.show_subscriptions(session.subscriptions, how)

    def _updated(self, uri: str) -> None:
        self._show_subscriptions()
        if uri != self._uri():
            return
        self._show_updates()
        heard = self.session.subscriptions.get(uri) if self.session is not None else None
        if heard and self.follow.isChecked():
            self._read(uri)

    def _show_address(self, uri: str) -> None:
        """An address that no list has: a link that a result named."""
        self._select(ItemRow("resource", uri, visible(uri), "", "", {"uri": uri}))

    def _show_template(self, one: ItemRow) -> None:
        clear(self.address_line)
        self.template = None
        self._tell_completed("")
        self.told.setVisible(one.kind == "template")
        if one.kind != "template":
            self.address_line.addWidget(Elided(one.name, "primary", "mono", middle=True), 1)
            return
        try:
            parsed = UriTemplate(one.name)
        except ValueError as problem:
            self.address_line.addWidget(
                Label(
                    f"This template cannot be used: {problem}. Correct it in the server: it is no RFC 6570 template.",
                    "bad",
                    wrap=True,
                ),
                1,
            )
            self.told.hide()
            return
        self.template = TemplateAddress(parsed, self._typed(one.name))
        self.template.changed.connect(self._edited)
        self.template.submitted.connect(self.run_primary)
        self.template.wanted.connect(self._suggest)
        self.address_line.addWidget(self.template, 1)
        self._expand()

    def _tell_completed(self, words: str) -> None:
        self.completed.setText(words)
        self.completed.setVisible(bool(words))

    def _typed(self, template: str) -> dict[str, str]:
        """The values of a template as they were left, also by an earlier start of the workbench."""
        known = self._values.get((self.session, template))
        if known is not None or self.session is None:
            return known or {}
        draft = self._drafts.get(self.session.target.key, template)
        return {name: text for name, text in draft.items() if isinstance(text, str)} if isinstance(draft, dict) else {}

    def _edited(self) -> None:
        self._expand()
        if self.template is not None and self.session is not None and self._row is not None:
            values = self.template.values()
            self._values[self.session, self._row.name] = values
            self._drafts.keep(self.session.target.key, self._row.name, without_secrets(values, {}))

    def _expand(self) -> None:
        if self.template is not None:
            self.expands.setText(self._uri())
            self._show_updates()

    def _uri(self) -> str:
        if self.template is not None:
            return self.template.uri()
        return self._row.name if self._row is not None else ""

    def _suggest(self, name: str, text: str) -> None:
        session, one = self.session, self._row
        offers = session.facts.capabilities if session is not None and session.facts else {}
        if session is None or one is None or "completions" not in offers:
            return
        self.desk.bridge.spawn(self._suggest_from(session, one.name, name, text), self)

    async def _suggest_from(self, session: ServerSession, template: str, name: str, text: str) -> None:
        typed = self.template.values() if self.template is not None else {}
        others = {key: value for key, value in typed.items() if key != name}
        found = await session.complete({"type": "ref/resource", "uri": template}, name, text, others)
        field = self.template.fields.get(name) if self.template is not None else None
        if field is not None and field.line.text() == text:
            field.suggestions.offer(text, found.values)
            self._tell_completed(_completed_words(found))

    # reading

    def run_primary(self) -> None:
        if self.dossier.enter():
            return
        if self._row is not None:
            self._read(self._uri())

    def _read(self, uri: str) -> None:
        if self.session is None or self._row is None or self.session.recorded:
            return
        running = self.call
        if running is not None and not running.ended:
            return
        if self.reconnect.holds():
            return
        call = self.session.read_resource(uri, meta={TRACE_KEY: True})
        self._calls[self.session, self._row.name] = call
        self._refresh()

    def _refresh(self) -> None:
        self.dossier.show_call(self.session, self.call)
        self._show_updates()

    def _toggle_subscription(self) -> None:
        session, one = self.session, self._row
        if session is None or one is None:
            return
        self.desk.bridge.spawn(self._subscribe(session, self._uri()), self)

    async def _subscribe(self, session: ServerSession, uri: str) -> None:
        wanted = uri not in session.subscriptions
        try:
            await session.subscribe(uri, wanted)
        except (McpError, TransportError, RequestTimeout) as problem:
            self.desk.announce(f"Not {'subscribed' if wanted else 'unsubscribed'}: {problem.message}")
        self._show_updates()

    def copy_result(self) -> None:
        self.dossier.copy_json()

    def show_timing(self) -> None:
        self.dossier.show_tab("timing")

    def timed(self) -> int | None:
        return self.dossier.exchange

    def regions(self) -> list[QWidget]:
        return [self.list.view, self._first() or self.read, self.dossier.tabs]


def _completed_words(found: Completed) -> str:
    """ "5 of 37 from the server, 11 ms"."""
    number = len(found.values)
    of = f" of {found.total}" if found.total is not None and found.total > number else " and more" if found.more else ""
    return f"{number}{of} from the server, {duration(found.milliseconds)}" if number else ""
