"""Comma-separated text as a table."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from wireglass_app.payloads.base import pick_resource
from wireglass_app.payloads.csv_table import CsvModel, CsvView, read_rows


@pytest.mark.parametrize(
    ("text", "tabs", "rows"),
    [
        ('a,b\n1,"x, y"\n', False, [["a", "b"], ["1", "x, y"]]),
        ("a;b\n1;2,5\n", False, [["a", "b"], ["1", "2,5"]]),
        ("a\tb\n1\t2\n", True, [["a", "b"], ["1", "2"]]),
        ('a,b\n"two\nlines",2\n\n', False, [["a", "b"], ["two\nlines", "2"]]),
        ("only\n1\n", False, [["only"], ["1"]]),
    ],
)
def test_the_delimiter_is_that_of_the_first_lines(text: str, tabs: bool, rows: list) -> None:
    assert [row for part in read_rows(text, tabs) for row in part] == rows


def test_rows_come_in_slices_and_the_first_names_the_columns(qapp) -> None:
    model = CsvModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    text = "n,square\n" + "".join(f"{n},{n * n}\n" for n in range(1200))
    slices = list(read_rows(text))
    assert len(slices) == 3
    for part in slices:
        model.take(part)
    assert model.rowCount() == 1200
    assert model.index(1199, 1).data() == str(1199 * 1199)
    assert model.headerData(1, Qt.Orientation.Horizontal) == "square"


def test_a_csv_resource_is_a_table_and_stays_text(qtbot, look) -> None:
    view = pick_resource({"uri": "a://t.csv", "mimeType": "text/csv; charset=utf-8", "text": "a,b\n1,<b>2</b>\n3\n"})
    assert isinstance(view, CsvView)
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    qtbot.waitUntil(lambda: view.model.rowCount() == 2, timeout=30_000)
    assert view.model.index(0, 1).data() == "<b>2</b>"
    assert view.model.index(1, 1).data() == ""
    qtbot.waitUntil(lambda: view.facts.startswith("2 rows"), timeout=30_000)
    view.show_as("raw")
    assert view.copy_text().startswith("a,b")


def test_what_is_no_table_is_shown_as_text(qtbot, look) -> None:
    view = CsvView('a,b\n"' + "x" * (csv.field_size_limit() + 10))
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: view.facts.startswith("no table"), timeout=30_000)


def test_text_can_be_looked_at_in_hexadecimal(qtbot, look) -> None:
    from wireglass_app.payloads.cards import ContentCard
    from wireglass_app.payloads.hex import HexView

    view = pick_resource({"uri": "a://t", "text": "Hi"})
    card = ContentCard(view, lambda: b"Hi")
    qtbot.addWidget(card)
    card.show()
    card.hex_button.click()
    dump = card.findChild(HexView)
    assert dump.isVisible()
    assert not view.isVisible()
    assert dump.copy_text() == "48 69"
    card.hex_button.click()
    assert view.isVisible()
