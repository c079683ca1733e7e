"""Compare: a reload, two runs, two sessions or two servers beside each other, what breaks first."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass_app.compare.body import CompareBody
from wireglass_app.compare.detail import ChangeDetail
from wireglass_app.compare.items import Source, changelog
from wireglass_app.compare.listing import ChangeList
from wireglass_app.compare.reload import ReloadSource
from wireglass_app.compare.runs import RunsSource
from wireglass_app.compare.servers import ServersSource
from wireglass_app.compare.sessions import SessionsSource
from wireglass_app.controls import Button, Elided, Empty, Label, Segments, column, row, surface
from wireglass_app.headline import HeadLine
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.toolview.hints import is_destructive

__all__ = ["ChangesPanel"]

_SOURCES: tuple[type[Source], ...] = (ReloadSource, RunsSource, SessionsSource, ServersSource)


class ChangesPanel(Panel):
    """F8 steps through the differences of a change, and on to the next change."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Compare")
        opened = desk.workbench.recording.opened
        kinds = [one for one in _SOURCES if not (opened and one is ReloadSource)]
        self.sources: dict[str, Source] = {one.key: one(desk, self) for one in kinds}  # type: ignore[call-arg]  # each takes a desk
        self.choice = Segments([(one.key, one.title) for one in kinds], "Compare")
        self.choice.chosen.connect(self.show_source)
        self.note = Elided("", "secondary", "small")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.copy = Button("Copy as changelog", clicked=self._copy)
        self.stop_button = Button("Stop", icon="stop", clicked=self.stop)
        self.list = ChangeList()
        self.footer = Label("", "secondary", "small", wrap=True)
        self.again = Button("Run last call again and compare", clicked=self._repeat)
        self._awaited = False
        """Whether the focus is to go to the changes when they come."""
        self.detail = ChangeDetail(desk.bridge)
        self.empty = Empty("compare", "")
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(lambda *_: self._chosen())
        self.detail.step_wanted.connect(self.step_problem)
        for source in self.sources.values():
            if isinstance(source, ReloadSource):
                source.both.connect(lambda first, second: self.show_item(source="runs", first=first, second=second))
            source.changed.connect(lambda source=source: self._show(source))
            source.busy.connect(lambda words, source=source: self._busy(source, words))
        sources = tuple(self.sources.values())
        self.destroyed.connect(lambda _gone: [one.leave() for one in sources])
        self.choice.set_current(next(iter(self.sources)))
        self.show_source(self.choice.current())

    def _lay_out(self) -> None:
        ends = (self.stop_button, self.again, self.copy)
        head = HeadLine(Label("Compare", type="title"), (self.choice, self.note), ends, grows=self.note, least=100)
        self.stop_button.hide()
        self.again.hide()
        self.bars = QStackedWidget()
        for source in self.sources.values():
            self.bars.addWidget(source.bar or QWidget())
        self._foot = QWidget()
        self._foot.setLayout(row(self.footer, margins=(14, 8, 14, 8)))
        self.body = CompareBody(self.list, self._foot, self.detail, self.empty)
        whole = column(surface(head, "panel", "bottom"), self.bars, self.body, gap=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    # -- sources ---------------------------------------------------------------------------------------------------

    @property
    def source(self) -> Source:
        """The one that is shown."""
        return self.sources[self.choice.current()]

    def show_source(self, key: str) -> None:
        """What is compared: "reload", "runs", "sessions" or "servers"."""
        held = self.choice.button(self.choice.current()).hasFocus()
        self.choice.set_current(key)
        if held:
            self.choice.button(key).setFocus()
        at = list(self.sources).index(key)
        self.bars.setCurrentIndex(at)
        self.bars.setVisible(self.source.bar is not None)
        self.stop_button.hide()
        for source in self.sources.values():
            source.active = self.isVisible() and source is self.source
        self.source.enter()
        self._show(self.source)

    def show_item(self, *, source: str = "", **facts: Any) -> None:
        """`source` shows that one; further facts say what it is to compare."""
        if source in self.sources:
            self.show_source(source)
            if facts.pop("repeat", False):
                self._repeat()
            elif facts:
                self.source.choose(**facts)

    def _may_repeat(self) -> bool:
        """Whether there is a last call, of a tool that does not say that it destroys something."""
        source, session = self.source, self.desk.workbench.current
        call = source.last if isinstance(source, ReloadSource) else None
        tool = session.catalogue.tool(call.name) if call is not None and session is not None else None
        return tool is not None and not is_destructive(tool)

    def _repeat(self) -> None:
        if self._may_repeat():
            self.source.choose(repeat=True)
        else:
            self.desk.announce("There is no call that could be run again without harm.")

    def bookmark(self) -> dict[str, Any]:
        return {"source": self.choice.current()}

    def _show(self, source: Source) -> None:
        if source is not self.source:
            return
        listing = source.listing
        self.note.setText(listing.note)
        self.copy.setEnabled(listing.found)
        self._offer_again()
        self.footer.setText(listing.footer)
        self._foot.setVisible(bool(listing.footer))
        self.empty.title.setText(listing.empty[0])
        self.empty.text.setText(listing.empty[1])
        self.body.show_list(bool(listing.found))
        self.list.show_rows(listing.rows)
        self._chosen()
        if self._awaited and listing.found:
            self._awaited = False
            if self.choice.button(self.choice.current()).hasFocus():
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_again(self) -> None:
        """The button goes when its work is shown. If it has the focus, this waits at the choice for what comes: Qt
        would pass it on to whatever is next."""
        held, offered = self.again.hasFocus(), self._may_repeat()
        if held and not offered:
            self._awaited = True
            self.choice.button(self.choice.current()).setFocus(Qt.FocusReason.OtherFocusReason)
        self.again.setVisible(offered)

    def _busy(self, source: Source, words: str) -> None:
        if source is self.source:
            self.stop_button.setVisible(bool(words) and isinstance(source, SessionsSource))
            self.note.setText(words or source.listing.note)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.active = True
        self.source.enter()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for source in self.sources.values():
            source.active = False

    # -- the chosen change -----------------------------------------------------------------------------------------

    def _chosen(self) -> None:
        listing = self.source.listing
        self.detail.show_item(self.list.item, listing.before, listing.after, self.list.place())

    def step_problem(self, forward: bool) -> bool:
        if not self.detail.step(forward) and not self.list.step(forward):
            self.desk.announce("That was the last change." if forward else "That was the first change.")
        return True

    def step(self, forward: bool) -> None:
        self.list.step(forward)

    def stop(self) -> None:
        source = self.source
        if isinstance(source, SessionsSource):
            source.stop()

    def _copy(self) -> None:
        listing = self.source.listing
        QGuiApplication.clipboard().setText(changelog(listing, listing.note or "Changes"))
        self.desk.announce("The changes are on the clipboard as markdown.")

    def copy_result(self) -> None:
        if self.source.listing.found:
            self._copy()

    def enter(self) -> None:
        target = self.list if self.source.listing.found else self.choice.button(self.choice.current())
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def regions(self) -> list[QWidget]:
        bars = [self.bars] if self.source.bar is not None else []
        body: list[QWidget] = [self.list, self.detail.view.left, self.detail.view.right]
        return [self.choice, *bars, *(body if self.source.listing.found else [])]
