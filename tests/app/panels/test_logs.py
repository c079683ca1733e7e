"""The Logs view: what Claude Desktop logged about a server of the same name is a source of its own."""

from pathlib import Path

from core.targets.machines import machine_in
from wireglass_app.panels.base import Desk
from wireglass_app.panels.logs import LogsPanel

STAMP = "2026-11-22T01:00:0"


def test_claude_desktops_log_of_the_server_is_followed(desktop, tmp_path: Path) -> None:
    """Demand: `mcp.log` and `mcp-server-NAME.log` are tailed in the Logs view."""

    async def scene(desk) -> None:
        session = await desk.desk()
        folder = tmp_path / "home" / ".config" / "Claude" / "logs"
        facts = Desk(desk.app.bridge, desk.app.workbench, desk.app.settings, lambda *_a, **_k: None, lambda _text: None)
        panel = LogsPanel(facts, machine=lambda: machine_in(tmp_path))
        panel.set_session(session)
        panel.show()
        assert "Claude Desktop" not in [panel.sources.button(key).text() for key in ("", "log", "stderr", "stdout")]
        folder.mkdir(parents=True)
        (folder / "mcp.log").write_text(
            f"{STAMP}0.000Z [{session.name}] [info] Initializing\n{STAMP}1.000Z [other] [info] not this\n"
        )
        (folder / f"mcp-server-{session.name}.log").write_text(f"{STAMP}2.000Z [{session.name}] [error] broke\n")
        panel.hide()
        panel.show()
        panel.sources.button("app").click()
        rows = panel.list.model_
        assert rows.rowCount() == 2
        assert panel.total.text() == "2 lines"
        with (folder / f"mcp-server-{session.name}.log").open("a") as file:
            file.write(f"{STAMP}3.000Z [{session.name}] [info] again\n")
        await desk.until(lambda: rows.rowCount() == 3, "the new line")
        panel.sources.button("").click()
        assert all(line.source != "app" for line in panel._lines())
        panel.set_session(None)
        panel.close()
        panel.deleteLater()

    desktop(scene)


def test_the_filter_is_remembered(desktop) -> None:
    """Design section 2: filters outlive the window."""

    async def scene(desk) -> None:
        await desk.desk()
        facts = Desk(desk.app.bridge, desk.app.workbench, desk.app.settings, lambda *_a, **_k: None, lambda _text: None)
        first = LogsPanel(facts)
        first.field.setText("parcel")
        first.level.setCurrentIndex(2)
        first.sources.button("stderr").click()
        second = LogsPanel(facts)
        assert second.field.text() == "parcel"
        assert second.level.currentIndex() == 2
        assert second.sources.current() == "stderr"
        for panel in (first, second):
            panel.deleteLater()

    desktop(scene)
