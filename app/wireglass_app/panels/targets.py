"""Client configs: which host applications have which servers, changed here, looked at as a difference, then written."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from wireglass.install.source import own_command
from wireglass.install.trial import Trial, try_out
from wireglass.targets.check import EntryWarning
from wireglass.targets.draft import Draft
from wireglass.targets.edit import FileEdit
from wireglass.targets.entry import own_bridge
from wireglass.targets.inventory import Found, survey, this_machine
from wireglass.targets.journal import Journal, default_folder
from wireglass.targets.matrix import Column
from wireglass.targets.servers import Server, StdioServer
from wireglass_app.configs.changing import Changing
from wireglass_app.configs.desk_view import DeskView
from wireglass_app.configs.desktop_strip import DesktopStrip
from wireglass_app.configs.grid import Grid
from wireglass_app.configs.menus import CellActs, as_pasted, fill_cell, fill_import, fill_install
from wireglass_app.configs.offers import OtherWays
from wireglass_app.configs.picking import pick_file, pick_new_file
from wireglass_app.configs.remedies import Remedies, concerned
from wireglass_app.configs.showing import log_of, show_entry
from wireglass_app.configs.watching import Watching
from wireglass_app.configs.words import (
    project_of,
    restart_hint,
    server_of,
    tone,
    words,
)
from wireglass_app.configs.writing import TryOut, Writing
from wireglass_app.controls import column
from wireglass_app.models.client_matrix import ClientMatrix
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.placing import Placing
from wireglass_app.plain import counted, visible

__all__ = ["TargetsPanel"]


class TargetsPanel(Panel):
    """A table of servers and apps, one entry to edit, and the difference of every file that will change."""

    def __init__(self, desk: Desk, *, draft: Draft | None = None, try_out: TryOut = try_out) -> None:
        super().__init__(desk)
        self.setAccessibleName("Client configs")
        self.draft = draft or Draft(this_machine(), Journal(default_folder()), bridge=own_bridge(*own_command()))
        self.model = ClientMatrix(self.draft, self)
        self.grid = Grid(self.model)
        self.desktop = DesktopStrip(desk.bridge, desk.announce)
        self.view = DeskView(self.grid, self.desktop, self._fill_import, self._fill_install)
        self.head, self.warnings, self.footer = self.view.head, self.view.warnings, self.view.footer
        self.form, self.difference = self.view.form, self.view.difference
        self.setLayout(column(self.view, gap=0))
        self.changing = Changing(self.draft, self.model, self.grid, desk.announce, self.refresh)
        self.watching = Watching(desk.bridge, self)
        self.writing = Writing(desk.bridge, self.draft.journal, self, try_out=try_out)
        self.ways = OtherWays(self.draft, desk.bridge, desk.announce, self.read_again, self)
        self.remedies = Remedies(
            self.draft,
            announce=desk.announce,
            compare=self.difference.compare,
            open_file=lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))),
            ask_file=partial(pick_file, self),
            changed=self.refresh,
        )
        self._edits: list[FileEdit] = []
        self._offered: set[str] = set()
        self._surveyed = False
        self._wanted: dict[str, Any] = {}
        self._placing = Placing(self)
        self._listen()

    def _listen(self) -> None:
        self.head.undo_wanted.connect(self.undo_last)
        self.head.new_wanted.connect(self._new_server)
        self.head.scope_chosen.connect(self._set_scope)
        self.warnings.acted.connect(self._act_on)
        self.warnings.chosen.connect(self._show_warning)
        self.grid.toggled.connect(self.changing.toggle)
        self.grid.removed.connect(self.changing.remove)
        self.grid.opened.connect(lambda _index: self.form.command.setFocus())
        self.grid.asked.connect(self._open_menu)
        self.grid.moved.connect(lambda _index: self._moved())
        self.form.server_changed.connect(self.changing.set_server)
        self.form.entry_changed.connect(self.changing.set_entry)
        self.form.start_wanted.connect(self._start_once)
        self.form.refer_wanted.connect(self._refer)
        self.form.head.copy_wanted.connect(self.changing.copy_to_all)
        self.form.head.renamed.connect(self.changing.rename)
        self.footer.write_wanted.connect(self.write)
        self.footer.anyway_wanted.connect(lambda: self.write(anyway=True))
        self.footer.discard_wanted.connect(self.discard)
        self.footer.stop_wanted.connect(self.stop)
        self.watching.found.connect(self.take)
        self.watching.reached.connect(self._reached)
        self.writing.trying.connect(lambda text: self.footer.trying(text, len(self._edits)))
        self.writing.tried.connect(self._tried)
        self.writing.refused.connect(self._refused)
        self.writing.written.connect(self._written)
        self.writing.failed.connect(self._failed)
        self.writing.stopped.connect(self.refresh)
        keys = (("Ctrl+Z", self.undo_last), ("F2", self.form.head.start))
        for key, act in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        workbench = self.desk.workbench
        for signal in (workbench.added, workbench.removed, workbench.session_changed, workbench.current_changed):
            signal.connect(self._offer_open)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read_again()

    def regions(self) -> list[QWidget]:
        return self.view.regions()

    def show_item(self, **facts: Any) -> None:
        """`server` selects a row; `install` also adds it to Claude Desktop, ready to be written; `undo` takes back.

        Before the first survey has come, what is wanted waits for it.
        """
        if not self._surveyed:
            self._wanted = facts
            self._placing.begin()
            return
        if facts.get("undo"):
            self.undo_last()
        name = str(facts.get("server") or facts.get("install") or "")
        name = self.draft.shown_name(name)
        if name not in self.draft.names:
            return
        hosts = [one.target.id for one in self.draft.columns]
        desktop = hosts.index("claude-desktop") if "claude-desktop" in hosts else -1
        index = self.model.index(self.draft.names.index(name), desktop + 1)
        self.grid.setCurrentIndex(index)
        self._placing.place(self.grid)
        if facts.get("install") and desktop >= 0 and self.draft.entry(name, self.draft.columns[desktop]) is None:
            self.changing.toggle(index)

    def run_primary(self) -> None:
        self._start_once()

    def stop(self) -> None:
        self.writing.stop()

    def save(self) -> None:
        self.write()

    def toggle_json(self) -> None:
        other = "form" if self.form.choice.current() == "json" else "json"
        self.form.choice.button(other).click()

    # Reading

    def read_again(self) -> None:
        """Surveys the machine off the Qt thread, and shows what is there now."""
        self.watching.read(self.draft.machine)

    def take(self, found: list[Found]) -> None:
        """Shows what a survey found."""
        self.draft.load(found)
        self.watching.watch(self.draft.columns)
        self._offer_open()
        self.refresh()
        if self.isVisible():
            self.watching.look(self.draft.hosts)
        self._surveyed = True
        wanted, self._wanted = self._wanted, {}
        if wanted:
            self.show_item(**wanted)

    def _reached(self, problems: dict[str, str]) -> None:
        before = list(self.draft.warnings)
        self.draft.note_unreachable(problems)
        if self.draft.warnings != before:
            self.warnings.show_warnings(self.draft.warnings if self.draft.columns else ())
            self._show_entry()

    def _offer_open(self) -> None:
        servers = [server_of(session.target, session.own_name) for session in self.desk.workbench.sessions]
        for name in self._offered - {server.name for server in servers}:
            self.draft.withdraw(name)
        self._offered = {self.draft.offer(server) for server in servers}
        current = self.desk.workbench.current
        project = project_of(current.target) if current else None
        if project != self.draft.machine.project and self.draft.scope == "user":
            self.draft.machine = replace(self.draft.machine, project=project)
        self.head.show_current(current.name if current else None, self.draft.machine.project)
        if self.isVisible():
            self.refresh()

    def _set_scope(self, scope: str) -> None:
        self.draft.discard()
        self.draft.scope = "project" if scope == "project" else "user"
        self.read_again()

    # Showing

    def refresh(self) -> None:
        """The draft has changed: the table, the plans, the form and the words follow."""
        place = self.grid.currentIndex()
        spot, name = (place.row(), place.column()), self.model.name_at(place) if place.isValid() else ""
        self.model.refresh()
        if names := self.draft.names:
            at = names.index(name) if name in names else min(max(0, spot[0]), len(names) - 1)
            self.grid.setCurrentIndex(self.model.index(at, max(0, min(spot[1], len(self.draft.columns)))))
        self._edits, problems = self.draft.edits()
        self.difference.set_edits(self._edits)
        planned = (edit.config for edit in self._edits if edit.config.target.id == "claude-desktop")
        self.desktop.planned(next(planned, None))
        self._show_words(problems[0].message if problems else "")
        self.warnings.show_warnings(self.draft.warnings if self.draft.columns else ())
        self._show_entry()

    def _show_words(self, problem: str) -> None:
        apps, entries = len(self.draft.columns), sum(one.count for one in self.draft.columns)
        counts = (counted(len(self.draft.names), "server"), counted(entries, "entry", "entries"))
        self.head.summary.setText(" · ".join((f"{counted(apps, 'app')} found", *counts)))
        self.view.show_apps(apps)
        self.head.undo_button.setEnabled(self.draft.journal.last() is not None)
        self.footer.setVisible(self.draft.is_dirty)
        if self.writing.is_busy:
            return
        if problem:
            self.footer.blocked(problem, len(self._edits))
        else:
            self.footer.ready(len(self._edits), restart_hint(edit.config.target for edit in self._edits))

    def _moved(self) -> None:
        self.difference.compare(None)
        self._show_entry()

    def _show_entry(self) -> None:
        name, found = self.changing.here()
        show_entry(self.form, self.draft, name, found, self.changing.trials.get(name))
        self.difference.set_log(log_of(self.draft, name))

    # Warnings

    def _show_warning(self, warning: EntryWarning) -> None:
        if warning.server in self.draft.names:
            columns = concerned(self.draft, warning)
            at = self.draft.columns.index(columns[0]) if columns else -1
            self.grid.setCurrentIndex(self.model.index(self.draft.names.index(warning.server), at + 1))
            self.grid.setFocus()
        self.desk.announce(f"{words(warning)} {warning.next_step}")

    def _act_on(self, warning: EntryWarning) -> None:
        if warning.kind != "unreadable":
            self._show_warning(warning)
        self.remedies.act(warning)
        if warning.kind != "differs":
            self.refresh()

    def _refer(self) -> None:
        name, found = self.changing.here()
        if found is not None:
            self.remedies.refer(name, found)
            self.refresh()

    # Changing

    def _new_server(self) -> None:
        number = next(at for at in range(1, len(self.draft.names) + 2) if f"server-{at}" not in self.draft.names)
        name = self.draft.offer(StdioServer(f"server-{number}", "uvx"))
        self._offered.add(name)
        self.refresh()
        self.grid.setCurrentIndex(self.model.index(self.draft.names.index(name), min(1, len(self.draft.columns))))
        if self.draft.columns:
            self.changing.toggle(self.grid.currentIndex())
        self.form.command.setFocus()
        self.form.command.selectAll()

    def discard(self) -> None:
        """Forgets what was not written."""
        self.draft.discard()
        self._offer_open()
        self.refresh()

    # Writing

    def write(self, *, anyway: bool = False) -> None:
        """Starts what is new once, then writes every file of the plan, or none; `anyway` starts nothing."""
        self.form.flush()
        if self._edits and (anyway or self.footer.write_button.isEnabled()):
            self.writing.start(self._edits, self.draft.machine, anyway=anyway)

    def _tried(self, name: str, trial: Trial) -> None:
        self.changing.trials[name] = trial
        if self.changing.here()[0] == name:
            self.form.show_start(trial.text, tone(trial))
        self.desk.announce(f"{visible(name, 60)} {trial.text}")

    def _refused(self, text: str) -> None:
        self.footer.refused(f"Nothing was written. {text}", len(self._edits))
        self.desk.announce(f"Nothing was written. {text}")

    def _written(self, written: list[FileEdit]) -> None:
        self.draft.discard()
        self.take(survey(self.draft.machine))
        for edit in written:
            if edit.config.target.id == "claude-desktop":
                kept = {one.name: one.after for one in edit.changes if one.after is not None}
                self.desktop.written(edit.config, kept)
        hint = restart_hint(edit.config.target for edit in written)
        self.desk.announce(f"{counted(len(written), 'file')} written. {hint}".strip())

    def _failed(self, text: str) -> None:
        self.desk.announce(text)
        self.take(survey(self.draft.machine))

    def undo_last(self) -> None:
        """Puts the dated copies of the last write back."""
        said = self.writing.undo_last(self.draft.machine)
        self.take(survey(self.draft.machine))
        self.desk.announce(said)

    def _start_once(self) -> None:
        name, found = self.changing.here()
        server = self.draft.server(name, found)
        host = found or next(iter(self.draft.columns), None)
        if server is not None and host is not None:
            self.form.show_start("starting…", "muted")
            self.writing.try_one(name, server, host.target, self.draft.machine)

    # Menus

    def _open_menu(self, index: QModelIndex, where: QPoint) -> None:
        self.grid.setCurrentIndex(index)
        menu = QMenu(self)
        self.fill_menu(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def fill_menu(self, menu: QMenu) -> None:
        """The actions of the current cell."""
        name, found = self.changing.here()
        acts = CellActs(
            copy_to_all=self.changing.copy_to_all,
            rename=self.form.head.start,
            remove=lambda: self.changing.remove(self.grid.currentIndex()),
            compare=self.difference.compare,
            connect=self._connect,
        )
        fill_cell(menu, self.draft, self.ways, name, found, acts)

    def _fill_import(self, menu: QMenu) -> None:
        fill_import(menu, self.draft, self._connect)

    def _fill_install(self, menu: QMenu) -> None:
        current = self.desk.workbench.current
        if current is not None:
            server = server_of(current.target, current.name)
            fill_install(menu, self.draft, self.draft.offer(server), self._install)
            menu.addSeparator()
            menu.addAction("Bundle for Claude Desktop (.mcpb)…", lambda: self._bundle(server))

    def _bundle(self, server: Server) -> None:
        write = lambda path: self.ways.bundle(server, Path(path))  # noqa: E731 (asked for later)
        pick_new_file(self, "Write a bundle", f"{server.name}.mcpb", "Bundles (*.mcpb)", write)

    def _install(self, name: str, found: Column) -> None:
        self.grid.setCurrentIndex(self.model.index(self.draft.names.index(name), self.draft.columns.index(found) + 1))
        self.changing.add(name, found)

    def _connect(self, name: str, found: Column) -> None:
        """Opens the server here; what starts it is shown and agreed to as for any other command."""
        if (server := self.draft.server(name, found)) is not None:
            self.desk.go("open-text", text=as_pasted(name, server))
