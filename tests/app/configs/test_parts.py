"""The parts of Client configs by themselves: chips, names, masks, logs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.targets.machines import machine_in
from wireglass_app.configs.app_log import AppLog, line_of, logs_about
from wireglass_app.configs.argument_chips import ArgumentChips
from wireglass_app.configs.entry_head import EntryHead
from wireglass_app.configs.masks import masked, unmasked
from wireglass_app.payloads.highlight import Highlighter


@pytest.fixture
def chips(qtbot, look) -> ArgumentChips:
    made = ArgumentChips()
    qtbot.addWidget(made)
    made.resize(400, 120)
    made.show()
    made.set_values(("run", "--directory", "/srv/a b"))
    made.setFocus()
    return made


def test_enter_adds_an_argument_as_it_was_typed(chips: ArgumentChips, qtbot) -> None:
    """Commas, blanks and quotes are part of an argument."""
    with qtbot.waitSignal(chips.edited, timeout=30_000):
        QTest.keyClicks(chips.line, "a,b 'c'")
    assert chips.values() == ("run", "--directory", "/srv/a b", "a,b 'c'"), "also before Enter"
    QTest.keyClick(chips.line, Qt.Key.Key_Return)
    assert chips.line.text() == ""
    assert len(chips._chips) == 4


def test_a_chip_is_edited_in_its_place(chips: ArgumentChips) -> None:
    chips._chips[1].click()
    assert chips.line.text() == "--directory"
    assert chips.values() == ("run", "--directory", "/srv/a b")
    QTest.keyClicks(chips.line, "--project")
    assert chips.values() == ("run", "--project", "/srv/a b")
    chips._chips[1].click()
    assert chips.values() == ("run", "--project", "/srv/a b")
    assert chips.line.text() == "/srv/a b"


def test_backspace_takes_the_last_one_back_and_delete_removes_one(chips: ArgumentChips, qtbot) -> None:
    QTest.keyClick(chips.line, Qt.Key.Key_Backspace)
    assert chips.line.text() == "/srv/a b"
    with qtbot.waitSignal(chips.edited, timeout=30_000):
        QTest.keyClick(chips._chips[0], Qt.Key.Key_Delete)
    assert chips.values() == ("--directory", "/srv/a b")


def test_the_field_moves_between_the_chips(chips: ArgumentChips) -> None:
    QTest.keyClick(chips.line, Qt.Key.Key_Left)
    QTest.keyClick(chips.line, Qt.Key.Key_Left)
    QTest.keyClicks(chips.line, "-q")
    assert chips.values() == ("run", "-q", "--directory", "/srv/a b")
    QTest.keyClick(chips.line, Qt.Key.Key_Right)
    QTest.keyClicks(chips.line, "x")
    assert chips.values() == ("run", "-q", "--directory", "x", "/srv/a b")


def test_several_lines_paste_as_several_arguments(chips: ArgumentChips) -> None:
    QApplication.clipboard().setText("--one\n--two\n")
    QTest.keyClick(chips.line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert chips.values()[-2:] == ("--one", "--two")


def test_chips_say_what_they_are(chips: ArgumentChips) -> None:
    chips.set_values(("", "&a"))
    assert [chip.text() for chip in chips._chips] == ['""', "&&a"]
    assert chips._chips[0].accessibleName() == "Argument without text, press to edit"
    chips.set_read_only(True)
    assert not chips.line.isVisible()
    assert not chips._chips[0].isEnabled()


def test_a_name_is_changed_in_place_and_escape_keeps_it(qtbot, look) -> None:
    head = EntryHead()
    qtbot.addWidget(head)
    head.show_entry("old", "in Cursor", there=True)
    head.resize(400, 36)
    head.show()
    names: list[str] = []
    head.renamed.connect(names.append)
    head.start()
    QTest.keyClicks(head.name, "other")
    QTest.keyClick(head.name, Qt.Key.Key_Escape)
    assert names == []
    head.start()
    QTest.keyClicks(head.name, "new")
    QTest.keyClick(head.name, Qt.Key.Key_Return)
    assert names == ["new"]
    assert head.name.isHidden()
    head.show_entry("Entry", "", there=False, known=False)
    head.start()
    assert head.name.isHidden()


def test_secrets_are_masked_and_put_back() -> None:
    entry = {"command": "x", "env": {"API_TOKEN": "abcdef1234", "MODE": "test"}, "list": [{"password": "longsecret99"}]}
    shown, hidden = masked(entry)
    assert shown["env"] == {"API_TOKEN": "••••••••1234", "MODE": "test"}
    assert "longsecret99" not in str(shown)
    assert unmasked(shown, hidden) == entry
    shown["env"]["API_TOKEN"] = "new"
    assert unmasked(shown, hidden)["env"]["API_TOKEN"] == "new"


def test_a_margin_is_not_coloured() -> None:
    rows = ['  14   14 + "args": [1]', "  15   15 +   key = 1"]
    plain = [(start + 12, length, kind) for start, length, kind in Highlighter("json").stretches([rows[0][12:]], 0)]
    assert Highlighter("json@12").stretches(rows, 0) == plain
    assert plain
    assert all(start >= 12 for start, _, _ in Highlighter("toml@12").stretches(rows, 1))


COMMON = "2026-11-22T01:00:00.000Z [desk] [info] Initializing server...\n2026-11-22T01:00:01.000Z [other] [info] no\n"
OWN = "2026-11-22T01:00:02.500Z [desk] [error] spawn uv ENOENT\nTraceback (most recent call last):\n"


def test_lines_of_the_apps_logs_are_understood() -> None:
    first, second = COMMON.splitlines()
    line = line_of(first, Path("mcp.log"), "desk")
    assert line is not None
    assert (line.source, line.level, line.text, line.logger) == ("app", "info", "Initializing server...", "mcp.log")
    assert line.at == datetime(2026, 11, 22, 1, 0, tzinfo=UTC).timestamp()
    assert line_of(second, Path("mcp.log"), "desk") is None
    own = [line_of(text, Path("mcp-server-desk.log"), "desk") for text in OWN.splitlines()]
    assert [(one.level, one.text) for one in own if one] == [
        ("error", "spawn uv ENOENT"),
        ("info", "Traceback (most recent call last):"),
    ]


def test_both_logs_are_followed_while_someone_looks(tmp_path: Path, qtbot) -> None:
    machine = machine_in(tmp_path)
    folder = tmp_path / "home" / ".config" / "Claude" / "logs"
    folder.mkdir(parents=True)
    assert logs_about("desk", machine) == []
    (folder / "mcp.log").write_text(COMMON)
    (folder / "mcp-server-desk.log").write_text(OWN)
    parent = EntryHead()
    qtbot.addWidget(parent)
    log = AppLog(parent)
    log.follow("desk", logs_about("desk", machine))
    assert [line.text for line in log.lines][:2] == ["Initializing server...", "spawn uv ENOENT"]
    log.set_watched(True)
    with qtbot.waitSignal(log.added, timeout=30_000), (folder / "mcp-server-desk.log").open("a") as file:
        file.write("2026-11-22T01:00:09.000Z [desk] [warn] slow\n")
    assert log.lines[-1].level == "warning"
    log.set_watched(False)
    log.follow("nobody", ())
    assert not log.is_there
    assert log.lines == []
