"""The Files group: where Wireglass keeps what, each folder a click away, and what this is."""

from pathlib import Path

from platformdirs import user_state_path
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from wireglass.targets.journal import default_folder
from wireglass_app.controls import Button, Elided, Label, column, row
from wireglass_app.preferences.lines import Card, Group, Line, Stack

__all__ = ["FilesGroup"]


class FilesGroup(Group):
    """Names files; opening shows the folder in the system's file manager, and opens no file."""

    def __init__(self, settings_file: Path, trust_file: Path) -> None:
        places = (
            ("Settings", settings_file),
            ("Trusted folders", trust_file),
            ("Recordings of this session", user_state_path("wireglass", appauthor=False) / "recordings"),
            ("Dated copies of apps' files", default_folder()),
        )
        listed = Stack(4)
        listed.fill([_place(title, path) for title, path in places])
        super().__init__(
            "files",
            "Files",
            Card(Line("files", listed, below=True)),
            Card(Line("about", Label(_about(), "secondary", wrap=True), below=True)),
        )


def _place(title: str, path: Path) -> QWidget:
    line = QWidget()
    shown = Elided(str(path), type="mono-small", middle=True)
    show = Button("Show folder", "link", name=f"Show the folder of: {title}", clicked=lambda: _show(path))
    layout = row(column(Label(title, "secondary"), shown, gap=1), show)
    layout.setStretch(0, 1)
    line.setLayout(layout)
    return line


def _show(path: Path) -> None:
    folder = path if path.is_dir() else path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent  # nothing was written there yet
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _about() -> str:
    from wireglass import __version__

    return (
        f"Wireglass {__version__}. No account, no telemetry. Fonts: Inter and JetBrains Mono, under the SIL Open Font "
        "License; their licences are beside them in the fonts folder."
    )
