"""Client configs: the table by keyboard, the difference before writing, undo, warnings."""

import asyncio
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from core.targets.machines import machine_in
from wireglass.install.trial import Trial
from wireglass.targets.draft import Draft
from wireglass.targets.entry import mcp_remote
from wireglass.targets.journal import Journal
from wireglass.targets.servers import RemoteServer, StdioServer, hide_secrets
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Target
from wireglass_app.configs.difference import numbered, sides
from wireglass_app.configs.menus import add_ways
from wireglass_app.configs.words import server_of, words
from wireglass_app.panels.base import Desk
from wireglass_app.panels.targets import TargetsPanel
from wireglass_app.settings import Settings
from wireglass_app.workbench import Workbench

CURSOR = '{\n  "mcpServers": {\n    "files": {"command": "/bin/sh", "env": {"API_TOKEN": "abcdef123456"}}\n  }\n}\n'
CODEX = '# mine\n[mcp_servers.files]\ncommand = "/bin/ls"\n\n[mcp_servers.broken]\ncommand = "/nowhere/x"\n'


@pytest.fixture
def panel(qtbot, look, tmp_path: Path):
    machine = machine_in(tmp_path)
    for path, text in ((".cursor/mcp.json", CURSOR), (".codex/config.toml", CODEX), (".config/Claude/x", "")):
        (tmp_path / "home" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "home" / path).write_text(text)
    bridge = Bridge()
    said: list[str] = []
    gone: list[tuple] = []
    desk = Desk(
        bridge, Workbench(bridge), Settings(tmp_path / "s.json"), lambda *a, **k: gone.append((a, k)), said.append
    )
    tried: list[tuple] = []

    async def answers(server, target, machine) -> Trial:
        tried.append((server, target.id))
        return panel.answer or Trial(0.1, server.name, "2025-06-18", 2)

    draft = Draft(machine, Journal(tmp_path / "state"), bridge=mcp_remote)
    panel = TargetsPanel(desk, draft=draft, try_out=answers)
    panel.tried, panel.answer = tried, None
    qtbot.addWidget(panel)
    panel.said, panel.gone, panel.home = said, gone, tmp_path / "home"
    panel.resize(1200, 760)
    panel.show()
    panel.grid.setFocus()
    yield panel
    bridge.close_now()


def at(panel: TargetsPanel, server: str, host: str) -> QModelIndex:
    hosts = [one.target.id for one in panel.draft.columns]
    index = panel.model.index(panel.draft.names.index(server), hosts.index(host) + 1)
    panel.grid.setCurrentIndex(index)
    return index


async def until(come: Callable[[], object]) -> None:
    """Waits for something to become true; the loop that runs it has the bound."""
    while not come():  # noqa: ASYNC110 (Qt state has no event to await)
        await asyncio.sleep(0.01)


def press(panel: TargetsPanel, key: Qt.Key) -> None:
    QTest.keyClick(panel.grid, key)


def test_the_table_is_a_sound_model(panel: TargetsPanel, qtmodeltester) -> None:
    qtmodeltester.check(panel.model)
    assert [one.target.id for one in panel.draft.columns] == ["claude-desktop", "cursor", "codex"]
    assert panel.draft.names == ["files", "broken"]
    assert panel.head.summary.whole() == "3 apps found · 2 servers · 3 entries"
    index = panel.model.index(0, 2)
    assert index.data() == "files in Cursor: on, differs between hosts"


def test_space_adds_shows_the_difference_and_save_writes(panel: TargetsPanel) -> None:
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    assert panel.said[-1] == "files in Claude Desktop: will be added"
    assert panel.difference.tabs.count() == 1
    assert any('"files": {' in line for line in panel.difference.unified.rows)
    target = panel.home / ".config/Claude/claude_desktop_config.json"
    assert not target.exists()
    assert panel.footer.write_button.text() == "Write 1 file"
    assert "Restart Claude Desktop" in panel.footer.text.whole()
    panel.save()  # Ctrl+S of the window
    assert json.loads(target.read_bytes())["mcpServers"]["files"]["command"] == "/bin/sh"
    assert panel.said[-1].startswith("1 file written. Restart Claude Desktop")
    assert not panel.footer.isVisible()


