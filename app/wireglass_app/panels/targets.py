"""Client configs: which host applications have which servers, changed here, looked at as a difference, then written."""

import asyncio
import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QModelIndex, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from wireglass.errors import WireglassError
from wireglass.install.desktop import log_files
from wireglass.install.source import own_command
from wireglass.install.trial import Trial, try_out
from wireglass.targets.base import NotSupported
from wireglass.targets.check import EntryWarning
from wireglass.targets.draft import Column, Draft
from wireglass.targets.edit import FileEdit, apply, undo
from wireglass.targets.entry import own_bridge
from wireglass.targets.inventory import find_program, survey, this_machine
from wireglass.targets.journal import Journal, default_folder
from wireglass.targets.links import without_secrets
from wireglass.targets.servers import RemoteServer, Server, StdioServer
from wireglass.targets.shell import command_text
from wireglass_app.configs.desktop_strip import DesktopStrip
from wireglass_app.configs.difference import DifferencePane
from wireglass_app.configs.entry_form import EntryForm
from wireglass_app.configs.grid import Grid
from wireglass_app.configs.words import many, menu_button, restart_hint, server_of, tone, words
from wireglass_app.controls import Button, Elided, Empty, IconLabel, Label, Notice, column, row, surface
from wireglass_app.models.client_matrix import ClientMatrix
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.plain import visible

__all__ = ["SPEC", "TargetsPanel"]

_WARNINGS_SHOWN = 2
_SETTLE_MS = 300
"""Programs write in several steps; the files are read again when they have been quiet for so long."""


