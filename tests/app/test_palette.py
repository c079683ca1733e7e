"""The palette: everything that can be gone to, what was used last first, and quickly among thousands."""

from time import perf_counter

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import Desktop
from wireglass_app.shell.palette import Palette


def opened(desk: Desktop, prefix: str = "") -> Palette:
    desk.window._palette(prefix)
    return desk.window.findChildren(Palette)[-1]


def shown(palette: Palette) -> list[str]:
    model = palette.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_it_finds_earlier_calls_frames_settings_and_resources(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await desk.run("add", {"a": 40, "b": 2})
        palette = opened(desk)
        palette.field.setText("add run 1")
        assert any(line.startswith("add run 1") and "Complete" in line for line in shown(palette))
        palette.field.setText("3")
        assert shown(palette)[0].startswith("3 ")
        palette.field.setText(">sett keys")
        assert shown(palette)[0].startswith("Settings: keys")
        palette.field.setText(":note")
        assert shown(palette)[0].startswith("desk://note, resource")
        palette.field.setText("7")
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
        assert desk.window.host.place[0] == "frames"
        assert desk.window.host.panel.detail.entry.seq == 7
        assert session.usable

    desktop(scene)


def test_ctrl_enter_runs_and_what_was_used_stands_first(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        palette = opened(desk, "#slow")
        QTest.keyClick(palette.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await desk.until(lambda: session.calls and session.calls[-1].ended, "a run")
        assert session.calls[-1].name == "slow"
        assert shown(opened(desk))[0].startswith("slow, tool")

    desktop(scene)


def test_first_results_among_5_000_entries_come_at_once(desktop) -> None:
    """Design section 12: 50 ms on an idle machine; here only that it is nowhere near a second."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        tool = session.catalogue.tools[0]
        many = tuple({**tool, "name": f"tool_number_{at}_of_many"} for at in range(5_000))
        session.catalogue.lists = type(session.catalogue.lists)(many)
        palette = opened(desk)
        began = perf_counter()
        palette.field.setText("number 4321")
        took = perf_counter() - began
        assert shown(palette)[0].startswith("tool_number_4321")
        assert took < 1.0, took

    desktop(scene)
