"""The action table: every command of the workbench once, with its words, menu, key and icon.

Menus, the palette, tooltips and the list of keys are generated from it. What an action does is connected by the window.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from wireglass_app.keys import Keys
from wireglass_app.settings import Settings
from wireglass_app.theme import set_icon

__all__ = ["ACTIONS", "MENUS", "ActionSpec", "Actions", "keys_of", "view_keys"]


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One command. `guarded` actions ignore key repeat."""

    key: str
    text: str
    menu: str
    shortcut: str = ""
    icon: str = ""
    also: str = ""
    """A second key."""
    guarded: bool = False
    separator: bool = False
    """A line above it in the menu."""


MENUS = ("File", "Edit", "View", "Server", "Run", "Session", "Help")

_VIEWS = (
    ("tools", "Tools", "tools"),
    ("resources", "Resources", "file"),
    ("prompts", "Prompts", "prompt"),
    ("logs", "Logs", "logs"),
    ("inbox", "Inbox", "inbox"),
    ("timeline", "Timeline", "timeline"),
    ("frames", "Protocol", "swap"),
    ("history", "History", "history"),
    ("targets", "Client configs", "sliders"),
)
"""Ctrl+1 to Ctrl+9."""

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open", "Open file…", "File", "Ctrl+O", "folder"),
    ActionSpec("connect", "Connect…", "File", "Ctrl+Shift+O", "plug"),
    ActionSpec("save-session", "Save session…", "File", "Ctrl+Shift+S", "save", separator=True),
    ActionSpec("open-session", "Open session…", "File", "", "record"),
    ActionSpec("welcome", "Welcome", "File", "", "wireglass", separator=True),
    ActionSpec("new-window", "Open in new window", "File", "Ctrl+Shift+N", "external"),
    ActionSpec("close-window", "Close window", "File", "Ctrl+W", "close"),
    ActionSpec("save", "Save result or files", "File", "Ctrl+S", "save", guarded=True),
    ActionSpec("undo-write", "Undo last write to an app's files", "File", "", "undo"),
    ActionSpec("quit", "Quit", "File", "Ctrl+Q", separator=True),
    ActionSpec("copy-json", "Copy result as JSON", "Edit", "Ctrl+Shift+C", "copy"),
    ActionSpec("filter", "Filter field", "Edit", "Ctrl+L", "filter"),
    ActionSpec("keep-filter", "Keep the filter under a name", "Edit", "Ctrl+Shift+L", "bookmark"),
    ActionSpec("find", "Find in this pane", "Edit", "Ctrl+F", "search"),
    ActionSpec("settings", "Settings", "Edit", "Ctrl+,", "settings", separator=True),
    ActionSpec("palette", "Command palette", "View", "Ctrl+K", "search", also="Ctrl+Shift+P"),
    ActionSpec("go", "Go to tool, resource, prompt", "View", "Ctrl+P", "search"),
    ActionSpec("back", "Back", "View", "Alt+Left", "back", separator=True),
    ActionSpec("forward", "Forward", "View", "Alt+Right", "forward"),
    ActionSpec("nav", "Show or hide navigation", "View", "Ctrl+B", "sidebar"),
    ActionSpec("drawer", "Show or hide the drawer: logs, stderr, notifications", "View", "Ctrl+J", "drawer"),
    ActionSpec("split", "Split: two views side by side", "View", "Ctrl+\\", "split"),
    ActionSpec("other-pane", "Other pane of the split", "View", "Ctrl+Shift+F6"),
    ActionSpec("next-region", "Next region", "View", "F6"),
    ActionSpec("previous-region", "Previous region", "View", "Shift+F6"),
    ActionSpec("zoom-in", "Larger", "View", "Ctrl++", also="Ctrl+=", separator=True),
    ActionSpec("zoom-out", "Smaller", "View", "Ctrl+-"),
    ActionSpec("zoom-reset", "Normal size", "View", "Ctrl+0"),
    ActionSpec("theme-system", "Theme: system", "View", "", "contrast", separator=True),
    ActionSpec("theme-light", "Theme: light", "View", "", "sun"),
    ActionSpec("theme-dark", "Theme: dark", "View", "", "moon"),
    ActionSpec("theme-contrast", "Theme: high contrast", "View", "", "contrast"),
    *(
        ActionSpec(f"view-{key}", f"View: {title}", "View", f"Ctrl+{at}", icon, separator=at == 1)
        for at, (key, title, icon) in enumerate(_VIEWS, 1)
    ),
    ActionSpec("reload", "Reload server", "Server", "F5", "reload"),
    ActionSpec("doctor", "Check the connection, step by step", "Server", "F7", "pulse"),
    ActionSpec("sign-in", "Sign-in and token…", "Server", "", "key"),
    ActionSpec("disconnect", "Disconnect", "Server", "", "unplug"),
    ActionSpec("close-server", "Close server", "Server", "", "close"),
    ActionSpec("install", "Install into an app", "Server", "", "download"),
    ActionSpec("next-server", "Next server", "Server", "Ctrl+Tab"),
    ActionSpec("run", "Run, read, accept", "Run", "Ctrl+Return", "play", also="Ctrl+Enter", guarded=True),
    ActionSpec("stop", "Stop the running call", "Run", "Ctrl+.", "stop"),
    ActionSpec("repeat", "Run last call again", "Run", "Ctrl+R", "repeat"),
    ActionSpec("repeat-compare", "Run last call again and compare", "Run", "", "compare"),
    ActionSpec("watch", "Watch: run again after each reload and compare", "Run", "Ctrl+Shift+R", "eye"),
    ActionSpec("form-json", "Form or JSON", "Run", "Ctrl+Shift+E", "code"),
    ActionSpec("timing", "Timing of the result", "Run", "Ctrl+Shift+T", "clock"),
    ActionSpec("previous-run", "Previous run or item", "Run", "Alt+Up"),
    ActionSpec("next-run", "Next run or item", "Run", "Alt+Down"),
    ActionSpec("oldest-question", "Oldest question of a server", "Session", "Ctrl+I", "inbox"),
    ActionSpec("decline", "Decline or refuse the question", "Session", "Ctrl+Shift+D", "cross-circle", guarded=True),
    ActionSpec("draft", "Draft a reply with the model", "Session", "Ctrl+D", "spark", guarded=True),
    ActionSpec("rules", "Rules that answer servers", "Session", "", "sliders"),
    ActionSpec("sessions", "The recording and saved sessions", "Session", "", "record", separator=True),
    ActionSpec("note", "Add a note to the recording", "Session", "", "edit"),
    ActionSpec("changes", "What the last reload changed", "Session", "Ctrl+Shift+G", "compare"),
    ActionSpec("compare-runs", "Compare two runs", "Session", "", "compare"),
    ActionSpec("compare-sessions", "Compare two sessions", "Session", "", "compare"),
    ActionSpec("compare-servers", "Compare two servers", "Session", "", "compare"),
    ActionSpec("replay", "Replay a session on a live server", "Session", "", "repeat"),
    ActionSpec("next-problem", "Next violation or change", "Session", "F8", "warning"),
    ActionSpec("previous-problem", "Previous violation or change", "Session", "Shift+F8"),
    ActionSpec("help", "Help on this view", "Help", "F1", "help"),
    ActionSpec("keys", "All keys", "Help", "Ctrl+/", "keyboard"),
    ActionSpec("about", "About Wireglass", "Help", "", "info"),
)


