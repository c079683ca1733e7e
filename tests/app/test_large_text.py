"""Text of 200 % in an ordinary window: what stands beside or above something large is not squeezed below its words."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.desk import Desktop, python_target
from wireglass_app.controls import Label, column
from wireglass_app.dialogs.connect import ConnectDialog
from wireglass_app.dossier.timing import TimingPage
from wireglass_app.frameview.filter_head import FilterHead
from wireglass_app.headline import HeadLine
from wireglass_app.panels.network import NetworkPanel
from wireglass_app.shrinking import Shrinking
from wireglass_app.theme import Theme, theme

ASKING = python_target("parcel-desk", str(Path(__file__).parent / "servers" / "asking.py"), "parcel-desk", "stateless")


def whole(label: Label) -> bool:
    """All its lines are drawn, be it in what a scroll area holds."""
    return label.height() >= label.heightForWidth(label.width())


def test_a_question_is_not_cut_and_the_header_keeps_its_buttons(desktop) -> None:
    """Before, a line of the question was to be seen, which said something else than the whole; and the buttons of the
    header gave way to the command line of the server."""

    async def scene(desk: Desktop) -> None:
        desk.app.settings.set("zoom", 1.5)
        desk.window.resize(1440, 900)
        session = await desk.open(ASKING)
        desk.window.go("tools", session=session)
        await desk.until(lambda: desk.tools.list.select("form"), "the tool")
        await desk.run("form")
        asking = desk.tools.dossier.asking
        await desk.until(lambda: asking.isVisible() and asking.message.text.text(), "the question")
        for zoom in (1.5, 2.0):
            desk.app.settings.set("zoom", zoom)
            await desk.until(lambda: whole(asking.message.text) and whole(asking.hint), f"whole words at {zoom}")
            header = desk.window.header
            buttons = (header.menu_button, header.back, header.forward, header.record, header.split)
            await desk.until(lambda all_=buttons: all(one.width() >= one.sizeHint().width() for one in all_), "buttons")

    desktop(scene)


def test_what_is_open_grows_and_shrinks_with_the_keys(desktop) -> None:
    """Heights that were taken once cut title and ticks at 200 %, and the names beside the icons did not come back."""

    async def scene(desk: Desktop) -> None:
        desk.window.resize(1440, 900)
        await desk.desk()
        desk.window.go("tools")
        await desk.run("slow", {"steps": 1})
        head, dossier, navigation = desk.tools.head, desk.tools.dossier, desk.window.navigation
        assert desk.tools.form is not None
        boxes = desk.tools.form.findChildren(QCheckBox)
        ticks = [one for one in boxes if one.accessibleName().startswith("Send ") and not one.isHidden()]
        assert ticks
        wide = navigation.width()
        for _ in range(10):
            desk.window.actions_table.trigger("zoom-in")
        await desk.until(lambda: theme().scale == 2.0, "200 %")
        await desk.until(lambda: head.title.height() >= head.title.fontMetrics().height(), "the whole title")
        await desk.until(lambda: dossier.head.height() >= dossier.title.fontMetrics().height(), "the whole verdict")
        await desk.until(lambda: all(one.width() >= theme().px(24) for one in ticks), "whole ticks")
        assert head.title.geometry().bottom() <= head.description.geometry().top()
        await desk.until(lambda: navigation.width() < wide, "a window of 720 as large text sees it: icons alone")
        desk.window.actions_table.trigger("zoom-reset")
        await desk.until(lambda: navigation.width() == wide, "the names beside the icons")

    desktop(scene)


@pytest.mark.parametrize("zoom", [1.0, 1.5, 2.0])
def test_the_headings_of_timing_are_whole(qtbot: QtBot, look: Theme, zoom: float) -> None:
    """Before, they lost letters at 200 %."""
    page = TimingPage()
    qtbot.addWidget(page)
    page.resize(900, 400)
    page.show()
    look.zoom(zoom)
    header = page.table.horizontalHeader()
    sections = range(1, header.count())
    qtbot.waitUntil(lambda: all(header.sectionSize(at) >= header.sectionSizeHint(at) for at in sections))


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_the_head_of_network_comes_to_rest_at_every_width(qtbot: QtBot, make_window, zoom: float) -> None:
    """Before, at some widths it went to and fro for ever: shorter words in two lines, which fitted into one again,
    with the longer words."""
    window = make_window()
    theme().zoom(zoom)
    window.go("network")
    panel = window.host.panel
    assert isinstance(panel, NetworkPanel)
    head = panel.findChild(FilterHead)
    assert head is not None
    line = head.findChild(HeadLine)
    assert line is not None
    turns: list[int] = []
    line.wrapped.connect(turns.append)
    for width in range(820, 1900, 20):
        turns.clear()
        window.resize(width, 700)
        for _ in range(20):
            qtbot.wait(1)
        assert len(turns) <= 4, f"{width}: {turns}"


def test_a_shrinking_area_is_as_high_as_its_words_or_scrolls(qtbot: QtBot, look: Theme) -> None:
    words = Label("word " * 80, wrap=True)
    area = Shrinking(column(words, gap=0), least=40)
    below = QWidget()
    below.setMinimumHeight(200)
    box = QWidget()
    box.setLayout(column(area, below, gap=0))
    qtbot.addWidget(box)
    box.resize(300, 900)
    box.show()
    qtbot.waitUntil(lambda: whole(words) and area.height() == words.heightForWidth(words.width()))
    box.resize(300, 260)
    qtbot.waitUntil(lambda: area.height() == 60)
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert whole(words)
    words.setText("few")
    qtbot.waitUntil(lambda: area.height() < 40)


def test_dialogs_stay_within_the_screen_and_their_lines_are_whole(desktop, tmp_path: Path) -> None:
    """Before, the question of trust was as wide as its words wanted, and headings that fold lost their lower part."""
    file = tmp_path / "server.py"
    file.write_text("from fastmcp import FastMCP\n\nmcp = FastMCP('x')\n")

    async def scene(desk: Desktop) -> None:
        desk.app.settings.set("zoom", 2.0)
        desk.window.resize(1024, 720)
        opener = desk.app.opener
        room = desk.window.screen().availableSize().expandedTo(desk.window.size())
        servers = {"mcpServers": {name: {"command": "npx", "args": [name]} for name in ("a", "b", "c", "d", "e")}}
        for show in (
            lambda: opener.open_spec(str(file)),
            lambda: opener.open_text(json.dumps(servers)),
            lambda: desk.window.connect_wanted.emit(None),
        ):
            show()
            dialog = await desk.until(lambda: opener.dialog, "the dialog")
            await desk.until(dialog.isVisible, "it in sight")
            if isinstance(dialog, ConnectDialog):
                dialog.show_tab("url")
            await desk.until(
                lambda one=dialog: one.width() < room.width() and one.height() < room.height(), "within the screen"
            )
            await desk.until(lambda one=dialog: not squeezed(one), "whole buttons")
            dialog.reject()
            await desk.until(lambda: opener.dialog is None, "it gone")

    desktop(scene)


def squeezed(dialog: QWidget) -> list[str]:
    """Buttons, boxes and headings lower than their words need."""
    shown = [one for one in dialog.findChildren(QAbstractButton) if one.isVisible() and one.text()]
    return [one.text() for one in shown if one.height() < one.fontMetrics().height()]
