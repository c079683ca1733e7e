"""A file dialog of Client configs waits for nobody: the window goes on, and may even be closed below it."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import delete, isValid

from wireglass_app.configs.picking import pick_file, pick_new_file


def test_what_is_picked_comes_later(qtbot, tmp_path: Path) -> None:
    picked: list[str] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    (tmp_path / "node").touch()
    dialog = pick_file(parent, "Find node", picked.append)
    assert dialog.isVisible()
    assert not picked
    dialog.selectFile(str(tmp_path / "node"))
    dialog.accept()
    assert [Path(one) for one in picked] == [tmp_path / "node"]
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=30_000)


def test_a_new_file_is_named(qtbot, tmp_path: Path) -> None:
    picked: list[str] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = pick_new_file(parent, "Write a bundle", str(tmp_path / "desk.mcpb"), "Bundles (*.mcpb)", picked.append)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    dialog.accept()
    assert [Path(one) for one in picked] == [tmp_path / "desk.mcpb"]


def test_a_dialog_goes_with_its_window(qtbot) -> None:
    parent = QWidget()
    dialog = pick_file(parent, "Find node", lambda _path: None)
    delete(parent)
    assert not isValid(dialog)