def test_undo_puts_everything_back(panel: TargetsPanel) -> None:
    at(panel, "files", "codex")
    press(panel, Qt.Key.Key_Space)
    at(panel, "files", "cursor")
    press(panel, Qt.Key.Key_Delete)
    panel.write()
    assert "enabled = false" in (panel.home / ".codex/config.toml").read_text()
    assert "files" not in (panel.home / ".cursor/mcp.json").read_text()
    panel.head.undo_button.click()
    assert (panel.home / ".codex/config.toml").read_text() == CODEX
    assert (panel.home / ".cursor/mcp.json").read_text() == CURSOR


def test_the_form_edits_one_entry_and_the_difference_follows(panel: TargetsPanel, qtbot) -> None:
    at(panel, "files", "codex")
    press(panel, Qt.Key.Key_Return)
    assert panel.form.command.hasFocus()
    panel.form.command.selectAll()
    with qtbot.waitSignal(panel.form.server_changed, timeout=30_000):
        QTest.keyClicks(panel.form.command, "/bin/cat")
    rows = panel.difference.unified.rows
    assert any(row.endswith('- command = "/bin/ls"') for row in rows)
    assert any(row.endswith('+ command = "/bin/cat"') for row in rows)
    assert panel.form.command.text() == "/bin/cat", "typing goes on"
    panel.footer.discard_button.click()
    assert panel.difference.tabs.count() == 0


def test_json_is_checked_while_it_is_typed(panel: TargetsPanel, qtbot) -> None:
    at(panel, "files", "cursor")
    panel.toggle_json()
    with qtbot.waitSignal(panel.form.entry_changed, timeout=30_000):
        panel.form.json.setPlainText('{"command": "/bin/sh", "note": 1}')
    assert panel.draft.entry("files", panel.draft.columns[1]) == {"command": "/bin/sh", "note": 1}
    panel.form.json.setPlainText("{")
    panel.form.flush()
    assert "not valid JSON" in panel.form.json_problem.text()


def test_warnings_stand_above_and_lead_to_their_entry(panel: TargetsPanel) -> None:
    texts = [one.text for one in panel.draft.warnings]
    assert texts[0] == "/nowhere/x is missing."
    assert "API_TOKEN is kept in plain text." in texts
    panel._show_warning(panel.draft.warnings[0])
    assert panel.model.name_at(panel.grid.currentIndex()) == "broken"
    assert panel.form.command_note.text() == "missing"


def test_secrets_are_masked_wherever_they_are_shown(panel: TargetsPanel) -> None:
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    assert "abcdef123456" not in panel.difference.unified.text()
    assert "••••••••3456" in panel.difference.unified.text()
    assert hide_secrets('"MODE": "abcdef"') == '"MODE": "abcdef"'
    assert hide_secrets("API_KEY = 'abcdef99'") == "API_KEY = '••••••••ef99'"


def test_both_sides_have_the_same_height(panel: TargetsPanel) -> None:
    at(panel, "broken", "codex")
    press(panel, Qt.Key.Key_Delete)
    edit = panel._edits[0]
    before, after = sides(edit)
    assert len(before) == len(after)
    assert [sign for sign, _ in numbered(edit)].count("-") == 3


def test_another_programs_change_is_read_again(panel: TargetsPanel, qtbot) -> None:
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    file = panel.home / ".cursor/mcp.json"
    file.write_text(CURSOR.replace('"files"', '"other"'))
    qtbot.waitUntil(lambda: "other" in panel.draft.names, timeout=30_000)
    assert panel.draft.is_dirty, "wishes stay"