def view_keys() -> tuple[str, ...]:
    """The views that have an action `view-<key>`."""
    return tuple(key for key, _title, _icon in _VIEWS)


def keys_of(settings: Settings) -> Keys:
    """The keys of all actions: the table's, unless the user gave an action others."""
    return Keys(
        {spec.key: tuple(key for key in (spec.shortcut, spec.also) if key) for spec in ACTIONS},
        {spec.key: spec.text for spec in ACTIONS},
        settings,
    )


class Actions(QObject):
    """The table as QActions of one window."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self.specs = {spec.key: spec for spec in ACTIONS}
        self.keys = keys_of(settings)
        self._actions = {key: self._make(window, spec) for key, spec in self.specs.items()}
        settings.changed.connect(self._setting_changed)

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def connect_all(self, handlers: dict[str, Callable[[], Any]]) -> None:
        """Connects each action; raises KeyError when the table and the handlers differ."""
        missing = set(self._actions) ^ set(handlers)
        if missing:
            raise KeyError(f"actions and handlers differ: {', '.join(sorted(missing))}")
        for key, handler in handlers.items():
            self._actions[key].triggered.connect(lambda _checked=False, run=handler: run())

    def trigger(self, key: str) -> None:
        """Does it, if it is enabled."""
        self._actions[key].trigger()

    def menu(self, parent: QWidget, groups: Iterable[str] = MENUS) -> QMenu:
        """The whole table as one menu with a submenu per group."""
        top = QMenu(parent)
        for group in groups:
            self._fill(top.addMenu(group), group)
        return top

    def menu_bar(self, bar: QMenuBar) -> None:
        """The same for a native menu bar."""
        for group in MENUS:
            self._fill(bar.addMenu(group), group)

    def _fill(self, menu: QMenu, group: str) -> None:
        for key, spec in self.specs.items():
            if spec.menu == group:
                if spec.separator:
                    menu.addSeparator()
                menu.addAction(self._actions[key])

    def _make(self, window: QWidget, spec: ActionSpec) -> QAction:
        action = QAction(spec.text.replace("&", "&&"), window)
        action.setShortcuts([QKeySequence(key) for key in self.keys.of(spec.key)])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(not spec.guarded)
        if spec.icon and spec.icon != "wireglass":
            set_icon(action, spec.icon)
        window.addAction(action)
        return action

    def _setting_changed(self, name: str) -> None:
        if name == Keys.SETTING:
            for key, action in self._actions.items():
                action.setShortcuts([QKeySequence(one) for one in self.keys.of(key)])
