"""The table of an array of objects."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from wireglass.protocol.schema import plan
from wireglass_app.forms.flow import FlowLayout, PairsLayout
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.groups import ObjectEditor
from wireglass_app.forms.table import ItemsModel
from wireglass_app.plain import tip
from wireglass_app.theme import Theme

ITEM = plan({"type": "object", "required": ["w"], "properties": {"w": {"type": "number"}, "note": {"type": "string"}}})


def test_the_model_obeys_the_rules(qtbot: QtBot, look: Theme) -> None:
    model = ItemsModel(ITEM.properties)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.replace([{"w": 1, "note": "a", "more": True}])
    model.append({"w": 2})
    assert model.setData(model.index(0, 1), "")
    assert model.items == [{"w": 1, "more": True}, {"w": 2}]
    model.set_faults({(1, "w"): "too heavy"})
    assert model.data(model.index(1, 0), Qt.ItemDataRole.ToolTipRole) == tip("too heavy")
    model.remove(0)
    assert model.rowCount() == 1
    assert model.data(QModelIndex()) is None
    assert tester.model() is model


def test_short_fields_share_a_line_where_there_is_room(qtbot: QtBot, look: Theme) -> None:
    holder = QLabel()
    qtbot.addWidget(holder)
    layout = PairsLayout()
    holder.setLayout(layout)
    fields = [QLabel(text) for text in ("a", "b", "long", "c")]
    for field in fields:
        field.setProperty("short", field.text() != "long")
        layout.addWidget(field)
    wide = layout.heightForWidth(600)
    narrow = layout.heightForWidth(300)
    assert wide < narrow
    holder.resize(600, wide)
    holder.show()
    assert fields[0].y() == fields[1].y() < fields[2].y() < fields[3].y()
    holder.resize(300, narrow)
    qtbot.waitUntil(lambda: fields[0].y() < fields[1].y(), timeout=20_000)


def test_chips_wrap_like_words(qtbot: QtBot, look: Theme) -> None:
    holder = QLabel()
    qtbot.addWidget(holder)
    layout = FlowLayout()
    holder.setLayout(layout)
    for _ in range(6):
        chip = QLabel("chip")
        chip.setFixedSize(50, 20)
        layout.addWidget(chip)
    assert layout.heightForWidth(400) == 20
    assert layout.heightForWidth(120) == 20 * 3 + 6 * 2


def test_fields_share_no_line_where_their_names_and_types_would_be_cut(qtbot: QtBot, look: Theme) -> None:
    """Past fault: of two fields side by side a long type read "num…000"."""
    amount = {"type": "number", "minimum": 0.5, "maximum": 10_000_000, "description": "what is asked for it"}
    names = ("declared_value", "insured_value")
    schema = {"type": "object", "required": list(names), "properties": dict.fromkeys(names, amount)}
    form = SchemaForm(schema, name="Arguments")
    qtbot.addWidget(form)
    form.resize(500, 400)
    form.show()
    assert isinstance(form.root, ObjectEditor)
    rows = [form.root.row(name) for name in names]
    for width, together in ((500, False), (900, True), (330, False)):
        form.resize(width, 400)
        qtbot.waitUntil(lambda at_once=together: (rows[0].y() == rows[1].y()) == at_once, timeout=20_000)
        for one in rows:
            qtbot.waitUntil(lambda hint=one.hint: hint.width() >= hint.sizeHint().width(), timeout=20_000)
    assert rows[0].hint.text() in rows[0].hint.toolTip(), "where there is no room at all"