def test_a_file_that_changed_before_the_write_is_not_overwritten(panel: TargetsPanel) -> None:
    at(panel, "files", "cursor")
    press(panel, Qt.Key.Key_Delete)
    file = panel.home / ".cursor/mcp.json"
    file.write_text(CURSOR.replace("/bin/sh", "/bin/zsh"))
    panel.write()
    assert "/bin/zsh" in file.read_text()
    assert "another program changed the file" in panel.said[-1]
    assert panel._edits, "the new difference is shown"


def test_an_open_server_is_a_row_and_can_be_installed(panel: TargetsPanel) -> None:
    target = Target("desk", "stdio", "/bin/sh", ("-c", "exit"), added=(("MODE", "test"),))
    assert server_of(target, "Desk") == StdioServer("Desk", "/bin/sh", ("-c", "exit"), {"MODE": "test"})
    assert server_of(Target("x", "http", url="https://x"), "X") == RemoteServer("X", "https://x")
    panel.draft.offer(server_of(target, "Desk"))
    panel._offered.add("Desk")
    panel.refresh()
    panel.show_item(install="Desk")
    assert panel.draft.cell("Desk", panel.draft.columns[0]).pending == "add"


def test_a_server_of_a_file_is_opened_through_the_same_prompt_as_any_other(panel: TargetsPanel) -> None:
    menu = QMenu(panel)
    panel._fill_import(menu)
    menu.actions()[0].trigger()
    (key,), facts = panel.gone[-1]
    assert key == "open-text"
    assert json.loads(facts["text"])["mcpServers"]["files"]["command"] == "/bin/sh"


def test_copying_to_all_and_a_new_server(panel: TargetsPanel) -> None:
    at(panel, "files", "cursor")
    panel.form.head.copy_button.click()
    assert {panel.draft.cell("files", one).pending for one in panel.draft.columns} == {"add", "", "edit"}
    panel.head.new_button.click()
    assert panel.model.name_at(panel.grid.currentIndex()) == "server-1"
    assert panel.form.command.hasFocus()
    panel.discard()


def test_what_starting_once_has_shown_is_said(panel: TargetsPanel) -> None:
    at(panel, "files", "cursor")
    panel.changing.trials["files"] = Trial(0.6, "files", "2025-06-18", 14)
    panel.refresh()
    assert panel.form.start_text.whole() == "answered in 0.6 s, 14 tools"


def test_every_control_has_a_name_and_the_table_is_reached_first(panel: TargetsPanel) -> None:
    assert panel.regions()[0] is panel.grid
    for widget in (panel.grid, panel.form.command, panel.form.arguments, panel.form.pairs, panel.difference.tabs):
        assert widget.accessibleName()


@pytest.mark.slow
def test_it_is_drawn_in_every_look(panel: TargetsPanel, look) -> None:
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    for choice in ("light", "dark", "contrast"):
        look.choose(choice)
        assert not panel.grab().isNull()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_it_grows_with_the_zoom_and_says_less_in_a_narrow_window(panel: TargetsPanel, look) -> None:
    before = panel.grid.rowHeight(0)
    look.zoom(1.5)
    assert panel.grid.rowHeight(0) == round(before * 1.5)
    look.zoom(1.0)
    assert panel.grid.rowHeight(0) == before
    assert panel.head.undo_button.text().strip() == "Undo last write"
    panel.resize(760, 700)
    QApplication.processEvents()
    assert panel.head.undo_button.text().strip() == "Undo"
    assert panel.head.undo_button.accessibleName() == "Undo last write"


def test_without_any_app_it_says_what_would_fill_it(panel: TargetsPanel) -> None:
    panel.take([])
    assert panel.view.nothing.isVisible()
    assert not panel.view.split.isVisible()


