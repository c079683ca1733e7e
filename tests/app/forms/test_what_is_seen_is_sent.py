"""What a person typed is what is sent, and what is not set is told apart; each of these went wrong once."""

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.strays import no_strays
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.json_field import JsonEditor
from wireglass_app.forms.lists import ChipsEditor

CTRL = Qt.KeyboardModifier.ControlModifier


def shown(qtbot, look, schema, *value) -> SchemaForm:
    form = SchemaForm(schema, *value)
    qtbot.addWidget(form)
    form.resize(420, 600)
    form.show()
    return form


def needed(**properties):
    return {"type": "object", "required": list(properties), "properties": properties}


def editor_of(form: SchemaForm, name: str):
    return form.root.row(name).editor


def test_a_chip_that_is_still_being_typed_is_sent(qtbot, look) -> None:
    form = shown(qtbot, look, needed(words={"type": "array", "items": {"type": "string"}}))
    QTest.keyClicks(editor_of(form, "words").line, "tea")
    assert form.value() == {"words": ["tea"]}


def test_a_text_chip_may_hold_a_comma_and_a_number_ends_at_one(qtbot, look) -> None:
    numbers = {"type": "array", "items": {"type": "integer"}}
    form = shown(qtbot, look, needed(words={"type": "array", "items": {"type": "string"}}, numbers=numbers))
    QTest.keyClicks(editor_of(form, "words").line, "Hello, world")
    QTest.keyClick(editor_of(form, "words").line, Qt.Key.Key_Return)
    QTest.keyClicks(editor_of(form, "numbers").line, "1,2,")
    assert form.value() == {"words": ["Hello, world"], "numbers": [1, 2]}


def test_each_pasted_line_is_a_chip(qtbot, look) -> None:
    form = shown(qtbot, look, needed(words={"type": "array", "items": {"type": "string"}}))
    QGuiApplication.clipboard().setText("one\ntwo, and a half\n\nthree\n")
    QTest.keyClick(editor_of(form, "words").line, Qt.Key.Key_V, CTRL)
    assert form.value() == {"words": ["one", "two, and a half", "three"]}


def test_many_choices_are_chips_that_are_searched(qtbot, look) -> None:
    form = shown(qtbot, look, needed(sizes={"type": "array", "items": {"enum": [f"size {n}" for n in range(40)]}}))
    editor = editor_of(form, "sizes")
    assert isinstance(editor, ChipsEditor)
    assert "40" in editor.line.placeholderText()
    editor.line.setText("size 7")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert form.value() == {"sizes": ["size 7"]}


def test_a_yes_or_no_that_was_not_answered_is_not_a_yes(qtbot, look) -> None:
    form = shown(qtbot, look, needed(maybe={"type": ["boolean", "null"]}))
    box = editor_of(form, "maybe").box
    assert (form.value(), box.text()) == ({}, "not set")
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center() * 0.2)
    assert form.value() == {"maybe": True}
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert form.value() == {"maybe": False}
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert form.value() == {"maybe": True}


def test_a_tuple_nobody_filled_in_is_not_wrong_yet(qtbot, look) -> None:
    places = [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]
    form = shown(qtbot, look, {"type": "object", "properties": {"three": {"type": "array", "prefixItems": places}}})
    row = form.root.row("three")
    row.tick.click()
    assert form.is_valid()
    QTest.keyClicks(row.editor._places[1].line, "5")  # its first place is missing now
    assert not form.is_valid()
    assert row.error == "1: this is needed."


def test_a_field_whose_json_is_broken_keeps_the_form_from_being_sent(qtbot, look) -> None:
    """The last good value would go out in place of the text that is seen."""
    form = shown(qtbot, look, needed(anything={}), {"anything": 1})
    edit = editor_of(form, "anything")
    assert isinstance(edit, JsonEditor)
    edit.edit.setPlainText('{"a": ')
    assert not form.is_valid()
    assert "line 1" in form.fault
    form.reveal_problems()
    assert form.footer.verdict.text() == "Not JSON yet"
    edit.edit.setPlainText('{"a": 2}')
    assert form.is_valid()
    assert form.value() == {"anything": {"a": 2}}


