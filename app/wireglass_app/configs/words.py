"""What the Client configs view says, and how it opens menus."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtWidgets import QMenu

from wireglass.install.trial import Trial
from wireglass.launch.environment import child_environment
from wireglass.targets.base import Target as Host
from wireglass.targets.check import EntryWarning
from wireglass.targets.facts import Machine
from wireglass.targets.inventory import find_program, this_machine
from wireglass.targets.servers import RemoteServer, Server, StdioServer
from wireglass_app.calls import Target
from wireglass_app.controls import Button
from wireglass_app.plain import visible

__all__ = [
    "action_word",
    "command_state",
    "menu_button",
    "project_of",
    "reference_of",
    "restart_hint",
    "server_of",
    "tone",
    "word_parts",
    "words",
]


def server_of(target: Target, name: str) -> Server:
    """What an open server is, in the terms of the files: only variables that a host would not set by itself."""
    if target.kind != "stdio":
        return RemoteServer(name, target.url, target.kind, dict(target.headers))
    plain = child_environment()
    whole = dict(target.env) if target.env is not None else {}
    env = {key: value for key, value in whole.items() if plain.get(key) != value} | dict(target.added)
    command = target.command
    if not Path(command).is_absolute():
        command = find_program(command, this_machine()) or command
    return StdioServer(name, command, target.args, env, target.cwd)


def project_of(target: Target) -> str | None:
    """The folder of a server that runs here: its project's files can be edited too."""
    if target.kind != "stdio":
        return None
    if target.cwd:
        return target.cwd
    return str(Path(target.spec).absolute().parent) if target.spec else None


def command_state(server: Server | None, machine: Machine) -> tuple[str, str]:
    """What is known about a command, and the colour of it."""
    if not isinstance(server, StdioServer) or not server.command or "$" in server.command:
        return "", "muted"
    if Path(server.command).is_absolute():
        return ("found", "ok") if Path(server.command).exists() else ("missing", "bad")
    return ("in PATH", "ok") if find_program(server.command, machine) else ("not in PATH", "bad")


def menu_button(text: str, fill: Callable[[QMenu], None], *, kind: str = "", icon: str = "") -> Button:
    """A button whose menu is filled each time it opens."""
    button = Button(text, kind, icon=icon)
    button.setProperty("menu", "true")
    menu = QMenu(button)

    def opened() -> None:
        menu.clear()
        fill(menu)

    menu.aboutToShow.connect(opened)
    button.setMenu(menu)
    return button


def words(warning: EntryWarning) -> str:
    """A warning in one sentence."""
    whose, rest = word_parts(warning)
    return f"{whose}{rest}"


def word_parts(warning: EntryWarning) -> tuple[str, str]:
    """The same in two: whose it is, and what is wrong."""
    hosts = ", ".join(dict.fromkeys(config.target.name for config in warning.configs))
    if warning.server:
        return visible(warning.server, 60), f" in {hosts}: {warning.text}"
    return hosts, f", {warning.configs[0].path.name}: {warning.text}"


def action_word(warning: EntryWarning) -> str:
    """What the button beside a warning does."""
    if warning.kind == "missing command":
        return "Find it…"
    if warning.kind == "differs":
        return "Compare"
    if warning.kind == "unreadable":
        return "Open file"
    if warning.kind == "unknown key" and warning.about:
        return "Remove it" if len(warning.about) == 1 else "Remove them"
    if warning.kind == "secret" and (reference := reference_of(warning.configs[0].target)):
        return f"Use {reference}"
    return "Show"


def reference_of(host: Host) -> str:
    """How a reference looks in this host, shortened for a button; empty where it has none that is known."""
    if host.id in ("codex", "goose"):
        return "its environment"
    reference = host.reference("…")
    return reference or ""


def tone(trial: Trial | None) -> str:
    """The colour of what starting once has shown."""
    return "muted" if trial is None else "ok" if trial.answered else "bad"


def restart_hint(hosts: Iterable[Host]) -> str:
    """Which apps must be started again, or an empty text."""
    apps = dict.fromkeys(host.name for host in hosts if host.facts.restart == "app")
    return f"Restart {', '.join(apps)} to pick it up." if apps else ""