def test_the_log_of_claude_desktop_is_a_tab_beside_the_differences(panel: TargetsPanel) -> None:
    logs = panel.home / ".config/Claude/logs"
    logs.mkdir()
    (logs / "mcp-server-files.log").write_text("started\n")
    index = at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    panel.grid.setCurrentIndex(index)
    assert panel.difference.tabs.tabText(1) == "mcp-server-files.log"
    panel.difference.tabs.setCurrentIndex(1)
    assert list(panel.difference.log.code.rows) == ["started"]
    at(panel, "broken", "codex")
    assert panel.difference.tabs.count() == 1


def test_entry_link_and_command_can_be_copied_without_secrets(panel: TargetsPanel) -> None:
    menu = QMenu(panel)
    cursor, codex = panel.draft.columns[1:]
    for one in (cursor, codex):
        add_ways(menu, panel.draft, panel.ways, "files", one, QApplication.clipboard().setText)
    texts = {}
    for action in menu.actions():
        if not action.text().startswith("Copy"):
            continue
        action.trigger()
        texts.setdefault(action.text(), QApplication.clipboard().text())
    assert "abcdef123456" in texts["Copy entry as JSON (with its secrets)"]
    assert texts["Copy install link (no secrets)"].startswith("cursor://")
    assert texts["Copy its own command (no secrets)"] == "codex mcp add files -- /bin/ls"
    assert "abcdef" not in texts["Copy install link (no secrets)"]


# Written only after a trial


def test_a_new_server_is_started_once_as_its_host_would_before_it_is_written(panel: TargetsPanel) -> None:
    """Demand: before writing, the entry is started once as the host would start it and must answer."""
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    assert panel.tried == []
    panel.write()
    assert [(server.command, host) for server, host in panel.tried] == [("/bin/sh", "claude-desktop")]
    assert (panel.home / ".config/Claude/claude_desktop_config.json").exists()


def test_one_that_does_not_answer_is_not_written_unless_it_is_wished(panel: TargetsPanel) -> None:
    panel.answer = Trial(0.1, problem="/bin/sh ended with 1.", next_step="Look at its last words.")
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    panel.write()
    target = panel.home / ".config/Claude/claude_desktop_config.json"
    assert not target.exists()
    said = "Nothing was written. files in Claude Desktop would not start: /bin/sh ended with 1. Look at its last words."
    assert panel.footer.text.whole() == said
    assert panel.said[-1] == said
    assert panel.footer.write_button.text() == "Try again"
    panel.footer.anyway_button.click()
    assert target.exists()


def test_what_is_only_switched_removed_or_renamed_is_not_started(panel: TargetsPanel) -> None:
    at(panel, "files", "codex")
    press(panel, Qt.Key.Key_Space)
    at(panel, "broken", "codex")
    press(panel, Qt.Key.Key_Delete)
    panel.changing.rename("gone")
    assert panel.said[-1] == "It will be removed, so there is nothing to rename."
    at(panel, "files", "codex")
    panel.changing.rename("documents")
    panel.write()
    assert panel.tried == []
    assert "[mcp_servers.documents]" in (panel.home / ".codex/config.toml").read_text()
    assert "enabled = false" in (panel.home / ".codex/config.toml").read_text()


def test_a_trial_can_be_stopped(panel: TargetsPanel, loop, tmp_path: Path) -> None:
    entered, ended = asyncio.Event(), []

    async def scene() -> None:
        here = asyncio.get_running_loop()

        async def never(server, target, machine) -> Trial:
            here.call_soon_threadsafe(entered.set)
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append(True)
            raise AssertionError

        panel.writing._try_out = never
        at(panel, "files", "claude-desktop")
        press(panel, Qt.Key.Key_Space)
        panel.write()
        assert panel.footer.text.whole() == "Starting files once, as Claude Desktop would…"
        assert not panel.footer.write_button.isEnabled()
        await entered.wait()
        assert panel.footer.stop_button.isVisible()
        panel.footer.stop_button.click()
        await until(lambda: ended)

    loop.run(scene())
    panel.refresh()
    assert not (panel.home / ".config/Claude/claude_desktop_config.json").exists()
    assert panel.footer.write_button.text() == "Write 1 file"
    assert panel.footer.write_button.isEnabled()


