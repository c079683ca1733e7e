"""In place of a server's views while it is not ready: what is being tried, or what went wrong and what to do."""

from time import perf_counter_ns
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from wireglass_app.calls import Step
from wireglass_app.connection_steps import planned
from wireglass_app.controls import Button, Elided, IconLabel, Label, column, restyle, row, surface
from wireglass_app.failures import Failure, again_words
from wireglass_app.layouts import clear, scrolling
from wireglass_app.offers import Offers
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.signin.page_card import PageCard
from wireglass_app.theme import set_icon, theme
from wireglass_app.waiting import PATIENCE_MS, Skeleton

__all__ = ["ConnectionPanel"]

_SILENCE_MS = 5000
_ICONS = {
    "ok": ("check-circle", "ok.text"),
    "running": ("clock", "info.text"),
    "failed": ("cross-circle", "bad.text"),
    "skipped": ("minus", "text.muted"),
    "pending": ("minus", "text.muted"),
}


class ConnectionPanel(Panel):
    """Shown by the window for servers that are connecting, failed, stopped or disconnected."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Connection")
        self._began_ns = 0
        self.icon = IconLabel("clock", "info.text")
        self.title = Label("", type="title")
        self.fact = Label("", "muted", "mono-small")
        self.text = Label("", "secondary", wrap=True)
        self.next = Label("", wrap=True)
        self.page = PageCard()
        self.page.setMaximumWidth(820)
        self.steps = QVBoxLayout()
        self.steps.setSpacing(8)
        self.skeleton = Skeleton(3)
        self.lines_title = Label("", "secondary", "small-strong")
        self.lines = Label("", "primary", "mono", wrap=True).selectable()
        self.culprit = Label("", "bad", "mono", wrap=True).selectable()
        self.well = surface(QFrame(), "well")
        self.well.setLayout(column(self.lines, self.culprit, gap=0, margins=(12, 10, 12, 10)))
        self.offers = Offers(self._mend)
        self.wait = Button("Keep waiting", "primary", clicked=self._keep_waiting)
        self.again = Button("Start again", "primary", key="F5", clicked=lambda: desk.act("reload"))
        self.edit = Button("Change how it starts…", clicked=self._edit)
        self.check = Button("Check the connection", clicked=self._check)
        self.frames = Button("Show frames", "ghost", clicked=lambda: desk.go("frames"))
        self.stderr = Button("All stderr", "ghost", clicked=lambda: desk.go("logs", session=self.session))
        self.cancel = Button("Cancel", clicked=lambda: desk.act("disconnect"))
        self.close_button = Button("Close server", "ghost", clicked=lambda: desk.act("close-server"))
        self.hint = Label("", "muted", "caption")
        self._lay_out()
        self._delay = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._delay.timeout.connect(self._reveal)
        self._clock = QTimer(self, interval=200)
        self._clock.timeout.connect(self._tick)

    def _lay_out(self) -> None:
        body = QWidget()
        body.setLayout(
            column(
                row(self.icon, self.title, self.fact, None, gap=10),
                self.text,
                self.page,
                self.steps,
                self.skeleton,
                self.lines_title,
                self.well,
                self.next,
                self.offers,
                None,
                gap=14,
                margins=(32, 32, 32, 24),
            )
        )
        surface(body, "panel")
        self.text.setMaximumWidth(820)
        self.well.setMaximumWidth(820)
        self.body = body
        scroll = scrolling(body)
        foot = surface(QWidget(), "sunken", "top")
        foot.setLayout(
            row(
                *(
                    self.hint,
                    None,
                    self.close_button,
                    self.stderr,
                    self.frames,
                    self.check,
                    self.edit,
                    self.cancel,
                    self.wait,
                    self.again,
                ),
                margins=(14, 9, 14, 9),
            )
        )
        self.setLayout(column(scroll, foot, gap=0))

    def set_session(self, session: ServerSession | None) -> None:
        if self.session is not None and self.session is not session:
            self.session.steps_changed.disconnect(self.refresh)
            self.page.set_sign_in(None)
        if session is not None and self.session is not session:
            session.steps_changed.connect(self.refresh)
            self.page.set_sign_in(session.sign_in)
        self.session = session
        self.refresh()

    def refresh(self) -> None:
        """Shows the state as it is now."""
        session = self.session
        if session is None:
            return
        connecting = session.state == "connecting"
        local = session.target.kind == "stdio"
        words = (again_words(session.target), "Change how it starts…" if local else "Change the connection…")
        for button, text in zip((self.again, self.edit), words, strict=True):
            button.setText(text)
            button.setAccessibleName(text)
        for widget in (self.again, self.edit):
            widget.setVisible(not connecting)
        self.cancel.setVisible(connecting)
        silent = session.silence is not None
        self.wait.setVisible(connecting and silent)
        self.skeleton.setVisible(connecting and not silent and session.sign_in.asking is None)
        self.check.setVisible(not connecting and session.target.kind != "stdio")
        self.stderr.setVisible(bool(session.stderr))
        if connecting:
            self._show_connecting(session)
        elif session.usable:
            self._show_ready(session)
        else:
            self._show_ended(session)
        self._show_steps(planned(session.steps, connecting=connecting))

    def show_item(self, **facts: Any) -> None:
        """`check`: tries each step of reaching a URL by itself."""
        session = self.session
        if facts.get("check") and session is not None and session.target.kind != "stdio" and not session.recorded:
            self._check()
        if self.isVisible():
            self.enter()

    def _show_ready(self, session: ServerSession) -> None:
        self._clock.stop()
        self._delay.stop()
        self._reveal()
        set_icon(self.icon, "check-circle", "ok.text")
        self.title.setText(f"{visible(session.name, 80)} is connected")
        version = session.facts.version if session.facts else ""
        next_step = "" if session.target.kind == "stdio" else "Check the connection tries each step anew, beside it."
        self._put(f"MCP {version}" if version else "", "These were the steps:", next_step, "", ())
        self.hint.setText("")

    def _show_connecting(self, session: ServerSession) -> None:
        if not self._clock.isActive():
            self._began_ns = perf_counter_ns()
            self._clock.start()
            self.body.hide()
            self._delay.start()
        if session.silence is not None:
            self._show_failure(session.silence, "warning", "warn.text")
            self.hint.setText("")
            return
        set_icon(self.icon, "clock", "info.text")
        verb = "Starting" if session.target.kind == "stdio" else "Connecting to"
        self.title.setText(f"{verb} {visible(session.name, 80)}")
        for label in (self.text, self.next, self.lines_title):
            label.hide()
        self.well.hide()
        self.offers.show_offers(())
        self.hint.setText("Shows stderr after 5 s of silence" if session.target.kind == "stdio" else "")

    def _show_ended(self, session: ServerSession) -> None:
        lost = self.cancel.hasFocus()
        self._clock.stop()
        self._delay.stop()
        self._reveal()
        failure = session.failure
        restyle(self.again, kind="" if failure is not None and failure.offers else "primary")
        self.hint.setText("")
        if failure is None:
            set_icon(self.icon, "unplug", "text.muted")
            self.title.setText(f"{visible(session.name, 80)} is disconnected")
            self._put("", "", f"{again_words(session.target)} to use it.", "", ())
        else:
            self._show_failure(failure, "cross-circle", "bad.text")
        if lost and self.isVisible():
            self.regions()[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_failure(self, failure: Failure, icon: str, ink: str) -> None:
        set_icon(self.icon, icon, ink)
        self.title.setText(visible(failure.title, 120))
        lines, culprit = failure.lines, ""
        if lines and failure.culprit and lines[-1].strip() == failure.culprit:
            lines, culprit = lines[:-1], failure.culprit
        self._put(failure.fact, visible(failure.text, 2000), failure.next_step, failure.lines_are, lines, culprit)
        self.offers.show_offers(failure.offers)

    def _put(
        self, fact: str, text: str, next_step: str, heading: str, lines: tuple[str, ...], culprit: str = ""
    ) -> None:
        self.offers.show_offers(())
        self.fact.setText(fact)
        for label, words in ((self.text, text), (self.next, next_step), (self.lines_title, heading)):
            label.setText(words)
            label.setVisible(bool(words))
        self.lines.setText("\n".join(visible(line, 400, lines=True) for line in lines))
        self.lines.setVisible(bool(lines))
        self.culprit.setText(visible(culprit, 400))
        self.culprit.setVisible(bool(culprit))
        self.well.setVisible(bool(lines or culprit))

    def _show_steps(self, steps: list[Step]) -> None:
        clear(self.steps)
        for step in steps:
            self.steps.addWidget(StepLine(step))

    def _tick(self) -> None:
        seconds = (perf_counter_ns() - self._began_ns) / 1e9
        self.fact.setText(f"{seconds:.1f} s")
        session = self.session
        if session is not None and seconds * 1000 > _SILENCE_MS and session.stderr:
            self.lines_title.setText("Last lines of stderr")
            self.lines.setText("\n".join(visible(line, 400, lines=True) for line in session.stderr[-8:]))
            self.culprit.hide()
            for part in (self.lines_title, self.lines, self.well):
                part.show()

    def _reveal(self) -> None:
        self.body.show()

    def _check(self) -> None:
        if self.session is not None:
            self.session.spawn(self.session.check())

    def _mend(self, offer: str) -> None:
        self.desk.go("mend", session=self.session, offer=offer)

    def _keep_waiting(self) -> None:
        if self.session is not None:
            self.session.keep_waiting()
            self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _edit(self) -> None:
        self.desk.go("edit-target", session=self.session)

    def regions(self) -> list[QWidget]:
        if self.session is not None and self.session.usable:  # nothing that ends the connection has the focus first
            return [self.check if self.check.isVisible() else self.frames]
        offered = self.offers.first()
        return [offered or (self.again if self.again.isVisible() else self.cancel)]


class StepLine(QWidget):
    """One step: icon and words, the detail muted."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        icon, ink = _ICONS[step.state]
        words = {"ok": "done", "pending": "not yet"}.get(step.state, step.state)
        text = Label(visible(step.text, 200), "primary" if step.state == "running" else "secondary")
        parts: list[QLabel] = [IconLabel(icon, ink, 16, words), text]
        told = " · ".join(part for part in (step.detail, step.took) if part)
        detail = Elided(told, "muted", "small")
        line = row(*parts, detail, gap=8)
        line.setStretchFactor(detail, 1)
        lines = column(line, gap=2)
        if step.remedy:
            remedy = Label(visible(step.remedy, 300), "primary", wrap=True)
            lines.addLayout(row(remedy, margins=(24, 0, 0, 4)))
        self.setLayout(lines)
        self.setMinimumHeight(theme().px(20))
