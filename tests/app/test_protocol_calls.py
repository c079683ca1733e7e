"""Protocol with a real server: calls as rows, filters under a name, the code behind a violation."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from app.desk import Desktop
from wireglass.protocol.messages import Frame, notification, request, result
from wireglass.recording.filter import compile_filter
from wireglass.recording.ledger import Ledger
from wireglass_app.frameview.saved_filters import STANDARD
from wireglass_app.frameview.source import line_of
from wireglass_app.models.frames import FramesModel
from wireglass_app.panels.frames import FramesPanel


def protocol(desk: Desktop) -> FramesPanel:
    desk.window.go("frames")
    panel = desk.window.host.panel
    assert isinstance(panel, FramesPanel)
    return panel


def test_a_call_with_progress_and_rounds_is_one_row(desktop) -> None:
    """Design section 5: calls mode folds request, rounds, progress and result into one row."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("slow", {"steps": 3})
        panel = protocol(desk)
        frames = panel.model.rowCount()
        panel.mode.button("calls").click()
        await desk.until(lambda: panel.model.folded and panel.model.rowCount() < frames, "the folded rows")
        texts = [panel.model.index(row, 5).data() for row in range(panel.model.rowCount())]
        assert "tools/call slow · 3 progress" in texts
        row = texts.index("tools/call slow · 3 progress")
        assert panel.model.index(row, 7).data() == "complete"
        assert panel.model.headerData(2, Qt.Orientation.Horizontal) == "Took ms"
        before = panel.model.rowCount()
        desk.window.go("tools")
        await desk.run("add", {"a": 1, "b": 2})
        await desk.until(lambda: panel.model.rowCount() == before + 1, "one more row")
        panel.show_item(seq=panel.model.total - 1)
        assert panel.detail.entry.seq == panel.model.total - 1, "the frame itself is shown below its call's row"

    desktop(scene)


def test_a_call_passes_the_filter_when_one_of_its_frames_does(qtbot, look) -> None:
    ledger = Ledger()

    def put(message, sender="client") -> None:
        from pydantic_core import to_json

        ledger.append(Frame(sender, "stdio", to_json(message).decode(), message, len(ledger.entries) * 10**7), "a #1")

    put(request(1, "tools/call", {"name": "one", "arguments": {}}))
    put(request(2, "tools/call", {"name": "two", "arguments": {}}))
    model = FramesModel(ledger)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    with qtbot.waitSignal(model.filtered, timeout=30_000):
        model.set_folded(True)
    with qtbot.waitSignal(model.filtered, timeout=30_000):
        model.set_filter("text:needle")
    assert model.rowCount() == 0
    put(result(2, {"content": [{"type": "text", "text": "a needle"}]}), "server")
    put(result(1, {"content": [{"type": "text", "text": "needle too"}]}), "server")
    put(notification("notifications/other"), "server")
    model.take_new()
    assert [model.index(row, 5).data() for row in range(model.rowCount())] == ["tools/call one", "tools/call two"]


def test_a_filter_is_kept_under_a_name_and_used_again(desktop) -> None:
    """Design flow 5: Ctrl+Shift+L keeps it under a name."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        panel = protocol(desk)
        panel.filter.set_text("method:tools/*")
        await desk.until(lambda: panel.model.filter_text, "the filter")
        desk.window.actions_table.trigger("keep-filter")
        assert panel.name_bar.isVisible()
        panel.name_bar.field.setText("Tools only")
        QTest.keyClick(panel.name_bar.field, Qt.Key.Key_Return)
        assert not panel.name_bar.isVisible()
        panel.filter.set_text("")
        panel.saved.fill()
        action = panel.saved.menu().actions()[0]
        assert action.text().startswith("Tools only")
        action.trigger()
        assert panel.filter.line.text() == "method:tools/*"
        assert desk.app.settings.get("filters.frames", {}) == {"Tools only": "method:tools/*"}

    desktop(scene)


@pytest.mark.parametrize("text", [text for _, text in STANDARD])
def test_every_standard_filter_can_be_used(text: str) -> None:
    assert compile_filter(text, Ledger()) is not None


def test_a_violation_leads_to_the_servers_code_and_to_the_rule(tmp_path: Path) -> None:
    file = tmp_path / "server.py"
    file.write_text("import x\n\n@mcp.tool\nasync def quote(a): ...\n\nmcp.tool(other, name='odd name')\n")
    ledger = Ledger()
    for at, name in enumerate(("quote", "odd name", "absent")):
        message = request(at, "tools/call", {"name": name, "arguments": {}})
        ledger.append(Frame("client", "stdio", "{}", message, at), "a #1")
    found = [line_of(entry, f"{file}:mcp") for entry in ledger.entries]
    assert found == [(file, 4), (file, 6), None]
    assert line_of(ledger.entries[0], "") is None
    assert line_of(ledger.entries[0], str(tmp_path / "gone.py")) is None


def test_f8_steps_through_faults_in_calls_mode_too(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("broken")
        panel = protocol(desk)
        panel.mode.button("calls").click()
        ledger = desk.app.workbench.ledger
        await desk.until(lambda: ledger.violations, "a judged violation")
        desk.window.actions_table.trigger("next-problem")
        await desk.until(lambda: panel.detail.entry is not None and panel.detail.entry.violations, "the frame at fault")
        assert panel.detail.verdict.page.isVisible()

    desktop(scene)