# Names, comparisons, remedies


def test_a_server_is_renamed_in_every_host(panel: TargetsPanel) -> None:
    at(panel, "files", "cursor")
    QTest.keyClick(panel.grid, Qt.Key.Key_F2)
    assert panel.form.head.name.hasFocus()
    QTest.keyClicks(panel.form.head.name, "documents")
    QTest.keyClick(panel.form.head.name, Qt.Key.Key_Return)
    assert panel.draft.names == ["documents", "broken"]
    assert panel.model.name_at(panel.grid.currentIndex()) == "documents"
    panel.write()
    assert (panel.home / ".cursor/mcp.json").read_text() == CURSOR.replace('"files"', '"documents"')
    assert (panel.home / ".codex/config.toml").read_text() == CODEX.replace(".files]", ".documents]")
    panel.head.undo_button.click()
    assert (panel.home / ".cursor/mcp.json").read_text() == CURSOR


def test_a_name_that_is_taken_is_refused(panel: TargetsPanel) -> None:
    at(panel, "files", "cursor")
    panel.changing.rename("broken")
    assert panel.said[-1] == 'There is a server called "broken" already.'
    assert not panel.draft.is_dirty


def warned(panel: TargetsPanel, kind: str):
    return next(one for one in panel.draft.warnings if one.kind == kind)


def test_what_differs_is_compared_side_by_side(panel: TargetsPanel) -> None:
    panel._act_on(warned(panel, "differs"))
    assert panel.difference.tabs.tabText(0) == "Cursor / Codex CLI"
    left, right = list(panel.difference.left.rows), list(panel.difference.right.rows)
    assert len(left) == len(right)
    assert any('-   "command": "/bin/sh"' in row for row in left)
    assert any('+   "command": "/bin/ls"' in row for row in right)
    assert "abcdef123456" not in "".join(left)
    panel.difference.layout_choice.button("unified").click()
    assert any("- " in row for row in panel.difference.unified.rows)
    at(panel, "broken", "codex")
    assert panel.difference.tabs.count() == 0, "another server, another comparison"


def test_a_secret_is_replaced_by_a_reference(panel: TargetsPanel) -> None:
    panel._act_on(warned(panel, "secret"))
    assert panel.said[-1] == "Cursor takes API_TOKEN from its environment: set it there."
    assert panel.draft.entry("files", panel.draft.columns[1])["env"] == {"API_TOKEN": "${env:API_TOKEN}"}
    assert "${env:API_TOKEN}" in panel.difference.unified.text()
    assert not panel.form.refer_button.isVisible()


def test_a_missing_command_is_found(panel: TargetsPanel) -> None:
    panel.remedies._ask_file = lambda title, then: then("/bin/cat")
    panel._act_on(warned(panel, "missing command"))
    assert panel.said[-1] == "x is /bin/cat."
    assert panel.draft.entry("broken", panel.draft.columns[2])["command"] == "/bin/cat"


def test_a_key_without_effect_is_removed(panel: TargetsPanel) -> None:
    text = '[mcp_servers.files]\ncommand = "/bin/ls"\nheaders = {}\n'
    (panel.home / ".codex/config.toml").write_text(text)
    panel.read_again()
    warning = warned(panel, "unknown key")
    assert warning.text == "Codex CLI ignores headers."
    panel._act_on(warning)
    panel.write()
    assert (panel.home / ".codex/config.toml").read_text() == '[mcp_servers.files]\ncommand = "/bin/ls"\n'


