"""From what the user names (a file, a command, a URL, JSON) to a running server, with consent in between."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from wireglass.errors import LaunchError
from wireglass.launch.find import ServerFinding, find_server, split_spec
from wireglass.launch.interpreter import Interpreter, InterpreterKind, choose, options
from wireglass.launch.run import ChildCommand, child_command
from wireglass.launch.trust import TrustStore, trust_request
from wireglass.resources import resource_path
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Target
from wireglass_app.failures import script_of
from wireglass_app.known import KnownServer, known_servers, recent_entry, recent_target, unfinished_values
from wireglass_app.preferences.index import RELOAD, RUN_PYTHON, RUN_WITH
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.workbench import Workbench

if TYPE_CHECKING:  # each dialog loads when it asks for the first time
    from wireglass_app.dialogs.allow import AllowDialog, Allowed, Candidate
    from wireglass_app.dialogs.connect import ConnectDialog
    from wireglass_app.dialogs.trust import Agreed, TrustDialog

__all__ = ["Opener"]

_RECENT = 12


class Opener(QObject):
    """Reads first, asks, then runs. `say` shows a sentence when something cannot be opened."""

    def __init__(
        self,
        window: QWidget,
        bridge: Bridge,
        workbench: Workbench,
        settings: Settings,
        trust: TrustStore,
        say: Callable[[str], object],
    ) -> None:
        super().__init__(workbench)  # not the window's: windows come and go
        self._window = window
        self._bridge = bridge
        self._workbench = workbench
        self._settings = settings
        self._trust = trust
        self._say = say
        workbench.added.connect(self._watch_sign_in)
        workbench.removed.connect(self._session_removed)
        self.dialog: TrustDialog | ConnectDialog | AllowDialog | None = None
        """The question on the screen, if there is one."""
        self._instead: tuple[str, ServerSession | None] = ("", None)
        """The file that is opened in place of a server whose command could not be started."""

    def set_window(self, window: QWidget) -> None:
        """Questions appear over this window from now on."""
        self._window = window

    def pick_file(self) -> None:
        """Open in the File menu."""
        picker = QFileDialog(self._window, "Open a server file", self._settings.get("open.folder", ""))
        picker.setNameFilters(["Python files (*.py)", "All files (*)"])
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(self._file_picked)
        picker.open()

    def _file_picked(self, path: str) -> None:
        self._settings.set("open.folder", str(Path(path).parent))
        self.open_spec(path)

    def open_spec(self, spec: str, python: str | None = None) -> None:
        """FILE or FILE:NAME: reads it, asks unless it is trusted, then runs it."""
        self._bridge.spawn(self._open(spec, python), self)

    def open_example(self, file: str) -> None:
        """One of the servers that ship with Wireglass; they are ours, so nothing is asked."""
        self._bridge.spawn(self._open(str(resource_path("servers", file)), None), self)

    def open_text(self, text: str) -> None:
        """What was typed or pasted: a file, a URL, a command line or a JSON config."""
        from wireglass_app.dialogs.target_text import guess_target, is_json

        try:
            if is_json(text):
                self._open_json(text)
            elif split_spec(text)[0].suffix == ".py" and split_spec(text)[0].expanduser().is_file():
                self.open_spec(text)
            else:
                self.open_target(guess_target(text))
        except ValueError as problem:
            self._say(str(problem))

    def open_target(self, target: Target) -> ServerSession:
        """Connects to what the user typed or agreed to."""
        self._remember(target)
        return self._workbench.open(target)

    def ask_target(self, target: Target | None) -> None:
        """The connect dialog, filled with a target to change. A changed one replaces the server it came from."""
        from wireglass_app.dialogs.connect import ConnectDialog

        dialog = ConnectDialog(self._window, target)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(lambda chosen: self._target_chosen(dialog, target, chosen))
        dialog.mend_wanted.connect(self.mend)
        dialog.handed_over.connect(self._open_later)
        dialog.servers_chosen.connect(lambda servers: QTimer.singleShot(0, self, lambda: self.open_known(servers)))
        dialog.apps_wanted.connect(lambda: self._bridge.spawn(self._show_known(dialog), self, dialog))
        self._show(dialog)

    def _open_later(self, text: str) -> None:
        """After the dialog that hands it over has gone: one is shown at a time."""
        QTimer.singleShot(0, self, lambda: self.open_text(text))

    async def _show_known(self, dialog: "ConnectDialog") -> None:
        from wireglass.targets.inventory import survey, this_machine

        dialog.show_known(await self._bridge.compute(lambda: known_servers(survey(this_machine()))))

    def _target_chosen(self, dialog: "ConnectDialog", before: Target | None, chosen: Target) -> None:
        session = self._connect_again(dialog.session.target if dialog.session is not None else before, chosen)
        session = session or self.open_target(chosen)
        if chosen.kind != "stdio":
            dialog.follow(session)

    def _connect_again(self, before: Target | None, chosen: Target) -> ServerSession | None:
        for session in self._workbench.sessions:
            if before is not None and session.target is before:
                session.target = chosen
                session.spawn(session.restart())
                return session
        return None

    def show_sign_in(self, session: ServerSession) -> None:
        """The connect dialog on a connected server: a page that waits for a person, and the token's facts."""
        from wireglass_app.dialogs.connect import ConnectDialog

        if isinstance(self.dialog, ConnectDialog) and self.dialog.session is session:
            return
        if session.target.kind == "stdio" or session.recorded:
            self._say("Only servers behind a URL are signed in to.")
            return
        if self.dialog is not None:
            return
        dialog = ConnectDialog(self._window, session.target)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(lambda chosen: self._target_chosen(dialog, session.target, chosen))
        dialog.mend_wanted.connect(self.mend)
        dialog.follow(session, stays=session.usable and session.sign_in.asking is None)
        self._show(dialog)

    def mend(self, session: ServerSession, offer: str) -> None:
        """Carries out what a failure offers, by the key of its `Offer`."""
        target = session.target
        if offer == "choose-program":
            name = PurePath(target.command).name
            self._pick(f"Choose {name}", lambda path: self._connect_again(target, replace(target, command=path)))
        elif offer == "embedded":
            self._bridge.spawn(self._open(_spec_of(target), None, "embedded", instead=session), self)
        elif offer == "sse":
            self._remember(agreed := replace(target, kind="sse"))
            self._connect_again(target, agreed)
        elif offer == "any-version":
            self._connect_again(target, replace(target, any_version=True))
        elif offer == "sign-in":
            self._connect_again(target, target)  # refused once more, a kept token gives way to a new page
        elif offer == "password":
            self._ask_password(session)
        elif offer == "open-line" and session.failure is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(session.failure.file))

    def _ask_password(self, session: ServerSession) -> None:
        from wireglass_app.dialogs.connect import ConnectDialog

        if not (isinstance(self.dialog, ConnectDialog) and self.dialog.session is session):
            self.ask_target(session.target)
        if isinstance(self.dialog, ConnectDialog):
            self.dialog.ask_password()

    def _pick(self, title: str, chosen: Callable[[str], Any]) -> None:
        picker = QFileDialog(self._window, title)
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(chosen)
        picker.open()

    def _watch_sign_in(self, session: ServerSession) -> None:
        session.sign_in.wanted.connect(lambda: self._permission_wanted(session))

    def _session_removed(self, session: ServerSession) -> None:
        """It was closed from another window: the dialog that shows it has nothing to show any more."""
        from wireglass_app.dialogs.connect import ConnectDialog

        if isinstance(self.dialog, ConnectDialog) and self.dialog.session is session:
            self.dialog.reject()

    def _permission_wanted(self, session: ServerSession) -> None:
        """A call needs more than the token allows: the dialog comes back. While connecting, its own page shows it."""
        if session.usable:
            self.show_sign_in(session)

    def _open_json(self, text: str) -> None:
        from wireglass_app.dialogs.target_text import targets_in_json

        targets = targets_in_json(text)
        if not targets:
            raise ValueError("The JSON names no server with a command or a URL.")
        if len(targets) == 1:
            self.ask_target(targets[0])  # pasted commands are looked at before they run
        else:
            self.ask_to_open(targets, "the pasted JSON")

    def open_known(self, servers: Sequence[KnownServer]) -> None:
        """Servers of other apps: what may run is agreed to first; what only the other app can fill in is asked."""
        whole = [one for one in servers if not unfinished_values(one.target)]
        if whole:
            self.ask_to_open([one.target for one in whole], ", ".join(dict.fromkeys(one.apps[0] for one in whole)))
        elif servers:
            self._say("Values such as ${…} are filled in by the other app: give them here.")
            self.ask_target(servers[0].target)

    def open_recent(self, key: str) -> None:
        """One that was opened here before."""
        for entry in self._settings.get("recent", []):
            found = recent_target(entry)
            if found is None or found[0].key != key:
                continue
            target, incomplete = found
            if target.spec:
                self.open_spec(target.spec)
            elif incomplete:
                self._say("Values of variables and headers are not kept: give them again.")
                self.ask_target(target)
            else:
                self.open_target(target)
            return

    def ask_to_open(self, targets: Sequence[Target], source: str) -> None:
        """Opens what was agreed to before, and asks for the rest."""
        from wireglass_app.dialogs.allow import AllowDialog

        candidates = [self._candidate(target) for target in targets]
        asked = [one for one in candidates if one.why or one.target.kind != "stdio"]
        if not any(one.why for one in candidates):
            for target in targets:
                self.open_target(target)
            return
        dialog = AllowDialog(self._window, asked, source)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.allowed.connect(lambda allowed: self._allowed(allowed))
        self._show(dialog)
        for one in candidates:
            if one not in asked:
                self.open_target(one.target)

    def _candidate(self, target: Target) -> "Candidate":
        from wireglass_app.dialogs.allow import Candidate

        if target.kind != "stdio":
            return Candidate(target, target.url)
        child = _child_of(target)
        return Candidate(target, child.text, self._trust.why_ask(trust_request(child)))

    def _allowed(self, allowed: "Allowed") -> None:
        for target in allowed.targets:
            if allowed.always and target.kind == "stdio":
                try:
                    self._trust.agree(trust_request(_child_of(target)))
                except OSError as problem:
                    self._say(
                        f"The trust list could not be written, so you will be asked again: {problem}. "
                        "Make its folder writable to keep what you agree to."
                    )
            self.open_target(target)

    async def _open(
        self,
        spec: str,
        python: str | None,
        kind: InterpreterKind | None = None,
        instead: ServerSession | None = None,
    ) -> None:
        """`kind` is the way to run it that was asked for; `instead` is the server that it takes the place of."""
        try:
            finding = await self._bridge.compute(find_server, spec)
            offered = await self._bridge.compute(options, finding)
            preferred = await self._bridge.compute(lambda: self._preferred(finding, python, kind))
        except LaunchError as problem:
            self._say(f"{problem.message} {problem.next_step}".strip())
            return
        self._instead = (finding.spec, instead)
        child = child_command(finding, preferred)
        bundled = _is_ours(finding)
        why = "" if bundled else self._trust.why_ask(trust_request(child, finding))
        if why or not finding.runnable:
            self._ask(finding, offered, preferred, why)
        else:
            self._run(finding, preferred, reload=not bundled and self._settings.get(RELOAD, True))

    def _preferred(
        self, finding: ServerFinding, python: str | None, kind: InterpreterKind | None = None
    ) -> Interpreter:
        """What was named for this file, else what the settings say, else what fits the file best."""
        if kind is not None:
            return choose(finding, kind=kind)
        way = self._settings.get(RUN_WITH, "")
        if python is None and way == "python" and self._settings.get(RUN_PYTHON, ""):
            python = self._settings.get(RUN_PYTHON, "")
        elif python is None and way in ("uv", "embedded") and any(one.kind == way for one in options(finding)):
            return choose(finding, kind=way)
        return choose(finding, python=python)

    def _ask(self, finding: ServerFinding, offered: list[Interpreter], preferred: Interpreter, why: str) -> None:
        from wireglass_app.dialogs.trust import TrustDialog

        dialog = TrustDialog(self._window, finding, offered, preferred, why)
        dialog.reload.setChecked(self._settings.get(RELOAD, True))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.agreed.connect(lambda agreed: self._agreed(finding, agreed))
        dialog.chosen.connect(self._open_later)
        dialog.look.connect(lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(path)))
        self._show(dialog)

    def _show(self, dialog: "TrustDialog | ConnectDialog | AllowDialog") -> None:
        self.dialog = dialog
        dialog.finished.connect(lambda _result: self._dialog_over())
        dialog.open()

    def _dialog_over(self) -> None:
        self.dialog = None
        for session in self._workbench.sessions:
            if session.usable and session.sign_in.asking is not None:  # it had to wait for this dialog
                self.show_sign_in(session)
                return

    def _agreed(self, finding: ServerFinding, agreed: "Agreed") -> None:
        if agreed.how == "folder":
            try:
                self._trust.agree(trust_request(child_command(finding, agreed.interpreter), finding))
            except OSError as problem:
                self._say(
                    f"The trust list could not be written, so you will be asked again: {problem}. "
                    "Make its folder writable to keep what you agree to."
                )
        self._run(finding, agreed.interpreter, reload=agreed.reload)

    def _run(self, finding: ServerFinding, interpreter: Interpreter, *, reload: bool) -> None:
        child = child_command(finding, interpreter)
        runner = {"project": ".venv", "uv": "uv", "embedded": "built in", "explicit": "chosen Python"}
        target = Target(
            name=finding.path.stem if finding.path.stem != "server" else finding.folder.name,
            kind="stdio",
            command=child.command,
            args=tuple(child.args),
            env=tuple(child.env.items()),
            cwd=os.fspath(child.cwd),
            spec=finding.spec,
            runner=runner[interpreter.kind],
            reload=reload,
        )
        for session in self._workbench.sessions:
            if session.target.spec == target.spec or (target.spec, session) == self._instead:
                self._instead = ("", None)
                session.target = target
                self._workbench.make_current(session)
                session.spawn(session.restart())
                return
        self.open_target(target)

    def _remember(self, target: Target) -> None:
        recent = [entry for entry in self._settings.get("recent", []) if entry.get("key") != target.key]
        self._settings.set("recent", [recent_entry(target), *recent][:_RECENT])


def _child_of(target: Target) -> ChildCommand:
    return ChildCommand(target.command, target.args, dict(target.added), Path(target.cwd or Path.home()))


def _spec_of(target: Target) -> str:
    """The server file of a command, from the folder where it would start."""
    at = target.args.index("--directory") + 1 if "--directory" in target.args else 0
    folder = Path(target.cwd or Path.cwd(), target.args[at] if 0 < at < len(target.args) else "")
    return target.spec or str(folder / script_of(target))


def _is_ours(finding: ServerFinding) -> bool:
    return finding.path.is_relative_to(resource_path("servers"))
