"""While a large content is read: its size and Cancel, not at once (design, section 6, "viewer")."""

import base64
import json
import threading
from collections.abc import Iterator

from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.csv_table import CsvView
from wireglass_app.payloads.image import ImageView
from wireglass_app.payloads.preparing import Preparing
from wireglass_app.theme import Theme


def test_it_shows_only_after_a_while_and_goes_when_all_is_there(qtbot: QtBot, look: Theme) -> None:
    line = Preparing()
    qtbot.addWidget(line)
    line.begin(lambda: "Reading 5.0 MB")
    assert line.isHidden()
    qtbot.waitUntil(line.isVisible, timeout=20_000)
    assert line.words.whole() == "Reading 5.0 MB"
    assert line.cancel.isVisible()
    assert not line.rest.isVisible()
    line.end()
    assert line.isHidden()
    line.begin(str)
    line.end()
    assert not line._patience.isActive(), "what was quick never shows"


def test_a_text_that_comes_slowly_says_how_far_it_is_and_can_be_stopped(qtbot: QtBot, look: Theme) -> None:
    go_on = threading.Event()

    def steps() -> Iterator[list[str]]:
        yield ["first", "second"]
        go_on.wait(60)
        yield ["third"]

    view = CodeView()
    qtbot.addWidget(view)
    view.resize(500, 200)
    view.show()
    try:
        view.set_rows(steps())
        line = view.findChild(Preparing)
        qtbot.waitUntil(line.isVisible, timeout=20_000)
        qtbot.waitUntil(lambda: line.words.whole() == "Laying out: 11 bytes so far", timeout=20_000)
        assert line.geometry().top() > view.viewport().geometry().bottom(), "it covers no row"
        assert line.geometry().bottom() <= view.rect().bottom()
        line.cancel.setFocus()
        qtbot.keyClick(line.cancel, Qt.Key.Key_Space)
        assert not view.loading
        assert line.words.whole() == "Stopped: 2 lines of it, 11 bytes."
        assert not line.rest.isVisible(), "these rows come once"
    finally:
        go_on.set()
    view.set_text("another")
    assert line.isHidden()
    assert view.text() == "another"


def test_what_was_stopped_can_be_read_after_all(qtbot: QtBot, look: Theme) -> None:
    value = {"rows": [{"id": number} for number in range(20_000)]}
    view = CodeView()
    qtbot.addWidget(view)
    view.show()
    view.set_json(value)
    view.stop_loading()
    line = view.findChild(Preparing)
    assert line.words.whole().startswith("Stopped: ")
    with qtbot.waitSignal(view.loaded, timeout=60_000):
        line.rest.click()
    assert json.loads(view.text()) == value
    assert line.isHidden()


def test_a_table_that_was_stopped_says_so_and_goes_on(qtbot: QtBot, look: Theme) -> None:
    view = CsvView("n,square\n" + "".join(f"{n},{n * n}\n" for n in range(3_000)))
    qtbot.addWidget(view)
    view.show()
    view.stop_reading()
    line = view.findChild(Preparing)
    assert line.words.whole() == "Stopped: these are the first 0 rows."
    line.rest.click()
    qtbot.waitUntil(lambda: len(view.model.rows) == 3_000 and line.isHidden(), timeout=30_000)
    assert view.model.names == ["n", "square"]


def test_a_picture_that_was_stopped_can_be_saved_and_drawn_after_all(qtbot: QtBot, look: Theme) -> None:
    image, store = QImage(40, 20, QImage.Format.Format_RGB32), QBuffer()
    image.fill(Qt.GlobalColor.red)
    store.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(store, "PNG")
    data = bytes(store.data().data())
    view = ImageView(base64.b64encode(data).decode(), "image/png")
    qtbot.addWidget(view)
    view.show()
    view.stop_drawing()
    line = view.findChild(Preparing)
    assert line.isVisible()
    assert view._whole() == data
    with qtbot.waitSignal(view.facts_changed, timeout=30_000):
        line.rest.click()
    assert view._canvas.image is not None
    assert line.isHidden()