def test_a_file_that_cannot_be_read_is_named_and_the_others_work(panel: TargetsPanel) -> None:
    opened: list[Path] = []
    panel.remedies._open_file = opened.append
    file = panel.home / ".cursor/mcp.json"
    file.write_text('{\n  "mcpServers": {,}\n}\n')
    panel.read_again()
    warning = panel.draft.warnings[0]
    assert warning.kind == "unreadable"
    assert words(warning).startswith("Cursor, mcp.json: Line 2, column 18")
    panel._act_on(warning)
    assert opened == [file]
    index = at(panel, "files", "cursor")
    assert "Line 2" in index.data()
    press(panel, Qt.Key.Key_Space)
    assert "Line 2, column 18" in panel.said[-1]
    assert not panel.draft.is_dirty
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    panel.write()
    assert (panel.home / ".config/Claude/claude_desktop_config.json").exists()


def test_servers_that_cannot_be_reached_are_warned_about_without_starting_anything(panel, loop) -> None:
    far = '{"mcpServers": {"far": {"url": "http://far.example/mcp"}}}'
    (panel.home / ".cursor/mcp.json").write_text(far)
    asked: list[list[str]] = []

    async def nowhere(urls) -> dict[str, str]:
        asked.append(list(urls))
        return dict.fromkeys(urls, "Nothing listens there.")

    panel.watching._reach = nowhere

    async def scene() -> None:
        panel.read_again()
        await until(lambda: any(one.kind == "unreachable" for one in panel.draft.warnings))
        again: list[object] = []
        panel.watching.found.connect(again.append)
        panel.read_again()
        await until(lambda: again)

    loop.run(scene())
    assert asked == [["http://far.example/mcp"]], "the answer counts for a while"
    assert panel.tried == []
    assert any("Nothing listens there." in words(one) for one in panel.draft.warnings)


# Other ways in


def test_a_host_that_is_asked_by_link_is_only_asked(panel: TargetsPanel) -> None:
    opened: list[str] = []
    panel.ways._opened = opened.append
    (panel.home / ".cursor/mcp.json").write_text('{"mcpServers": {}}')
    panel.read_again()
    at(panel, "files", "cursor")
    panel.ways.open_link("files", panel.draft.columns[1])
    assert opened[0].startswith("cursor://anysphere.cursor-deeplink/mcp/install?name=files&config=")
    assert "was asked to install files" in panel.said[-1]
    assert panel.draft.cell("files", panel.draft.columns[1]).pending == "asked"
    (panel.home / ".cursor/mcp.json").write_text(CURSOR)
    panel.read_again()
    assert panel.draft.cell("files", panel.draft.columns[1]).pending == ""


def test_a_hosts_own_command_is_run_and_its_file_read(panel: TargetsPanel, loop) -> None:
    folder = panel.home.parent / "bin"
    folder.mkdir()
    program, file = folder / "codex", panel.home / ".codex/config.toml"
    program.write_text(f"#!/bin/sh\nprintf '[mcp_servers.other]\\ncommand = \"/bin/ls\"\\n' > {file}\n")
    program.chmod(0o755)
    panel.draft.machine = replace(panel.draft.machine, env={"PATH": f"{folder}:/usr/bin:/bin"})
    panel.draft.offer(StdioServer("other", "/bin/ls"))

    async def scene() -> None:
        panel.ways.run_command("other", panel.draft.columns[2])
        await until(lambda: panel.said and panel.said[-1].startswith("Codex CLI lists"))
        await until(lambda: panel.draft.entry("other", panel.draft.columns[2]) is not None)

    loop.run(scene())


def test_a_bundle_is_built_and_handed_over(panel: TargetsPanel, tmp_path: Path) -> None:
    opened: list[str] = []
    panel.ways._opened = opened.append
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "desk.py").write_text("x = 1\n")
    panel.ways.bundle(StdioServer("desk", "/bin/sh", (str(folder / "desk.py"),)), tmp_path / "desk.mcpb")
    assert opened == [str(tmp_path / "desk.mcpb")]
    assert zipfile.is_zipfile(tmp_path / "desk.mcpb")
    panel.ways.bundle(RemoteServer("far", "https://x"), tmp_path / "far.mcpb")
    assert "A bundle holds a server file" in panel.said[-1]


