"""Which view a thing gets, and what a person sees in it."""

import base64
import json
import zlib
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from wireglass_app.controls import column
from wireglass_app.payloads.audio import AudioView
from wireglass_app.payloads.base import PayloadView, Reader, pick, pick_resource, pick_value
from wireglass_app.payloads.cards import ContentPane, EmbeddedView, LinkView
from wireglass_app.payloads.csv_table import CsvView
from wireglass_app.payloads.hex import HexRows, HexView
from wireglass_app.payloads.image import ImageView, decode_image
from wireglass_app.payloads.json import JsonView, main_table
from wireglass_app.payloads.markdown import MarkdownView, looks_like_markdown
from wireglass_app.payloads.saving import SaveButton, safe_name
from wireglass_app.payloads.text import TextView
from wireglass_app.payloads.toolturns import ToolResultView, ToolUseView
from wireglass_app.theme import Theme

QUOTES = {"id": "Q", "skipped": [], "quotes": [{"price": 2, "by": "a"}, {"price": 1, "by": "b"}]}


def png(width: int = 40, height: int = 20) -> str:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt takes a str
    return base64.b64encode(bytes(buffer.data().data())).decode()


def added(qtbot: QtBot, view: Any) -> Any:
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show()
    return view


@pytest.mark.parametrize(
    ("block", "view"),
    [
        ({"type": "text", "text": "plain"}, TextView),
        ({"type": "text", "text": "# Title\n\n- a"}, MarkdownView),
        ({"type": "image", "data": png(), "mimeType": "image/png"}, ImageView),
        ({"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}, AudioView),
        ({"type": "resource_link", "uri": "a://b", "name": "b"}, LinkView),
        ({"type": "resource", "resource": {"uri": "a://b", "text": "x"}}, EmbeddedView),
        ({"type": "tool_use", "id": "1", "name": "scan", "input": {}}, ToolUseView),
        ({"type": "tool_result", "toolUseId": "1", "content": [{"type": "text", "text": "x"}]}, ToolResultView),
        ({"type": "text"}, JsonView),
        ({"type": ["text"]}, JsonView),
        ("not an object", JsonView),
        (None, JsonView),
    ],
)
def test_each_block_gets_its_view(qtbot: QtBot, look: Theme, block: Any, view: type[PayloadView]) -> None:
    assert type(added(qtbot, pick(block))) is view


@pytest.mark.parametrize(
    ("contents", "view"),
    [
        ({"uri": "a://b", "mimeType": "application/json", "text": '{"a": 1}'}, JsonView),
        ({"uri": "a://b", "mimeType": "application/json", "text": "{not json"}, TextView),
        ({"uri": "a://b", "mimeType": "text/markdown", "text": "x"}, MarkdownView),
        ({"uri": "a://b", "mimeType": "text/csv; charset=utf-8", "text": "a,b"}, CsvView),
        ({"uri": "a://b", "blob": "AAAA"}, HexView),
        ({"uri": "a://b", "mimeType": "image/png", "blob": png()}, ImageView),
        ({"uri": "a://b", "blob": "!"}, JsonView),
        ({"uri": "a://b"}, JsonView),
        (7, JsonView),
    ],
)
def test_each_resource_gets_its_view(qtbot: QtBot, look: Theme, contents: Any, view: type[PayloadView]) -> None:
    assert type(added(qtbot, pick_resource(contents))) is view


def test_table_tree_and_raw_share_one_selection(qtbot: QtBot, look: Theme) -> None:
    view = added(qtbot, pick_value(QUOTES))
    assert view.looks.current() == "table"
    with qtbot.waitSignal(view.pointer_selected, timeout=20_000) as told:
        view._table.selectRow(1)
    assert told.args == ["/quotes/1"]
    view.looks.button("tree").click()
    assert view._nodes.pointer(view._tree.currentIndex()) == "/quotes/1"
    view.looks.button("raw").click()
    assert view._raw.pointer() == "/quotes/1"
    view.select("/quotes/0/by")
    view.looks.button("table").click()
    assert view._table.currentIndex().row() == 0
    view.looks.button("tree").click()
    assert view._nodes.pointer(view._tree.currentIndex()) == "/quotes/0/by"


def test_sorting_keeps_the_selected_item(qtbot: QtBot, look: Theme) -> None:
    view = added(qtbot, JsonView(QUOTES))
    view._table.selectRow(0)
    with qtbot.waitSignal(view._rows.layoutChanged, timeout=20_000):
        view._table.horizontalHeader().setSortIndicator(0, view._table.horizontalHeader().sortIndicatorOrder())
    assert view._rows.item_number(0) == 1
    assert view.selected == "/quotes/0"
    assert view._table.currentIndex().row() == 1
    assert "sorted by price" in view._shape.whole()


def test_the_longest_array_of_objects_is_the_table() -> None:
    assert main_table(QUOTES) == "/quotes"
    assert main_table([{"a": 1}]) == ""
    assert main_table({"a": [1, 2]}) is None
    assert main_table("x") is None


def test_markdown_draws_no_html_loads_nothing_and_shows_where_links_go(qtbot: QtBot, look: Theme) -> None:
    text = "See [here](https://evil.example/x) ![p](http://e.example/p.png)\n\n<img src='http://e.example/q'> **bold**"
    view = added(qtbot, MarkdownView(text))
    page = view.findChild(QTextBrowser)
    shown = page.toPlainText()
    assert "here <https://evil.example/x>" in shown
    assert "picture, not loaded <http://e.example/p.png>" in shown
    assert "<img src='http://e.example/q'>" in shown
    assert "href" not in page.document().toHtml()
    assert page.loadResource(2, "http://e.example/p.png") is None
    view._toggle.click()
    assert view._stack.currentWidget() is view._source


def test_drawn_markdown_begins_at_its_beginning(qtbot: QtBot, look: Theme) -> None:
    """Whatever was longer than the page was shown from its end."""
    view = added(qtbot, MarkdownView("# Title\n\n" + "\n\n".join(f"Paragraph **{n}**" for n in range(200))))
    view.resize(400, 300)
    view.show()
    (page,) = view.findChildren(QTextBrowser)
    bar = page.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=10_000)
    assert bar.value() == 0
    assert page.textCursor().position() == 0


def test_only_text_with_signs_is_taken_for_markdown() -> None:
    assert looks_like_markdown("a **b** c")
    assert looks_like_markdown("1. first\n2. second")
    assert not looks_like_markdown("2 * 3 = 6, a_b_c, [x]")


def test_large_json_comes_as_json_when_it_was_read(qtbot: QtBot, look: Theme) -> None:
    """Above 1 MB it stood there as one line, cut, and nothing more could be seen of it."""
    text = json.dumps([{"n": number, "text": "x" * 40} for number in range(30_000)])
    assert len(text) > 1_000_000
    said, found = pick_resource({"uri": "v://big", "mimeType": "application/json", "text": text}), TextView(text)
    for view in (said, found):
        assert isinstance(view, TextView)
        qtbot.addWidget(view)
        for action in view.actions():
            action.setParent(view)  # as the pane that shows it does
        view.show()
    qtbot.waitUntil(lambda: isinstance(said._stack.currentWidget(), JsonView), timeout=30_000)
    qtbot.waitUntil(lambda: not found._toggle.isHidden(), timeout=30_000)
    assert found._stack.currentWidget() is found._plain, "nobody said that it is JSON"
    found._toggle.click()
    assert isinstance(found._stack.currentWidget(), JsonView)


def test_one_goes_to_a_value_in_the_tree_or_to_what_would_hold_it(qtbot: QtBot, look: Theme) -> None:
    view = added(qtbot, JsonView({"quotes": [{"price": 1}, {"price": "24,90"}], "at": "noon"}))
    assert view.looks.current() == "table"
    view.go_to("/quotes/1/price")
    assert (view.looks.current(), view.selected) == ("tree", "/quotes/1/price")
    view.go_to("/quotes/0/carrier")
    assert view.selected == "/quotes/0", "it is missing there"
    view.go_to("/at")
    assert view.selected == "/at"


def test_text_that_is_json_can_be_looked_at_as_json(qtbot: QtBot, look: Theme) -> None:
    view = added(qtbot, TextView('{"a": [1]}'))
    (button,) = view.actions()
    button.click()
    assert view.findChild(JsonView).isVisible()
    assert added(qtbot, TextView("[not json")).actions() == []


def test_a_picture_is_decoded_zoomed_and_its_facts_told(qtbot: QtBot, look: Theme) -> None:
    view = ImageView(png(), "image/png")
    with qtbot.waitSignal(view.facts_changed, timeout=20_000):
        added(qtbot, view)
    assert view.facts.startswith("png · 40\u00d720 · ")
    assert view.zoom == 1.0
    view.zoom_by(1)
    assert view.zoom == 1.5


def test_huge_pictures_are_drawn_on_request_and_smaller(qtbot: QtBot, look: Theme) -> None:
    view = ImageView(png(20_000, 1_000), "image/png")
    with qtbot.waitSignal(view.facts_changed, timeout=20_000):
        added(qtbot, view)
    assert view._canvas.image is None
    assert view._anyway.isVisible()
    with qtbot.waitSignal(view.facts_changed, timeout=20_000):
        view._anyway.click()
    assert view._canvas.image is not None
    assert view._canvas.image.width() == 2_400


def test_pictures_beyond_all_bounds_are_refused_without_decoding(qtbot: QtBot, look: Theme) -> None:
    whole = base64.b64decode(png())
    chunk = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + whole[24:29]
    header = whole[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    body = whole[33:]
    with pytest.raises(ValueError, match="pixels are too many"):
        decode_image(header + body, large=True)


def test_data_that_is_no_picture_says_so(qtbot: QtBot, look: Theme) -> None:
    view = ImageView("AAAA", "image/png")
    with qtbot.waitSignal(view.facts_changed, timeout=20_000):
        added(qtbot, view)
    assert view._note.text().startswith("This picture cannot be drawn: ")


def test_hex_rows_are_made_when_asked_for(qtbot: QtBot, look: Theme) -> None:
    rows = HexRows(b"%PDF-1.7\n" + bytes(range(20)))
    assert len(rows) == 2
    assert rows[0].startswith("00000000  25 50 44 46 2d 31 2e 37 0a 00 ")
    assert rows[0].endswith("%PDF-1.7........")
    assert rows[-1] == rows[1] == rows[1:][0]
    view = added(qtbot, HexView(bytes(50_000_000)))
    assert len(view.code.rows) == 3_125_000


class Reading(QWidget, Reader):
    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.setLayout(column(inner))

    def read(self, uri: str) -> None:
        self.asked.append(uri)


LINK = {"type": "resource_link", "uri": "a://b", "name": "<b>x</b>", "size": 14_000}


def test_reading_a_link_is_the_users_act(qtbot: QtBot, look: Theme) -> None:
    view = LinkView(LINK)
    around = added(qtbot, Reading(view))
    view.read.click()
    assert around.asked == ["a://b"]
    assert view.facts == "14.0 KB"


def test_links_can_be_read_wherever_they_stand(qtbot: QtBot, look: Theme) -> None:
    pane = ContentPane()
    around = added(qtbot, Reading(pane))
    inside = {"type": "tool_result", "toolUseId": "1", "content": [LINK]}
    pane.set_blocks([*([{"type": "text", "text": "-"}] * 12), LINK, inside])
    qtbot.waitUntil(lambda: pane._more.isVisible(), timeout=20_000)
    pane._more.click()
    qtbot.waitUntil(lambda: len(pane.cards) == 14, timeout=20_000)
    for view in pane.findChildren(LinkView):
        view.read.click()
    assert around.asked == ["a://b"] * 2


def test_a_link_where_nothing_can_be_read_has_no_button(qtbot: QtBot, look: Theme) -> None:
    view = added(qtbot, LinkView(LINK))
    assert view.read.isHidden()


def test_many_blocks_come_a_dozen_at_a_time(qtbot: QtBot, look: Theme) -> None:
    pane = added(qtbot, ContentPane())
    pane.set_blocks([{"type": "text", "text": str(index)} for index in range(30)])
    for number in (12, 24):
        qtbot.waitUntil(pane._more.isVisible, timeout=20_000)
        assert len(pane.cards) == number
        pane._more.click()
    qtbot.waitUntil(lambda: len(pane.cards) == 30, timeout=20_000)
    assert pane._more.isHidden()
    pane.set_blocks([])
    assert pane.cards == []


def test_blocks_that_are_still_to_come_do_not_join_those_of_the_next_result(qtbot: QtBot, look: Theme) -> None:
    pane = added(qtbot, ContentPane())
    pane.set_blocks([{"type": "text", "text": str(index)} for index in range(12)])
    pane.set_blocks([{"type": "text", "text": "next"}] * 8)
    qtbot.waitUntil(lambda: len(pane.cards) == 8, timeout=20_000)
    qtbot.wait(0)
    assert [card.view.copy_text() for card in pane.cards] == ["next"] * 8


def test_saving_writes_in_the_background_and_tells(qtbot: QtBot, look: Theme, tmp_path: Any) -> None:
    button = added(qtbot, SaveButton(b"data", "../../etc/pass<wd"))
    assert button.accessibleName() == "Save pass_wd"
    button.save_to(str(tmp_path / "out.bin"))
    qtbot.waitUntil(lambda: button.text() == "Saved", timeout=20_000)
    assert (tmp_path / "out.bin").read_bytes() == b"data"
    button.save_to(str(tmp_path / "none" / "out.bin"))
    qtbot.waitUntil(lambda: button.text() == "Not saved", timeout=20_000)
    assert "Choose another place" in button.toolTip()


def test_a_servers_file_name_is_only_a_name() -> None:
    assert safe_name("C:\\x\\..\\evil.exe\x00") == "evil.exe_"
    assert safe_name("...") == "data.bin"
