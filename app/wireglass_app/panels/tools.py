"""Tools: the list, the argument form of the chosen tool, and the whole dossier of its last call."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from wireglass.recording.timing import median
from wireglass_app.calls import Call
from wireglass_app.catalogue_list import CatalogueList
from wireglass_app.controls import Pages, column, surface
from wireglass_app.dossier.confirm import Confirm
from wireglass_app.dossier.pane import Dossier
from wireglass_app.dossier.series import Series
from wireglass_app.dossier.spoken import ResultNews
from wireglass_app.forms.form import SchemaForm
from wireglass_app.layouts import beside
from wireglass_app.models.catalogue import ItemRow, tool_parts, tool_rows
from wireglass_app.models.watched import Watched
from wireglass_app.panels.base import Desk
from wireglass_app.panels.catalogue_panel import CataloguePanel, NoneChosen, Offered
from wireglass_app.plain import visible
from wireglass_app.reconnect import Reconnect
from wireglass_app.server_session import ServerSession
from wireglass_app.toolview.copies import CopyMenu, Written, save_result
from wireglass_app.toolview.halves import Halves
from wireglass_app.toolview.head import ToolHead
from wireglass_app.toolview.judging import OutputJudge
from wireglass_app.toolview.sending import Sender
from wireglass_app.toolview.tool_forms import ToolForms

__all__ = ["ToolsPanel"]


class ToolsPanel(CataloguePanel):
    """Ctrl+Enter runs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Tools")
        self.watched = Watched(desk.settings)
        self._tool: dict[str, Any] | None = None
        self._chosen: dict[ServerSession, str] = {}
        self._call: Call | None = None
        self.list = CatalogueList(
            "tools",
            "tools",
            "This server offers no tools",
            "Add one with @mcp.tool and save: it shows up here by itself.",
            pills=True,
        )
        self.list.chosen.connect(self._select)
        self.list.entered.connect(lambda _row: self._focus_form())
        self._make_header()
        self._make_detail()
        splitter = beside(self.list, self.detail, sizes=(264, 964))
        self.setLayout(column(splitter))
        self._medians = QTimer(self, singleShot=True, interval=250)
        self._medians.timeout.connect(self._show_medians)
        self._ran: set[str] = set()

    @property
    def form(self) -> SchemaForm | None:
        """The form of the chosen tool."""
        return self.forms.form

    # parts

    def _make_header(self) -> None:
        menu = CopyMenu(self, self._written, self.desk.announce, result=self.copy_result, save=self.save)
        self.head = ToolHead(menu, self.run_primary, self.stop)
        self.run = self.head.run
        self.head.bars.chosen.connect(self._show_chosen_run)
        self.reconnect = Reconnect(self.run, "Reconnect and run", self.run_primary, self.desk.announce, self.bookmark)
        self.judge = OutputJudge(self.desk.bridge, self)
        self._news = ResultNews(self.desk.announce, self)
        self.judge.judged.connect(lambda call: call is self._call and self._refresh())

    def _make_detail(self) -> None:
        self.forms = ToolForms(self.desk.settings)
        self.options = self.forms.options
        self.left = surface(QWidget(), "panel")
        self.left.setLayout(column(self.forms, gap=0))
        self.dossier = Dossier()
        self.serve(self.dossier)
        self.dossier.go_to_field.connect(self._go_to_field)
        self.right = Pages()
        self.right.addWidget(self.dossier)
        self._make_sends()
        self.halves = Halves(self.left, self.right, ("Arguments", "Result"))
        work = QWidget()
        work.setLayout(column(self.head, self.halves, gap=0))
        self.none = NoneChosen("tools", "No tool is chosen")
        self.detail = Pages()
        self.detail.addWidget(work)
        self.detail.addWidget(self.none)
        self._work = work

    def _make_sends(self) -> None:
        self.sends = Sender(self.forms, self.right, self.dossier)
        self.sends.asking.connect(lambda: self.halves.show_half("result"))
        self.sends.kept.connect(lambda: self.run.setFocus(Qt.FocusReason.OtherFocusReason))
        self.sends.sent.connect(self._show_sent)
        self.sends.series_begun.connect(self._refresh)
        self.sends.series_changed.connect(self._series_changed)

    @property
    def confirm(self) -> Confirm:
        """The question of a tool that may destroy something."""
        return self.sends.confirm

    # server and tool

    def show_item(self, **facts: Any) -> None:
        call = facts.get("call")
        if isinstance(call, Call):
            if self.list.select(call.name):
                self._show_run(call)
                self.halves.show_half("result")
            return
        if facts.get("name") and self.list.select(str(facts["name"])):
            self._focus_form()
        elif facts.get("name") and self.session is not None:
            self._chosen[self.session] = str(facts["name"])  # the rows of thousands are still being made

    def bookmark(self) -> dict[str, Any]:
        return {"name": str(self._tool.get("name"))} if self._tool is not None else {}

    def _forget(self) -> None:
        self._tool = None
        self.sends.forget()

    def _offered(self, session: ServerSession) -> Offered:
        catalogue = session.catalogue
        problem = dict(catalogue.lists.problems).get("tools", catalogue.problem)
        return tool_parts(catalogue.tools, list(session.calls), session.unseen), len(catalogue.tools), problem

    def _show_chosen(self, rows: Sequence[ItemRow]) -> None:
        """The tool that was chosen on this server, or the one to begin with."""
        session = self.session
        if session is None:
            return
        wanted = self._chosen.get(session, "")
        if not any(one.name == wanted for one in rows):
            wanted = next((one.name for one in rows if "read-only" in one.flags), rows[0].name if rows else "")
        current = next((one for one in rows if one.name == wanted), None)
        if current is None:
            self._forget()
            self._show_none()
            return
        if not self.list.select(wanted, reveal=False) or self._tool != current.raw:
            self._select(current)
        else:
            self._show_declared(current)

    def _show_medians(self) -> None:
        """What the last runs taught about their tools: usual time, that they ask."""
        session = self.session
        for name in self._ran:
            tool = session.catalogue.tool(name) if session is not None else None
            if session is not None and tool is not None:
                self.list.update_row(tool_rows([tool], self._runs(name), session.unseen)[0])
        self._ran.clear()

    def _select(self, one: ItemRow) -> None:
        session = self.session
        if session is None:
            return
        self._tool = dict(one.raw)
        self._chosen[session] = one.name
        self.detail.setCurrentWidget(self._work)
        self._show_declared(one)
        self.forms.show_tool(session, one)
        self.sends.forget()
        runs = self._runs(one.name)
        self._show_run(runs[-1] if runs else None, restore=False)
        if not runs:
            self.halves.show_half("form")  # there is no result yet, whichever half was wanted of another tool

    def _show_declared(self, one: ItemRow) -> None:
        """The tool, and what the last reload made of it."""
        self.head.show_tool(one)
        self.run.setEnabled(self.session is not None and not self.session.recorded and one.change != "gone")
        self._show_watched()

    def _go_to_field(self, pointer: str) -> None:
        self.halves.show_half("form")
        if self.form is None or not self.form.focus_place(pointer):
            self._focus_form()

    def _focus_form(self) -> None:
        self.halves.show_half("form")
        if not self.forms.focus_first_empty():
            self.run.setFocus(Qt.FocusReason.OtherFocusReason)

    # calls

    def _runs(self, name: str) -> list[Call]:
        calls = self.session.calls if self.session else []
        return [call for call in calls if call.method == "tools/call" and call.name == name]

    def run_primary(self) -> None:
        if self.sends.enter() or self.dossier.enter():
            return
        session, form, tool = self.session, self.form, self._tool
        if session is None or form is None or tool is None or session.recorded:
            return
        if self._call is not None and not self._call.ended:
            return
        if not form.is_valid():
            self.halves.show_half("form")
            form.reveal_problems()
            if form.fault or not self.options.anyway:
                self.desk.announce("Not sent: correct the marked fields, or tick “send anyway” in the request options.")
                return
        if self.options.fault:
            self.halves.show_half("form")
            self.options.show_fault()
            self.desk.announce(f"Not sent: {self.options.fault}")
            return
        if self.reconnect.holds():
            return
        self.sends.begin(session, tool, self.forms.arguments, self.options.timeout, *self.options.runs)

    def _series_changed(self, series: Series) -> None:
        self.head.runs_label.setText(series.words)
        if not series.running:
            self.desk.announce(series.words)
            self._refresh()

    def repeat(self) -> None:
        """The same call once more, also while it runs: then both run at once."""
        self.run_again(None)

    def run_again(self, seconds: float | None) -> None:
        call, session, tool = self._call, self.session, self._tool
        if call is None or session is None or session.recorded:
            self.desk.announce("Nothing was run yet: there is no call to run again.")
        elif not session.usable:
            self.desk.announce(f"{visible(session.name, 60)} is not connected. Reconnect and run starts it.")
        elif tool is not None:
            if self.dossier.isAncestorOf(self.window().focusWidget()):
                self.run.setFocus(Qt.FocusReason.OtherFocusReason)  # the button that was pressed goes away
            self.sends.begin(session, tool, call.params.get("arguments") or {}, seconds or call.timeout)

    def _show_sent(self, call: Call) -> None:
        self.halves.show_half("result")
        self._show_run(call, restore=False)

    def stop(self) -> None:
        session = self.session
        if session is None:
            return
        running = self.sends.stop()
        if self._call is not None and not self._call.ended:
            running.append(self._call)
        for call in running:
            session.cancel(call)

    def _show_run(self, call: Call | None, *, restore: bool = True) -> None:
        self._call = call
        if call is not None:
            self.judge.judge(self.session, call)  # a call of a recording: nobody saw it end
            if restore:
                self.forms.restore(call)
        self._refresh()

    def _show_chosen_run(self, call: Call) -> None:
        self._show_run(call)
        self.halves.show_half("result")

    def _call_changed(self, call: Call) -> None:
        self.sends.call_changed(call)
        self.judge.judge(self.session, call)
        if call is self._call:
            self._refresh()
            if self.sends.series_of(call) is None:
                self._news.changed(call, has_schema=bool(self._tool and self._tool.get("outputSchema")))
        if call.ended:
            self._ran.add(call.name)
            self._medians.start()

    def _refresh(self) -> None:
        call, tool = self._call, self._tool
        name = str(tool.get("name")) if tool else ""
        runs = self._runs(name)
        times = [one.milliseconds for one in runs if one.state == "done"]
        self.dossier.show_call(self.session, call, tool, median(times))
        series = self.sends.series_of(call)
        self.head.show_runs(runs, call, series.words if series is not None else "")
        self.head.show_busy((call is not None and not call.ended) or (series is not None and series.running))

    # actions of the table

    def step(self, forward: bool) -> None:
        """Alt+Up and Alt+Down: runs of this session; before the first, arguments of earlier sessions."""
        session, tool = self.session, self._tool
        if session is None or tool is None or self.form is None:
            return
        runs = self._runs(str(tool.get("name")))
        if self._call in runs and not self.forms.shows_earlier:
            at = runs.index(self._call) + (1 if forward else -1)
            if 0 <= at < len(runs):
                self._show_run(runs[at])
            return
        self.forms.step_earlier(forward)

    def toggle_json(self) -> None:
        if self.form is not None:
            self.halves.show_half("form")
            self.form.toggle_mode()

    def show_timing(self) -> None:
        self.halves.show_half("result")
        self.dossier.show_tab("timing")

    def copy_result(self) -> None:
        self.dossier.copy_json()
        self.desk.announce("The result is on the clipboard as JSON.")

    def save(self) -> None:
        """Writes the whole result to a file that the user names."""
        save_result(self, self._call, self.desk.announce)

    def watch(self) -> None:
        """The call as the form has it; the server runs it again after each reload, if it is marked read-only."""
        session, tool = self.session, self._tool
        if session is None or self.form is None or tool is None:
            return
        name = str(tool.get("name"))
        on = self.watched.toggle(session.target.key, name, self.forms.arguments)
        words = "is watched: it runs again after each reload" if on else "is no longer watched"
        self.desk.announce(f"{visible(name, 60)} {words}.")
        self._show_watched()

    def _show_watched(self) -> None:
        session, tool = self.session, self._tool
        names = self.watched.of(session.target.key) if session is not None else {}
        self.head.watched.setVisible(tool is not None and str(tool.get("name")) in names)

    def step_problem(self, forward: bool) -> bool:
        """F8 in the Compare tab."""
        if not self.dossier.compare.view.isVisible():
            return False
        self.dossier.compare.step(forward)
        return True

    def _written(self) -> Written | None:
        if self.form is None or self._tool is None or self.session is None:
            return None
        return self.session.target_as_used, str(self._tool.get("name")), self.forms.arguments

    def regions(self) -> list[QWidget]:
        halves = [*([self.form] if self.form is not None else []), self.dossier.tabs]
        return [self.list.view, *([self.halves.switch] if self.halves.single else []), *halves]

    def timed(self) -> int | None:
        return self.dossier.exchange

    def enter(self) -> None:
        self._focus_form()
