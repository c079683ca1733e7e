"""The timeline looks as it did when a person last compared it with the design's picture 05, with the same session."""

import pytest
from pytestqt.qtbot import QtBot

from app.charts.scene import scene
from app.reference_pictures import Check, tries
from wireglass_app.charts.board import TimelineBoard
from wireglass_app.moments import moments
from wireglass_app.theme import Theme

LOOKS = [(choice, zoom) for zoom in (1.0, 1.5) for choice in ("light", "dark", "contrast")]


def shown(qtbot: QtBot, look: Theme, choice: str, zoom: float, mode: str) -> TimelineBoard:
    moments().choose("utc")
    with look.together():
        look.choose(choice)
        look.zoom(zoom)
    model = scene()
    board = TimelineBoard(model)
    qtbot.addWidget(board)
    board.resize(round(1228 * zoom), round(798 * zoom))
    board.show()
    board.mode.button(mode).click()
    board.select(next(key for key in reversed(list(model.calls)) if model.calls[key].name == "create_label"))
    board.lanes.setFocus()
    qtbot.waitUntil(lambda: "17 calls" in board.numbers._note.whole(), timeout=30_000)
    return board


@pytest.mark.slow
@pytest.mark.parametrize(("choice", "zoom"), LOOKS)
def test_the_picture_of_the_lanes(qtbot: QtBot, look: Theme, reference_check: Check, choice: str, zoom: float) -> None:
    """Design section 13, point 1."""
    board = shown(qtbot, look, choice, zoom, "lanes")
    for _ in tries(reference_check, board, f"timeline-{choice}-{round(zoom * 100)}"):
        qtbot.wait(300)


@pytest.mark.slow
@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_picture_of_the_table_twin(qtbot: QtBot, look: Theme, reference_check: Check, choice: str) -> None:
    board = shown(qtbot, look, choice, 1.0, "table")
    for _ in tries(reference_check, board, f"timeline-table-{choice}-100"):
        qtbot.wait(300)
