"""Typing JSON with a schema beside: what belongs at the caret, what is offered, where a verdict points."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from wireglass.protocol.schema import plan
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.json_places import caret_in, places, suggestions

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "Where"},
        "units": {"enum": ["metric", "imperial"]},
        "days": {"type": "integer", "default": 3},
        "stops": {"type": "array", "items": {"type": "object", "properties": {"lat": {"type": "number"}}}},
        "fast": {"type": "boolean"},
        "shape": {
            "oneOf": [
                {"type": "object", "properties": {"radius": {"type": "number"}}},
                {"type": "object", "properties": {"width": {"type": "number"}}},
            ]
        },
    },
    "required": ["city"],
}


def offered(text: str) -> list[str]:
    """What is offered at the `|` of a text."""
    at = text.index("|")
    return [one.text for one in suggestions(plan(SCHEMA), caret_in(text.replace("|", ""), at))]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("{|", ['"city"', '"units"', '"days"', '"stops"', '"fast"', '"shape"']),
        ('{"city": "x", |', ['"units"', '"days"', '"stops"', '"fast"', '"shape"']),
        ('{"ci|', ['"city"']),
        ('{|, "city": 1, "days": 2}', ['"units"', '"stops"', '"fast"', '"shape"']),
        ('{"units": |', ['"metric"', '"imperial"']),
        ('{"units": "imp|"}', ['"imperial"']),
        ('{"days": |', ["3"]),
        ('{"fast": t|', ["true"]),
        ('{"stops": [{|', ['"lat"']),
        ('{"stops": [{"lat": 1}, {"|', ['"lat"']),
        ('{"shape": {|', ['"radius"', '"width"']),
        ('{"city"|', []),
        ('{"city": "x"|', []),
        ("{}|", []),
        ('{"unknown": {|', []),
    ],
)
def test_what_is_offered(text: str, first: list[str]) -> None:
    assert offered(text) == first


def test_where_values_are() -> None:
    text = '{"a": [1, {"b": "x"}], "c/d": null}'
    found = {pointer: text[start:end] for pointer, (start, end) in places(text).items()}
    assert found == {
        "": text,
        "/a": '[1, {"b": "x"}]',
        "/a/0": "1",
        "/a/1": '{"b": "x"}',
        "/a/1/b": '"x"',
        "/c~1d": "null",
    }


@pytest.mark.parametrize("text", ["", "{", "}}}", '"', "[[[[", '{"a":', ",,,:::", "\\", '{"a" "b"}', "[" * 5000])
def test_no_text_is_too_broken(text: str) -> None:
    for at in range(min(len(text), 40) + 1):
        caret_in(text, at)
    places(text)


def test_a_name_and_a_value_are_completed_with_the_keyboard(qtbot, look) -> None:
    form = SchemaForm(SCHEMA)
    qtbot.addWidget(form)
    form.show()
    form.set_mode("json")
    edit = form.json_edit
    edit.setFocus()
    edit.setPlainText("{")
    edit.moveCursor(edit.textCursor().MoveOperation.End)
    QTest.keyClicks(edit, '"un')
    assert [one.text for one in edit.help.offered] == ['"units"']
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == '{"units": '
    QTest.keyClick(edit, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert [one.text for one in edit.help.offered] == ['"metric"', '"imperial"']
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == '{"units": "metric"'


def test_what_is_wrong_is_marked_at_its_place(qtbot, look) -> None:
    form = SchemaForm(SCHEMA)
    qtbot.addWidget(form)
    form.show()
    form.set_mode("json")
    edit = form.json_edit
    edit.setPlainText('{\n  "city": "x",\n  "days": "many"\n}')
    with qtbot.waitSignal(form.checked, timeout=30_000):
        pass
    assert edit.help.first_words.startswith("Line 3: ")
    selections = edit.extraSelections()
    assert [one.cursor.selectedText() for one in selections] == ['"many"']
    assert edit.help.words_at(edit.toPlainText().index("many"))
    edit.setPlainText('{\n  "city": "x",\n  "days": 4\n}')
    with qtbot.waitSignal(form.checked, timeout=30_000):
        pass
    assert edit.extraSelections() == []