def test_an_unusable_schema_gives_json_with_the_reason_and_forbids_nothing(qtbot, look) -> None:
    """Design section 6, tool form, error. Who uses the tool cannot correct its schema."""
    form = shown(qtbot, look, {"type": "object", "properties": {"a": {"type": "strnig"}}}, {})
    assert form.is_valid()
    assert form.mode == "json"
    assert form._json_fault.text().startswith("The schema cannot be used:")
    assert form.footer.verdict.text() == "The schema cannot be used"
    form.json_edit.setPlainText('{"a": 1}')
    assert form.value() == {"a": 1}


@pytest.mark.parametrize("item", [1, None, "text", [1], {"name": 5}])
def test_an_item_that_fits_no_field_is_edited_as_json(qtbot, look, item) -> None:
    """Typed into the JSON twin, it ended the form with an exception once."""
    folder = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "kids": {}}}
    folder["properties"]["kids"] = {"type": "array", "items": {"anyOf": [folder | {"title": "F"}, {"type": "null"}]}}
    form = shown(qtbot, look, needed(kids={"type": "array", "items": folder}))
    form.set_value({"kids": [item, {"name": "a", "kids": [item]}]})
    assert form.value() == form.root.value() == {"kids": [item, {"name": "a", "kids": [item]}]}


def test_an_empty_tuple_stays_one(qtbot, look) -> None:
    form = shown(qtbot, look, {"properties": {"pair": {"type": "array", "prefixItems": [{"type": "string"}]}}})
    form.set_value({"pair": []})
    assert form.root.value() == {"pair": []}


def test_optional_fields_are_called_not_sent_only_while_none_is(qtbot, look) -> None:
    form = shown(qtbot, look, {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}})
    head = form.root._rest_head
    assert head.text() == "Optional, not sent"
    row = form.root.row("b")
    row.tick.click()
    QTest.keyClicks(row.editor.line, "x")
    assert head.text() == "Optional"
    form.set_value({})
    assert head.text() == "Optional, not sent"


def test_a_search_holds_for_fields_that_are_built_after_it(qtbot, look) -> None:
    form = shown(qtbot, look, {"type": "object", "properties": {f"f{n:03}": {"type": "string"} for n in range(60)}})
    form.root._search.setText("f033")
    form.root.build_all()
    assert [name for name, row in form.root.rows.items() if row.isVisible()] == ["f033"]
    assert form.root._more.isHidden()


def test_no_part_of_a_form_is_ever_a_window_of_its_own(qtbot, look) -> None:
    """A count of letters was, for a moment, and took the focus: until the next click no key did anything."""
    text = {"type": "string", "maxLength": 400, "description": "long"}
    many = {"enum": [f"value {n}" for n in range(40)]}
    union = {"anyOf": [text, {"type": "object", "properties": {"x": text}}, {"type": "null"}]}
    rows = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}}
    kinds = {
        "text": text,
        "many": many,
        "either": union,
        "rows": rows,
        "any": {},
        "map": {"additionalProperties": text},
    }
    kinds["map"] = {"type": "object", "additionalProperties": text}
    schema = needed(**kinds, list={"type": "array", "items": union}, when={"type": "string", "format": "date"})
    with no_strays():
        form = SchemaForm(schema)
        form.root.build_all()
        form.set_value({"list": ["a", None], "rows": [{"a": 1}], "map": {"b": "c"}, "either": {"x": "y"}})
        form.set_mode("json")
        QCoreApplication.processEvents()
        assert form.isHidden()
        qtbot.addWidget(form)


def test_frozen_fields_give_the_focus_to_the_way_back(qtbot, look) -> None:
    form = shown(qtbot, look, needed(a={"type": "string"}), {"a": "x"})
    form.toggle_mode()
    form.json_edit.setPlainText("{")
    form.toggle_mode()
    assert form.window().focusWidget() is form._back