def test_the_menu_of_a_cell_offers_what_can_be_done(panel: TargetsPanel) -> None:
    at(panel, "files", "cursor")
    menu = QMenu(panel)
    panel.fill_menu(menu)
    texts = [action.text() for action in menu.actions()]
    assert {"Copy to all apps", "Rename…", "Compare with Codex CLI", "Connect in Wireglass", "Remove"} <= set(texts)
    assert "Ask Cursor by its install link" in texts
    next(action for action in menu.actions() if action.text().startswith("Compare")).trigger()
    assert panel.difference.tabs.tabText(0) == "Cursor / Codex CLI"


def test_the_files_of_the_open_servers_project_are_a_table_too(panel: TargetsPanel, tmp_path: Path) -> None:
    """Demand: user and project scopes; `.mcp.json` is one of the other ways in."""
    panel.draft.machine = replace(panel.draft.machine, project=str(tmp_path / "app"))
    (panel.home / ".claude").mkdir()
    (tmp_path / "app" / ".mcp.json").write_text('{"mcpServers": {"ours": {"command": "/bin/sh"}}}')
    panel.head.show_current("Desk", str(tmp_path / "app"))
    assert panel.head.scope.isVisible()
    panel.head.scope.button("project").click()
    assert panel.draft.names == ["ours"]
    assert "claude-code" in {one.target.id for one in panel.draft.columns}
    panel.head.scope.button("user").click()
    assert "files" in panel.draft.names


# Claude Desktop, from the warning to the look afterwards


def test_the_whole_way_of_claude_desktop(panel: TargetsPanel) -> None:
    """Running app detected, asked to quit, written, started again, read again, said whether the entry survived."""
    running, launched = [True], []
    strip = panel.desktop
    strip._running, strip._launch = lambda machine: running[0], launched.append
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    assert "Claude Desktop is running" in strip.notice.text.text()
    running[0] = False
    panel.write()
    assert "Written. Start Claude Desktop" in strip.notice.text.text()
    strip.look()
    assert strip.notice.text.text() == "Claude Desktop has kept the entry."
    panel.head.undo_button.click()
    at(panel, "files", "claude-desktop")
    press(panel, Qt.Key.Key_Space)
    panel.write()
    (panel.home / ".config/Claude/claude_desktop_config.json").write_text('{"preferences": {}}')
    strip.look()
    assert "has dropped or changed files" in panel.said[-1]


@pytest.mark.slow
def test_the_first_minute_ends_in_a_difference_for_claude_desktop(desktop, tmp_path: Path, monkeypatch) -> None:
    """Demand: Ctrl+K, "install" leads from the open server to the difference; Ctrl+S writes it, undo takes it back."""
    config = tmp_path / "machine" / "home" / ".config" / "Claude" / "claude_desktop_config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"mcpServers": {}}\n')
    monkeypatch.setenv("WIREGLASS_STATE", str(tmp_path / "state"))
    monkeypatch.setattr("wireglass_app.panels.targets.this_machine", lambda *_given: machine_in(tmp_path / "machine"))

    async def scene(desk) -> None:
        session = await desk.desk()
        window = desk.window
        window.actions_table.trigger("install")
        panel = window.host.panel
        await desk.until(lambda: isinstance(window.host.panel, TargetsPanel) and window.host.panel._edits, "a plan")
        panel = window.host.panel
        assert any(f'"{session.name}": {{' in row for row in panel.difference.unified.rows)
        assert json.loads(config.read_text()) == {"mcpServers": {}}
        panel.grid.setFocus()
        QTest.keyClick(panel.grid, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        await desk.until(lambda: session.name in config.read_text(), "the write, after the server has answered")
        assert panel.changing.trials[session.name].answered
        window.actions_table.trigger("undo-write")
        await desk.until(lambda: session.name not in config.read_text(), "the undo")
        assert config.read_text() == '{"mcpServers": {}}\n'

    desktop(scene)
