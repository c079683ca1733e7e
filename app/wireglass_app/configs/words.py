"""What the Client configs view says, and how it opens menus."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtWidgets import QMenu

from wireglass.install.trial import Trial
from wireglass.launch.environment import child_environment
from wireglass.targets.base import Target as Host
from wireglass.targets.check import EntryWarning
from wireglass.targets.inventory import find_program, this_machine
from wireglass.targets.servers import RemoteServer, Server, StdioServer
from wireglass_app.calls import Target
from wireglass_app.controls import Button
from wireglass_app.plain import visible

__all__ = ["many", "menu_button", "restart_hint", "server_of", "tone", "words"]


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
    hosts = ", ".join(dict.fromkeys(config.target.name for config in warning.configs))
    return f"{visible(warning.server, 60)} in {hosts}: {warning.text}" if warning.server else warning.text


def many(number: int, one: str, several: str = "") -> str:
    """ "1 file", "2 files"."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def tone(trial: Trial | None) -> str:
    """The colour of what starting once has shown."""
    return "muted" if trial is None else "ok" if trial.answered else "bad"


def restart_hint(hosts: Iterable[Host]) -> str:
    """Which apps must be started again, or an empty text."""
    apps = dict.fromkeys(host.name for host in hosts if host.facts.restart == "app")
    return f"Restart {', '.join(apps)} to pick it up." if apps else ""