class TargetsPanel(Panel):
    """A table of servers and apps, one entry to edit, and the difference of every file that will change."""

    def __init__(self, desk: Desk, *, draft: Draft | None = None) -> None:
        super().__init__(desk)
        self.setAccessibleName("Client configs")
        bridge = own_bridge(*own_command())
        self.draft = draft or Draft(this_machine(), Journal(default_folder()), bridge=bridge)
        self.model = ClientMatrix(self.draft, self)
        self.grid = Grid(self.model)
        self.form = EntryForm()
        self.difference = DifferencePane()
        self.desktop = DesktopStrip(desk.bridge, desk.announce)
        self._edits: list[FileEdit] = []
        self._problems: list[str] = []
        self._trials: dict[str, Trial] = {}
        self._offered: set[str] = set()
        self._lay_out()
        self._listen()

    # Layout

    def _lay_out(self) -> None:
        self.summary = Label("", "secondary")
        self.undo_button = Button("Undo last write", "ghost", icon="undo", clicked=self.undo_last)
        self.import_button = menu_button("Import", self._fill_import)
        self.new_button = Button("New server", icon="plus", clicked=self._new_server)
        self.install_button = menu_button("Install", self._fill_install, kind="primary", icon="download")
        head = surface(QWidget(), "panel", "bottom")
        buttons = (self.undo_button, self.import_button, self.new_button, self.install_button)
        title = Label("Client configs", type="title")
        head.setLayout(row(title, self.summary, None, *buttons, gap=10, margins=(14, 8, 14, 8)))
        self.warnings = surface(QWidget(), "panel")
        self.warnings.setLayout(row(gap=8, margins=(14, 8, 14, 8)))
        self.nothing = Empty(
            "sliders",
            "No app that uses MCP servers was found",
            "Wireglass looks for Claude Desktop, Claude Code, Cursor, VS Code, Codex and some forty more. "
            "Install one, start it once, and it appears here.",
        )
        lower = QSplitter(Qt.Orientation.Horizontal)
        lower.addWidget(self.form)
        lower.addWidget(self.difference)
        lower.setSizes([460, 720])
        lower.setStretchFactor(1, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.grid)
        self.split.addWidget(lower)
        self.split.setSizes([240, 400])
        self.split.setStretchFactor(1, 1)
        self.split.setChildrenCollapsible(False)
        self.setLayout(column(head, self.warnings, self.desktop, self.split, self.nothing, self._footer(), gap=0))

    def _footer(self) -> QWidget:
        self.footer_text = Elided("", type="strong")
        self.discard_button = Button("Discard", "ghost", clicked=self.discard)
        self.write_button = Button("Write", "primary", key="Ctrl+S", large=True, clicked=self.write)
        self.footer = surface(QWidget(), "sunken", "top")
        mark = IconLabel("shield", "ok.text")
        layout = row(mark, self.footer_text, self.discard_button, self.write_button, margins=(14, 7, 14, 7))
        layout.setStretch(1, 1)
        self.footer.setLayout(layout)
        return self.footer

    def _listen(self) -> None:
        self.grid.toggled.connect(self._toggle)
        self.grid.removed.connect(self._remove)
        self.grid.opened.connect(lambda _index: self.form.command.setFocus())
        self.grid.asked.connect(self._open_menu)
        self.grid.moved.connect(lambda _index: self._show_entry())
        self.form.server_changed.connect(self._server_typed)
        self.form.entry_changed.connect(self._entry_typed)
        self.form.start_wanted.connect(self._start_once)
        self.form.copy_wanted.connect(self._copy_to_all)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.read_again)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(lambda _path: self._settle.start())
        self._watcher.directoryChanged.connect(lambda _path: self._settle.start())
        for key, act in (("Ctrl+S", self.write), ("Ctrl+Z", self.undo_last)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        workbench = self.desk.workbench
        for signal in (workbench.added, workbench.removed, workbench.session_changed, workbench.current_changed):
            signal.connect(lambda *_facts: self._offer_open())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read_again()

    def regions(self) -> list[QWidget]:
        return [self.grid, self.form.command, self.difference.unified, self.write_button]

    def show_item(self, **facts: Any) -> None:
        """`server` selects a row; `install` adds it to Claude Desktop, ready to be written."""
        name = str(facts.get("server") or facts.get("install") or "")
        if name not in self.draft.names:
            return
        desktop = next((at for at, one in enumerate(self.draft.columns) if one.target.id == "claude-desktop"), 0)
        index = self.model.index(self.draft.names.index(name), desktop + 1)
        self.grid.setCurrentIndex(index)
        if facts.get("install") and self.draft.entry(name, self.draft.columns[desktop]) is None:
            self._toggle(index)

    def run_primary(self) -> None:
        self._start_once()

    def toggle_json(self) -> None:
        other = "form" if self.form.choice.current() == "json" else "json"
        self.form.choice.button(other).click()

    # Reading

    def read_again(self) -> None:
        """Surveys the machine off the Qt thread, and shows what is there now."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # shown before the loop runs, as in a test of one widget
            self.take(survey(self.draft.machine))
            return
        self.desk.bridge.spawn(self._read())

    async def _read(self) -> None:
        self.take(await self.desk.bridge.run(asyncio.to_thread, survey, self.draft.machine))

    def take(self, found: Any) -> None:
        """Shows what a survey found."""
        self.draft.load(found)
        self._watch()
        self._offer_open()
        self.refresh()

    def _watch(self) -> None:
        files = [str(listed.config.path) for one in self.draft.columns for listed in one.files]
        folders = [str(one.primary.path.parent) for one in self.draft.columns if one.primary]
        wanted = {path for path in (*files, *folders) if Path(path).exists()}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := sorted(watched - wanted):
            self._watcher.removePaths(gone)
        if new := sorted(wanted - watched):
            self._watcher.addPaths(new)

    def _offer_open(self) -> None:
        servers = [server_of(session.target, session.name) for session in self.desk.workbench.sessions]
        for name in self._offered - {server.name for server in servers}:
            self.draft.withdraw(name)
        self._offered = {self.draft.offer(server) for server in servers}
        current = self.desk.workbench.current
        self.install_button.setVisible(current is not None)
        if current is not None:
            self.install_button.setText(f"Install {visible(current.name, 24)}")
        if self.isVisible():
            self.refresh()

    # Showing

    def refresh(self) -> None:
        """The draft has changed: the table, the plans, the form and the words follow."""
        place = self.grid.currentIndex()
        spot, name = (place.row(), place.column()), self.model.name_at(place) if place.isValid() else ""
        self.model.refresh()
        if self.draft.names:
            at = (
                self.draft.names.index(name)
                if name in self.draft.names
                else min(max(0, spot[0]), len(self.draft.names) - 1)
            )
            self.grid.setCurrentIndex(self.model.index(at, max(0, min(spot[1], len(self.draft.columns)))))
        self._edits, problems = self.draft.edits()
        self._problems = [problem.message for problem in problems]
        self.difference.set_edits(self._edits)
        planned = (edit.config for edit in self._edits if edit.config.target.id == "claude-desktop")
        self.desktop.planned(next(planned, None))
        self._show_words()
        self._show_warnings()
        self._show_entry()

    def _show_words(self) -> None:
        apps, entries = len(self.draft.columns), sum(one.count for one in self.draft.columns)
        counts = (many(len(self.draft.names), "server"), many(entries, "entry", "entries"))
        self.summary.setText(" · ".join((f"{many(apps, 'app')} found", *counts)))
        self.split.setVisible(apps > 0)
        self.nothing.setVisible(apps == 0)
        count = len(self._edits)
        self.undo_button.setEnabled(self.draft.journal.last() is not None)
        self.footer.setVisible(self.draft.is_dirty)
        self.write_button.setText(f"Write {many(count, 'file')}")
        self.write_button.setEnabled(count > 0 and not self._problems)
        if self._problems:
            self.footer_text.setText(self._problems[0])
        else:
            restart = restart_hint(edit.config.target for edit in self._edits)
            kept = "A dated copy of each is kept, Undo puts it back."
            self.footer_text.setText(f"{many(count, 'file')} will change. {kept} {restart}".strip())

    def _show_warnings(self) -> None:
        layout = self.warnings.layout()
        while layout is not None and (item := layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        shown = self.draft.warnings[:_WARNINGS_SHOWN]
        for warning in shown:
            layout.addWidget(self._notice(warning))  # type: ignore[union-attr]  # set in the constructor
        more = len(self.draft.warnings) - len(shown)
        if more > 0:
            layout.addWidget(menu_button(f"{more} more", self._fill_warnings, kind="ghost"))  # type: ignore[union-attr]
        self.warnings.setVisible(bool(shown) and bool(self.draft.columns))

    def _notice(self, warning: EntryWarning) -> Notice:
        bad = warning.level == "error"
        notice = Notice("bad" if bad else "warn", words(warning), icon="cross-circle" if bad else "warning")
        notice.text.setToolTip(warning.next_step)
        button = Button("Show", "link", name=f"Show {warning.server}", clicked=lambda: self._show_warning(warning))
        notice.lines.addWidget(button)
        return notice

    def _show_warning(self, warning: EntryWarning) -> None:
        paths = {config.path for config in warning.configs}
        at = next((i for i, one in enumerate(self.draft.columns) if {f.config.path for f in one.files} & paths), -1)
        if warning.server in self.draft.names:
            self.grid.setCurrentIndex(self.model.index(self.draft.names.index(warning.server), at + 1))
            self.grid.setFocus()
        self.desk.announce(f"{words(warning)} {warning.next_step}")

    def _here(self) -> tuple[str, Column | None]:
        """The row, and the host that the form edits: the cell's own, else the first that has the server."""
        index = self.grid.currentIndex()
        name, found = self.model.name_at(index), self.model.column_at(index)
        if found is None or self.draft.entry(name, found) is None:
            found = found if found is not None else next(iter(self.draft.listed_in(name)), None)
        return name, found

    def _show_entry(self) -> None:
        name, found = self._here()
        if not name:
            self.form.show_nothing()
            return
        entry = self.draft.entry(name, found) if found else None
        server = self.draft.server(name, found)
        count = len(self.draft.listed_in(name))
        where = f"in {found.target.name}" if entry is not None and found else f"in {many(count, 'app')}"
        notes = [*self.draft.notes.get(name, ()), *self._hints(name, found)]
        self.form.show_entry(name, where, server, entry, tuple(notes))
        self._show_command(server)
        self._show_log(name)
        trial = self._trials.get(name)
        self.form.show_start(trial.text if trial else "not tried yet", tone(trial))

    def _show_log(self, name: str) -> None:
        """Claude Desktop keeps a log for each server; it is a tab beside the differences when there is one."""
        column = next((one for one in self.draft.columns if one.target.id == "claude-desktop"), None)
        config = self.draft.holder(name, column) if column else None
        found = [path for path in log_files(config, name)[::-1] if path.is_file()] if config else []
        self.difference.set_log(found[0] if found else None)

    def _show_command(self, server: Server | None) -> None:
        if not isinstance(server, StdioServer) or not server.command or "$" in server.command:
            self.form.show_command("", "muted")
        elif Path(server.command).is_absolute():
            there = Path(server.command).exists()
            self.form.show_command("found" if there else "missing", "ok" if there else "bad")
        else:
            there = find_program(server.command, self.draft.machine) is not None
            self.form.show_command("in PATH" if there else "not in PATH", "ok" if there else "bad")

    def _hints(self, name: str, found: Column | None) -> list[str]:
        return [
            f"{one.text} {one.next_step}"
            for one in self.draft.warnings
            if one.server == name and (found is None or any(config.target is found.target for config in one.configs))
        ][:3]

    # Changing

    def _toggle(self, index: QModelIndex) -> None:
        name, found = self.model.name_at(index), self.model.column_at(index)
        if found is not None:
            self._said(name, found, self.draft.toggle(name, found))

    def _remove(self, index: QModelIndex) -> None:
        name, found = self.model.name_at(index), self.model.column_at(index)
        for one in [found] if found else self.draft.listed_in(name):
            self.draft.remove(name, one)
        self.desk.announce(f"{visible(name, 60)} will be removed.")
        self.refresh()

    def _said(self, name: str, found: Column, what: str) -> None:
        self.desk.announce(f"{visible(name, 60)} in {found.target.name}: {what}")
        self.refresh()

    def _server_typed(self, server: Server) -> None:
        name, found = self._here()
        if found is not None and (problem := self.draft.set_server(name, found, server)):
            self.desk.announce(problem)
        self.refresh()

    def _entry_typed(self, entry: dict[str, Any]) -> None:
        name, found = self._here()
        if found is not None:
            self.draft.set_entry(name, found, entry)
        self.refresh()

    def _copy_to_all(self) -> None:
        name, found = self._here()
        if found is None:
            return
        left = self.draft.copy_to_all(name, found)
        self.desk.announce(
            f"Not possible for {', '.join(left)}." if left else f"{visible(name, 60)} goes to every app."
        )
        self.refresh()

    def _new_server(self) -> None:
        number = 1
        while f"server-{number}" in self.draft.names:
            number += 1
        name = self.draft.offer(StdioServer(f"server-{number}", "uvx"))
        self._offered.add(name)
        self.refresh()
        self.grid.setCurrentIndex(self.model.index(self.draft.names.index(name), min(1, len(self.draft.columns))))
        if self.draft.columns:
            self._toggle(self.grid.currentIndex())
        self.form.command.setFocus()
        self.form.command.selectAll()

    def discard(self) -> None:
        """Forgets what was not written."""
        self.draft.discard()
        self.refresh()

    # Writing

    def write(self) -> None:
        """Writes every file of the plan, or none."""
        self.form.flush()
        if not self._edits or self._problems:
            return
        written = self._edits
        names = ", ".join(dict.fromkeys(edit.config.target.name for edit in written))
        try:
            outcome = apply(written, self.draft.journal, label=f"Client configs: {names}")
        except WireglassError as problem:
            self.desk.announce(f"{problem.message} {problem.next_step}".strip())
            self.take(survey(self.draft.machine))
            return
        self.draft.discard()
        self.take(survey(self.draft.machine))
        hint = restart_hint(edit.config.target for edit in written)
        self._tell_desktop(written)
        self.desk.announce(f"{many(len(outcome.written), 'file')} written. {hint}".strip())

    def _tell_desktop(self, written: list[FileEdit]) -> None:
        for edit in written:
            if edit.config.target.id == "claude-desktop":
                kept = {one.name: one.after for one in edit.changes if one.after is not None}
                self.desktop.written(edit.config, kept)

    def undo_last(self) -> None:
        """Puts the dated copies of the last write back."""
        act = self.draft.journal.last()
        if act is None:
            self.desk.announce("There is nothing to undo.")
            return
        results = undo(act, self.draft.journal, self.draft.machine)
        failed = [f"{one.path.name}: {one.reason}" for one in results if one.how == "not possible"]
        self.take(survey(self.draft.machine))
        self.desk.announce("; ".join(failed) or f"Undone: {act.label}.")

    # Starting once

    def _start_once(self) -> None:
        name, found = self._here()
        server = self.draft.server(name, found)
        host = found or next(iter(self.draft.columns), None)
        if server is None or host is None:
            return
        self.form.show_start("starting…", "muted")
        self.desk.bridge.spawn(self._try(name, server, host))

    async def _try(self, name: str, server: Server, host: Column) -> None:
        self._trials[name] = trial = await self.desk.bridge.run(try_out, server, host.target, self.draft.machine)
        self.desk.announce(f"{visible(name, 60)} {trial.text}")
        if self._here()[0] == name:
            self.form.show_start(trial.text, tone(trial))

    # Menus

    def _open_menu(self, index: QModelIndex, where: QPoint) -> None:
        self.grid.setCurrentIndex(index)
        menu = QMenu(self)
        name, found = self._here()
        if found is not None and self.draft.entry(name, found) is not None:
            menu.addAction("Copy to all apps", self._copy_to_all)
            menu.addAction("Connect in Wireglass", lambda: self._connect(name, found))
            self._add_copies(menu, name, found)
        menu.addAction("Remove", lambda: self._remove(index))
        if found is not None and (config := self.draft.holder(name, found)) is not None:
            folder = QUrl.fromLocalFile(str(config.path.parent))
            menu.addAction("Show file in its folder", lambda: QDesktopServices.openUrl(folder))
        menu.exec(where)

    def _add_copies(self, menu: QMenu, name: str, found: Column) -> None:
        server, entry = self.draft.server(name, found), self.draft.entry(name, found)
        if server is None or entry is None:
            return
        copy = QGuiApplication.clipboard().setText
        menu.addAction("Copy entry as JSON", lambda: copy(json.dumps({name: entry}, ensure_ascii=False, indent=2)))
        plain = without_secrets(server)
        try:
            link = found.target.link(plain, found.target.entry(plain)) if found.target.link else None
        except NotSupported:
            link = None
        if link:
            menu.addAction("Copy install link (no secrets)", lambda: copy(link))
        command = found.target.commands(plain, "user") if found.target.commands else None
        if command:
            menu.addAction("Copy its own command (no secrets)", lambda: copy(command_text(command.argv)))

    def _fill_import(self, menu: QMenu) -> None:
        for name in self.draft.names:
            found = next(iter(self.draft.listed_in(name)), None)
            if found is not None:
                menu.addAction(visible(name, 60).replace("&", "&&"), lambda n=name, f=found: self._connect(n, f))
        if menu.isEmpty():
            menu.addAction("No app lists a server").setEnabled(False)

    def _fill_install(self, menu: QMenu) -> None:
        current = self.desk.workbench.current
        for one in self.draft.columns if current else []:
            action = menu.addAction(one.target.name, lambda c=one: self._install(current.name, c))  # type: ignore[union-attr]
            action.setEnabled(self.draft.entry(current.name, one) is None)  # type: ignore[union-attr]

    def _fill_warnings(self, menu: QMenu) -> None:
        for warning in self.draft.warnings[_WARNINGS_SHOWN:]:
            menu.addAction(words(warning).replace("&", "&&"), lambda w=warning: self._show_warning(w))

    def _install(self, name: str, found: Column) -> None:
        self.grid.setCurrentIndex(self.model.index(self.draft.names.index(name), self.draft.columns.index(found) + 1))
        self._said(name, found, self.draft.add(name, found))

    def _connect(self, name: str, found: Column) -> None:
        """Opens the server here; what starts it is shown and agreed to as for any other command."""
        server = self.draft.server(name, found)
        if isinstance(server, RemoteServer):
            entry: dict[str, Any] = {"url": server.url, "headers": dict(server.headers), "type": server.transport}
        elif server is not None:
            entry = {"command": server.command, "args": list(server.args), "env": dict(server.env)}
            entry |= {"cwd": server.cwd} if server.cwd else {}
        else:
            return
        self.desk.go("open-text", text=json.dumps({"mcpServers": {name: entry}}))


SPEC = PanelSpec("targets", "Client configs", "sliders", "setup", TargetsPanel, shortcut="Ctrl+9", strip=False)
