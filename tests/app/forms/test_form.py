"""What a person sees and does in a SchemaForm."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from wireglass.protocol.schema import UNSET
from wireglass_app.forms.choices import ChoiceEditor, OpenChoiceEditor
from wireglass_app.forms.editor import Editor
from wireglass_app.forms.fields import LineEditor, NumberEditor
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.groups import ObjectEditor, UnionEditor
from wireglass_app.forms.json_field import JsonEditor
from wireglass_app.forms.lists import ChipsEditor, TicksEditor
from wireglass_app.forms.table import TableEditor
from wireglass_app.theme import Theme

SHIPMENT: dict[str, Any] = {
    "type": "object",
    "required": ["origin", "parcels", "level", "count"],
    "properties": {
        "origin": {"$ref": "#/$defs/Address"},
        "parcels": {
            "type": "array",
            "items": {
                "title": "Parcel",
                "type": "object",
                "additionalProperties": False,
                "properties": {"weight": {"type": "number"}, "length": {"type": "integer"}},
                "required": ["weight"],
            },
        },
        "level": {"enum": ["economy", "standard", "express"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 14},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "notify": {"type": "array", "items": {"enum": ["sender", "receiver"]}},
        "carrier": {"enum": [f"carrier {index}" for index in range(40)]},
        "target": {
            "oneOf": [
                {"title": "Point", "type": "object", "required": ["x"], "properties": {"x": {"type": "number"}}},
                {"title": "Name", "type": "string"},
            ]
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "range": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "items": False},
        "anything": {},
        "restock": {"type": "boolean"},
    },
    "$defs": {
        "Address": {
            "type": "object",
            "required": ["code"],
            "properties": {"code": {"type": "string"}, "country": {"type": "string"}},
        }
    },
}
VALUE: dict[str, Any] = {
    "origin": {"code": "1100-148"},
    "parcels": [{"weight": 2.4, "length": 30}, {"weight": 0.85}],
    "level": "standard",
    "count": 3,
    "note": None,
    "tags": ["fragile", "gift"],
    "notify": ["receiver"],
    "carrier": "carrier 7",
    "target": "home",
    "labels": {"a": "b"},
    "range": [1, 2],
    "anything": [1, {"a": 2}],
    "restock": False,
}


def shown(qtbot: QtBot, schema: dict[str, Any], value: Any = UNSET, **options: Any) -> SchemaForm:
    form = SchemaForm(schema, value, **options)
    qtbot.addWidget(form)
    form.resize(360, 700)
    with qtbot.waitActive(form):
        form.show()
        form.activateWindow()
    if isinstance(form.root, ObjectEditor):
        form.root.build_all()
    return form


def editor(form: SchemaForm, name: str) -> Editor:
    assert isinstance(form.root, ObjectEditor)
    found = form.root.row(name).editor
    assert found is not None
    return found


def test_every_kind_shows_its_value_and_gives_it_back(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, VALUE)
    assert form.value() == VALUE
    assert form.is_valid()
    kinds = {
        "origin": ObjectEditor,
        "parcels": TableEditor,
        "level": OpenChoiceEditor,
        "count": NumberEditor,
        "tags": ChipsEditor,
        "notify": TicksEditor,
        "carrier": ChoiceEditor,
        "target": UnionEditor,
        "anything": JsonEditor,
    }
    assert {name: type(editor(form, name)) for name in kinds} == kinds


def test_keys_the_schema_does_not_know_are_kept(qtbot: QtBot, look: Theme) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    form = shown(qtbot, schema, {"a": "x", "unknown": [1]})
    assert form.value() == {"a": "x", "unknown": [1]}


def test_unset_null_and_empty_are_three_things_and_look_different(qtbot: QtBot, look: Theme) -> None:
    schema = {"type": "object", "properties": {"note": {"type": ["string", "null"]}}}
    form = shown(qtbot, schema)
    assert isinstance(form.root, ObjectEditor)
    row = form.root.row("note")
    assert form.value() == {}
    row.tick.click()
    line = row.editor
    assert isinstance(line, LineEditor)
    assert line.line.property("state") == "unset"
    qtbot.keyClicks(line.line, "x")
    qtbot.keyClick(line.line, Qt.Key.Key_Backspace)
    assert form.value() == {"note": ""}
    assert line.line.placeholderText() == "empty text"
    assert line.line.property("state") == ""
    row.null_button.click()
    assert form.value() == {"note": None}
    assert not line.isVisible()
    assert row._null_view.isVisible()
    row.tick.click()
    assert form.value() == {}


def test_integers_of_any_size_stay_exact(qtbot: QtBot, look: Theme) -> None:
    big = 123456789012345678901234567890
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    form = shown(qtbot, schema, {"n": big})
    number = editor(form, "n")
    assert isinstance(number, NumberEditor)
    assert number.line.text() == str(big)
    qtbot.keyClick(number.line, Qt.Key.Key_Up)
    assert form.value() == {"n": big + 1}
    form.set_mode("json")
    assert str(big + 1) in form.json_edit.toPlainText()


def test_the_arrow_keys_stay_within_the_bounds(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, {**VALUE, "count": 13})
    number = editor(form, "count")
    assert isinstance(number, NumberEditor)
    for _ in range(3):
        qtbot.keyClick(number.line, Qt.Key.Key_Up)
    assert form.value()["count"] == 14


def test_a_wrong_value_is_said_under_its_field_and_in_the_footer(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, VALUE)
    number = editor(form, "count")
    assert isinstance(number, NumberEditor)
    number.line.selectAll()
    with qtbot.waitSignal(form.checked, timeout=20_000):
        qtbot.keyClicks(number.line, "many")
    assert isinstance(form.root, ObjectEditor)
    assert form.value()["count"] == "many"
    assert form.root.row("count").error == 'This is the text "many"; a whole number is needed.'
    assert number.line.property("state") == "error"
    assert form.footer.verdict.text() == "1 problem"
    form.footer.jump.click()
    assert number.line.hasFocus()


def test_missing_values_are_told_only_when_one_wants_to_send(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}})
    assert isinstance(form.root, ObjectEditor)
    assert not form.is_valid()
    assert form.root.row("a").error == ""
    assert form.footer.verdict.text() == "1 field is still needed"
    form.reveal_problems()
    assert form.root.row("a").error == "This is needed."
    assert QApplication.focusWidget() is form.root.row("a").editor.focusProxy()  # type: ignore[union-attr]


def test_form_and_json_stay_in_step(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, VALUE)
    form.modes.button("json").click()
    text = form.json_edit.toPlainText().replace('"1100-148"', '"9999"')
    form.json_edit.setPlainText(text)
    assert form.value()["origin"] == {"code": "9999"}
    form.modes.button("form").click()
    code = editor(form, "origin")
    assert isinstance(code, ObjectEditor)
    assert code.row("code").value() == "9999"


def test_text_that_is_not_json_freezes_the_form_and_wipes_nothing(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, VALUE)
    form.set_mode("json")
    broken = form.json_edit.toPlainText()[:-1] + ","
    form.json_edit.setPlainText(broken)
    assert form.fault.startswith("Not JSON yet: line ")
    assert form.value() == VALUE
    assert not form.is_valid()
    form.set_mode("form")
    assert form._frozen.isVisible()
    assert not form._scroll.isEnabled()
    form._back.click()
    assert form.json_edit.toPlainText() == broken
    form.json_edit.setPlainText("{}")
    assert form.fault == ""
    assert form.value() == {}


def test_a_value_that_does_not_fit_its_field_is_edited_as_json(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, {**VALUE, "level": ["odd"]})
    assert isinstance(editor(form, "level"), JsonEditor)
    assert form.value()["level"] == ["odd"]


def test_chips_are_added_with_enter_and_taken_back_with_backspace(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, VALUE)
    chips = editor(form, "tags")
    assert isinstance(chips, ChipsEditor)
    qtbot.keyClicks(chips.line, "cold")
    qtbot.keyClick(chips.line, Qt.Key.Key_Return)
    assert form.value()["tags"] == ["fragile", "gift", "cold"]
    qtbot.keyClick(chips.line, Qt.Key.Key_Backspace)
    assert chips.line.text() == "cold"
    assert form.value()["tags"] == ["fragile", "gift", "cold"]


def test_a_table_takes_typed_cells_and_leaves_empty_optional_ones_out(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, VALUE)
    table = editor(form, "parcels")
    assert isinstance(table, TableEditor)
    table.add.click()
    model = table.model
    assert model.setData(model.index(2, 0), "1.5")
    assert model.setData(model.index(0, 1), "")
    assert form.value()["parcels"] == [{"weight": 2.4}, {"weight": 0.85}, {"weight": 1.5}]
    assert model.setData(model.index(1, 0), "heavy")
    assert not form.is_valid()
    assert isinstance(form.root, ObjectEditor)
    assert form.root.row("parcels").error.startswith("Row 2, weight: This is the text")


def test_typing_starts_in_the_first_empty_field_inside_a_group(qtbot: QtBot, look: Theme) -> None:
    """A tool that takes one pydantic model is a group in a group: the focus was on the group, and keys went nowhere."""
    person = {
        "type": "object",
        "required": ["name", "home"],
        "properties": {
            "name": {"type": "string"},
            "home": {
                "type": "object",
                "required": ["street", "zip"],
                "properties": {"street": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
            },
        },
    }
    form = shown(qtbot, {"type": "object", "required": ["person"], "properties": {"person": person}})
    home = {"street": "Main St"}
    for typed, shows in (("Ann", {"name": "Ann", "home": {}}), ("Main St", {"name": "Ann", "home": home})):
        assert form.focus_first_empty()
        qtbot.keyClicks(QApplication.focusWidget(), typed)
        assert form.value() == {"person": shows}
    form.reveal_problems()
    qtbot.keyClicks(QApplication.focusWidget(), "1")
    assert form.value()["person"]["home"]["zip"] == "1", "the field that is marked has the focus"
    assert form.focus_place("/person/name")
    qtbot.keyClicks(QApplication.focusWidget(), "e")
    assert form.value()["person"]["name"] == "Anne"
    assert not form.focus_place("/nobody")


def test_the_focus_goes_to_the_choice_that_is_made(qtbot: QtBot, look: Theme) -> None:
    """It went to the first one, and Space, meant for the button that looked chosen, chose another."""
    schema = {"type": "object", "required": ["how"], "properties": {"how": {"enum": ["a", "b", "c"]}}}
    form = shown(qtbot, schema, {"how": "b"})
    assert form.focus_first_empty()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert form.value() == {"how": "b"}


PARCELS: dict[str, Any] = {
    "type": "object",
    "properties": {"parcels": SHIPMENT["properties"]["parcels"], "after": {"type": "string"}},
}


def test_a_verdict_leaves_the_cell_that_is_being_typed_in_alone(qtbot: QtBot, look: Theme) -> None:
    """The view fills its open editors anew when cells are marked: the digits that a person had just typed were gone."""
    form = shown(qtbot, PARCELS, {"parcels": [{"weight": 2.4}]})
    table = editor(form, "parcels")
    assert isinstance(table, TableEditor)
    table.cells.setFocus()
    table.cells.setCurrentIndex(table.model.index(0, 1))
    qtbot.keyClicks(table.cells, "1")
    typing = QApplication.focusWidget()
    assert isinstance(typing, QLineEdit)
    qtbot.keyClicks(typing, "7")
    table.model.set_faults({(0, "weight"): "Too heavy."})
    assert typing.text() == "17"
    qtbot.keyClick(typing, Qt.Key.Key_Tab)
    assert form.value()["parcels"] == [{"weight": 2.4, "length": 17}]


def test_tab_leaves_a_table_after_its_last_cell_and_never_stops_at_an_empty_one(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, PARCELS, {"parcels": [{"weight": 2.4}]})
    table = editor(form, "parcels")
    assert isinstance(table, TableEditor)
    table.cells.setFocus()
    table.cells.setCurrentIndex(table.model.index(0, 0))
    qtbot.keyClick(table.cells, Qt.Key.Key_Tab)
    assert table.cells.hasFocus()
    assert table.cells.currentIndex().column() == 1
    qtbot.keyClicks(table.cells, "8")
    typing = QApplication.focusWidget()
    qtbot.keyClick(typing, Qt.Key.Key_Tab)
    qtbot.waitUntil(table.add.hasFocus, timeout=30_000)
    assert form.value()["parcels"] == [{"weight": 2.4, "length": 8}]
    qtbot.keyClick(table.add, Qt.Key.Key_Backtab)
    assert table.cells.hasFocus()
    qtbot.keyClick(table.cells, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert table.add.hasFocus()
    assert table.cells.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_a_union_keeps_what_was_typed_in_each_branch(qtbot: QtBot, look: Theme) -> None:
    form = shown(qtbot, SHIPMENT, VALUE)
    union = editor(form, "target")
    assert isinstance(union, UnionEditor)
    union._pick(0)
    assert form.value()["target"] == {}
    union._pick(1)
    assert form.value()["target"] == "home"


def test_tab_walks_the_fields_in_reading_order(qtbot: QtBot, look: Theme) -> None:
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "boolean"}},
    }
    form = shown(qtbot, schema)
    assert form.focus_first_empty()
    names: list[str] = []
    for _ in range(6):
        focus = QApplication.focusWidget()
        assert focus is not None
        names.append(focus.accessibleName())
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert names[0] == "a"
    assert names.index("a") < names.index("b") < names.index("Send c")


def test_server_text_is_never_markup(qtbot: QtBot, look: Theme) -> None:
    schema = {
        "type": "object",
        "properties": {"<b>x</b>": {"type": "boolean", "title": "<img src=x>\u202e", "description": "<a href=x>y</a>"}},
    }
    form = shown(qtbot, schema)
    assert isinstance(form.root, ObjectEditor)
    row = form.root.row("<b>x</b>")
    assert row.label.textFormat() == Qt.TextFormat.PlainText
    assert row.note.textFormat() == Qt.TextFormat.PlainText
    assert "\u202e" not in row.label.text()


@pytest.mark.parametrize("required", [True, False])
def test_two_thousand_fields_are_built_as_they_are_needed(qtbot: QtBot, look: Theme, required: bool) -> None:
    names = [f"field_{index}" for index in range(2_000)]
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": names if required else [],
    }
    form = SchemaForm(schema, {"field_1999": "kept"})
    qtbot.addWidget(form)
    form.show()
    assert isinstance(form.root, ObjectEditor)
    assert len(form.root.rows) <= 20
    assert form.value() == {"field_1999": "kept"}
    with qtbot.waitSignal(form.root.built, timeout=30_000):
        pass
    assert len(form.root.rows) == 40
    assert form.root._search is not None
    qtbot.keyClicks(form.root._search, "field_1234")
    assert form.root.row("field_1234").isVisible()
    assert not form.root.row("field_0").isVisible()


def test_a_recursive_schema_is_built_only_where_it_is_opened(qtbot: QtBot, look: Theme) -> None:
    schema = {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "required": ["child"],
                "properties": {"name": {"type": "string"}, "child": {"$ref": "#/$defs/Node"}},
            }
        },
    }
    form = shown(qtbot, schema)
    assert len(form.findChildren(ObjectEditor)) < 10
    assert len(form.findChildren(QCheckBox)) < 40


def test_an_elicited_enum_is_radio_buttons_and_the_default_is_filled_in(qtbot: QtBot, look: Theme) -> None:
    schema = {
        "type": "object",
        "properties": {"why": {"type": "string", "enum": ["a", "b"], "enumNames": ["Aye", "Bee"], "default": "b"}},
    }
    form = shown(qtbot, schema, elicited=True)
    choice = editor(form, "why")
    assert isinstance(choice, OpenChoiceEditor)
    assert form.value() == {"why": "b"}
    assert [button.text() for button in choice._buttons] == ["Aye", "Bee"]


def test_two_fields_of_one_type_have_two_labels(qtbot: QtBot, look: Theme) -> None:
    """Their type stands at the right."""
    address = {"type": "object", "title": "Address", "properties": {"city": {"type": "string"}}}
    reference = {"$ref": "#/$defs/Address"}
    form = shown(
        qtbot,
        {
            "type": "object",
            "$defs": {"Address": address},
            "properties": {"sender": reference, "receiver": reference},
            "required": ["sender", "receiver"],
        },
    )
    words = [label.text() for label in form.findChildren(QLabel)]
    assert "sender" in words
    assert "receiver" in words
    assert "Address" not in words


def test_an_empty_form_says_what_takes_no_arguments(qtbot: QtBot, look: Theme) -> None:
    """A prompt is no tool."""
    nothing: dict[str, Any] = {"type": "object", "properties": {}}
    for options, words in (
        ({}, "This tool takes no arguments."),
        ({"of": "prompt"}, "This prompt takes no arguments."),
    ):
        form = shown(qtbot, nothing, **options)
        assert words in [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
