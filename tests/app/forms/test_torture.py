"""Every construct of design section 5, one by one: its editor, its value through form and JSON, what is said of a wrong
value, and what typing gives."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from wireglass.protocol.schema import UNSET
from wireglass_app.controls import Button
from wireglass_app.forms.choices import ChoiceEditor, FixedEditor, OpenChoiceEditor
from wireglass_app.forms.editor import Editor
from wireglass_app.forms.fields import CheckEditor, LineEditor, NumberEditor, TextEditor
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.groups import ObjectEditor, UnionEditor
from wireglass_app.forms.json_field import JsonEditor
from wireglass_app.forms.lists import ChipsEditor, ListEditor, TicksEditor, TupleEditor
from wireglass_app.forms.maps import MapEditor
from wireglass_app.forms.table import TableEditor
from wireglass_app.theme import Theme

TREE = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
}
DEFS = {"Tree": TREE, "Postcode": {"type": "string", "pattern": "^[0-9]{4}$"}}
HUGE = 123456789012345678901234567890


class Construct(NamedTuple):
    """One field, its editor, a value that fits, one that does not, and a part of what is said of that."""

    schema: dict[str, Any]
    editor: type[Editor]
    good: Any
    bad: Any = UNSET
    words: str = ""


def text(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


CONSTRUCTS = {
    "text": Construct(text(maxLength=5), LineEditor, "abc", "abcdef", "at most 5"),
    "text without a limit": Construct(text(), LineEditor, "abc"),
    "long text": Construct(text(maxLength=201), TextEditor, "one\ntwo"),
    "text with several lines": Construct(text(), TextEditor, "one\ntwo"),
    "pattern": Construct({"$ref": "#/$defs/Postcode"}, LineEditor, "1100", "11", ""),
    "date": Construct(text(format="date"), LineEditor, "2026-07-28", "28.7.", "is not a date."),
    "date-time": Construct(text(format="date-time"), LineEditor, "2026-07-28T09:30:00Z", "now", "not a date and time"),
    "email": Construct(text(format="email"), LineEditor, "a@b.example", "desk", "is not an e-mail address."),
    "uri": Construct(text(format="uri"), LineEditor, "https://a.example/", "x y", "is not a URI."),
    "uuid": Construct(text(format="uuid"), LineEditor, "123e4567-e89b-42d3-a456-426614174000", "1-2", "is not a UUID."),
    "byte": Construct(text(format="byte"), LineEditor, "SGVsbG8=", "%%%", "is not base64."),
    "integer": Construct({"type": "integer", "minimum": 1}, NumberEditor, 3, 0, "less than 1"),
    "big integer": Construct({"type": "integer"}, NumberEditor, HUGE, "many", ""),
    "number": Construct({"type": "number", "exclusiveMinimum": 0}, NumberEditor, 2.5, 0, "not more than 0"),
    "boolean": Construct({"type": "boolean"}, CheckEditor, False),
    "few values": Construct({"enum": ["a", "b", "c"]}, OpenChoiceEditor, "b"),
    "many values": Construct({"enum": [f"value {n}" for n in range(30)]}, ChoiceEditor, "value 20"),
    "values of any type": Construct({"enum": [1, True, "1", None, [1], {"a": 1}]}, ChoiceEditor, {"a": 1}),
    "titled values": Construct(
        {"oneOf": [{"const": "pt", "title": "Portugal"}, {"const": "de", "title": "Germany"}]}, OpenChoiceEditor, "de"
    ),
    "const": Construct({"const": {"v": 2}}, FixedEditor, {"v": 2}),
    "null only": Construct({"type": "null"}, FixedEditor, None),
    "chips": Construct({"type": "array", "items": text(), "maxItems": 2}, ChipsEditor, ["a", "b"], ["a"] * 3, "2"),
    "chips of big numbers": Construct({"type": "array", "items": {"type": "integer"}}, ChipsEditor, [HUGE, -1]),
    "ticks": Construct({"type": "array", "items": {"enum": ["x", "y"]}}, TicksEditor, ["y"]),
    "table": Construct(
        {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kg"],
                "properties": {"kg": {"type": "number"}, "fragile": {"type": "boolean"}},
            },
        },
        TableEditor,
        [{"kg": 2.4, "fragile": True}, {"kg": 1}],
        [{"fragile": True}],
        "",
    ),
    "list of lists": Construct(
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, ListEditor, [[1, 2], []]
    ),
    "tuple": Construct(
        {"type": "array", "prefixItems": [{"type": "integer"}, text()], "items": False},
        TupleEditor,
        [1, "a"],
        ["x", "a"],
        "",
    ),
    "open tuple": Construct(
        {"type": "array", "prefixItems": [{"type": "integer"}], "items": text()}, TupleEditor, [1, "a", "b"]
    ),
    "tuple of draft-07": Construct({"type": "array", "items": [{"type": "integer"}]}, TupleEditor, [1]),
    "map": Construct({"type": "object", "additionalProperties": {"type": "integer"}}, MapEditor, {"a": 1, "b": 2}),
    "map by pattern": Construct(
        {
            "type": "object",
            "patternProperties": {"^n_": {"type": "integer"}, "^t_": text()},
            "additionalProperties": False,
        },
        MapEditor,
        {"n_a": 1, "t_b": "x"},
        {"other": 1},
        "other",
    ),
    "open object": Construct(
        {"type": "object", "properties": {"a": text()}, "additionalProperties": {"type": "boolean"}},
        ObjectEditor,
        {"a": "x", "more": True},
    ),
    "group": Construct({"type": "object", "properties": {"x": {"type": "integer"}}}, ObjectEditor, {"x": 1}),
    "reference": Construct({"$ref": "#/$defs/Tree"}, ObjectEditor, {"name": "root"}),
    "recursion": Construct(
        {"$ref": "#/$defs/Tree"}, ObjectEditor, {"name": "a", "children": [{"name": "b", "children": []}]}
    ),
    "anyOf": Construct({"anyOf": [{"type": "integer"}, text(maxLength=3)]}, UnionEditor, "abc", "abcd", ""),
    "oneOf objects": Construct(
        {
            "oneOf": [
                {"title": "Card", "type": "object", "required": ["number"], "properties": {"number": text()}},
                {
                    "title": "Cash",
                    "type": "object",
                    "required": ["coins"],
                    "properties": {"coins": {"type": "integer"}},
                },
            ]
        },
        UnionEditor,
        {"coins": 3},
    ),
    "nullable": Construct({"type": ["string", "null"]}, LineEditor, "x"),
    "allOf": Construct(
        {"allOf": [{"type": "integer", "minimum": 2}, {"maximum": 5}]}, NumberEditor, 4, 6, "more than 5"
    ),
    "anything": Construct({}, JsonEditor, {"any": [1, None]}),
    "no form can show it": Construct({"not": {"type": "string"}}, JsonEditor, 1, "x", ""),
}


def form_of(qtbot: QtBot, schema: dict[str, Any], value: Any = UNSET) -> SchemaForm:
    whole = {"type": "object", "properties": {"it": schema}, "required": ["it"], "$defs": DEFS}
    if isinstance(schema.get("items"), list):
        whole["$schema"] = "http://json-schema.org/draft-07/schema#"
    form = SchemaForm(whole, value if value is UNSET else {"it": value})
    qtbot.addWidget(form)
    form.resize(380, 500)
    form.show()
    return form


def row_of(form: SchemaForm, name: str = "it") -> Any:
    assert isinstance(form.root, ObjectEditor)
    return form.root.row(name)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_it_has_its_editor_and_keeps_its_value(qtbot: QtBot, look: Theme, name: str) -> None:
    one = CONSTRUCTS[name]
    form = form_of(qtbot, one.schema, one.good)
    assert isinstance(row_of(form).editor, one.editor)
    assert form.value() == {"it": one.good}
    assert type(form.value()["it"]) is type(one.good)
    assert form.is_valid(), form.verdicts
    assert row_of(form).error == ""


@pytest.mark.parametrize("name", [name for name, one in CONSTRUCTS.items() if one.bad is not UNSET])
def test_what_is_wrong_is_said_under_the_field_and_counted_in_the_footer(qtbot: QtBot, look: Theme, name: str) -> None:
    one = CONSTRUCTS[name]
    form = form_of(qtbot, one.schema, one.good)
    form.set_value({"it": one.bad})
    assert form.value() == {"it": one.bad}, "nothing typed is changed"
    assert not form.is_valid()
    assert one.words in row_of(form).error
    assert row_of(form).error
    assert form.footer.jump.isVisibleTo(form)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_json_twin_gives_the_same_value_and_takes_it_back(qtbot: QtBot, look: Theme, name: str) -> None:
    one = CONSTRUCTS[name]
    form = form_of(qtbot, one.schema, one.good)
    form.set_mode("json")
    assert json.loads(form.json_edit.toPlainText()) == {"it": one.good}
    form.json_edit.setPlainText(json.dumps({"it": one.good}))
    assert form.fault == ""
    form.set_mode("form")
    assert form.value() == {"it": one.good}
    assert isinstance(row_of(form).editor, one.editor)


def test_a_hundred_digits_survive_every_way(qtbot: QtBot, look: Theme) -> None:
    number = int("9" * 100)
    form = form_of(qtbot, {"type": "integer"})
    line = row_of(form).editor.line
    line.setFocus()
    qtbot.keyClicks(line, str(number))
    assert form.value() == {"it": number}
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert form.value() == {"it": number + 1}
    assert str(number + 1) in form.footer.line.accessibleName() or "9" * 40 not in form.footer.line.accessibleName()


def test_a_number_too_large_for_json_is_no_number(qtbot: QtBot, look: Theme) -> None:
    """JSON has no infinity; what is sent stays JSON, and the verdict says what is wrong."""
    form = form_of(qtbot, {"type": "number"})
    line = row_of(form).editor.line
    line.setFocus()
    qtbot.keyClicks(line, "1e999")
    assert form.value() == {"it": "1e999"}
    assert not form.is_valid()


def test_a_line_becomes_several_when_asked(qtbot: QtBot, look: Theme) -> None:
    form = form_of(qtbot, text(), "one")
    row = row_of(form)
    row._several_lines()
    assert isinstance(row.editor, TextEditor)
    assert form.value() == {"it": "one"}
    row.editor.text.setPlainText("one\ntwo")
    assert form.value() == {"it": "one\ntwo"}


def test_bytes_come_from_a_file(qtbot: QtBot, look: Theme, tmp_path: Path) -> None:
    file = tmp_path / "hello.bin"
    file.write_bytes(b"Hello")
    form = form_of(qtbot, text(format="byte"))
    editor = row_of(form).editor
    assert any("Take a file" in button.accessibleName() for button in editor.findChildren(QToolButton))
    editor.take_file(file)
    assert form.value() == {"it": "SGVsbG8="}
    editor.take_file(tmp_path / "missing")
    assert form.value() == {"it": "SGVsbG8="}
    assert "cannot be read" in editor.line.placeholderText()


def test_unset_null_and_empty_differ_in_what_is_sent(qtbot: QtBot, look: Theme) -> None:
    whole = {"type": "object", "properties": {"note": {"type": ["string", "null"]}}}
    form = SchemaForm(whole)
    qtbot.addWidget(form)
    form.show()
    row = row_of(form, "note")
    assert form.value() == {}
    row.tick.click()
    row._take("")
    assert form.value() == {"note": ""}
    row.null_button.click()
    assert form.value() == {"note": None}
    row.tick.click()
    assert form.value() == {}


def test_the_editor_of_a_map_follows_the_name(qtbot: QtBot, look: Theme) -> None:
    """`patternProperties`: the name says what the value is."""
    form = form_of(qtbot, CONSTRUCTS["map by pattern"].schema, {"n_a": 1})
    maps = row_of(form).editor
    maps.add.click()
    entry = maps._entries[1]
    assert entry.key.placeholderText() == "name like ^n_"
    qtbot.keyClicks(entry.key, "t_a")
    assert type(entry.editor) is LineEditor
    qtbot.keyClicks(entry.editor.line, "text")
    assert form.value() == {"it": {"n_a": 1, "t_a": "text"}}
    assert form.is_valid()


def test_a_name_that_is_there_twice_is_told(qtbot: QtBot, look: Theme) -> None:
    """An object holds a name once: nothing may vanish without a word."""
    form = form_of(qtbot, CONSTRUCTS["map"].schema, {"a": 1, "b": 2})
    maps = row_of(form).editor
    maps._entries[1].key.setText("a")
    maps._entries[1].key.textEdited.emit("a")
    form.is_valid()
    assert "a is there twice" in row_of(form).error


def test_faults_of_further_fields_are_told_at_them(qtbot: QtBot, look: Theme) -> None:
    schema = {"type": "object", "properties": {"a": text()}, "additionalProperties": {"type": "integer", "minimum": 3}}
    form = SchemaForm(schema, {"a": "x", "more": 1})
    qtbot.addWidget(form)
    form.show()
    assert not form.is_valid()
    assert isinstance(form.root, ObjectEditor)
    assert form.root._extra is not None
    assert "more:" in form.root._extra._told.text()


def test_a_value_without_a_name_is_told_of_below_it(qtbot: QtBot, look: Theme) -> None:
    form = SchemaForm({"type": "object", "properties": {"a": text(), "b": text()}, "minProperties": 1}, {})
    qtbot.addWidget(form)
    form.show()
    assert not form.is_valid()
    assert form._left.isVisibleTo(form)


# forms of many fields


def many(groups: int, each: int) -> dict[str, Any]:
    group = {"type": "object", "properties": {f"field_{n}": text() for n in range(each)}}
    names = [f"group_{n}" for n in range(groups)]
    return {"type": "object", "properties": dict.fromkeys(names, group), "required": names}


def test_above_200_fields_groups_are_folded(qtbot: QtBot, look: Theme) -> None:
    form = SchemaForm(many(5, 50))
    qtbot.addWidget(form)
    form.show()
    assert isinstance(form.root, ObjectEditor)
    form.root.build_all()
    group = row_of(form, "group_1").editor
    assert group._opener.isVisibleTo(form)
    assert group.rows == {}
    group.unfold()
    assert group.rows
    few = SchemaForm(many(5, 10))
    qtbot.addWidget(few)
    few.show()
    assert row_of(few, "group_1").editor.rows


def test_the_search_finds_fields_inside_groups(qtbot: QtBot, look: Theme) -> None:
    """Above 40 fields, those of groups counted."""
    schema = many(5, 50)
    schema["properties"]["group_3"] = {"type": "object", "properties": {"postcode": text(), "city": text()}}
    form = SchemaForm(schema)
    qtbot.addWidget(form)
    form.show()
    root = form.root
    assert isinstance(root, ObjectEditor)
    assert root._search is not None
    root._search.setText("POST")
    assert [name for name, row in root.rows.items() if row.isVisibleTo(form)] == ["group_3"]
    group = row_of(form, "group_3").editor
    group.build_all()
    assert group.rows["postcode"].isVisibleTo(form)
    assert not group.rows["city"].isVisibleTo(form)
    root._search.setText("nowhere")
    assert root._no_fit.isVisibleTo(form)
    root._search.setText("")
    assert row_of(form, "group_0").isVisibleTo(form)
    assert group.rows["city"].isVisibleTo(form)


def test_a_form_of_forty_fields_needs_no_search(qtbot: QtBot, look: Theme) -> None:
    form = SchemaForm({"type": "object", "properties": {f"f{n}": text() for n in range(40)}})
    qtbot.addWidget(form)
    assert isinstance(form.root, ObjectEditor)
    assert form.root._search is None


def test_a_group_that_is_folded_deep_inside_takes_no_width_from_the_form(qtbot: QtBot, look: Theme) -> None:
    """Its button told the whole path: every field of the form went out of sight at the right."""
    tree: dict[str, Any] = {"name": "leaf"}
    for _ in range(6):
        tree = {"name": "twig", "children": [tree]}
    form = SchemaForm({"type": "object", "$defs": DEFS, "properties": {"the_whole_tree": {"$ref": "#/$defs/Tree"}}})
    qtbot.addWidget(form)
    form.resize(346, 700)
    form.set_value({"the_whole_tree": tree})
    form.show()
    qtbot.waitUntil(lambda: bool(_openers(form)), timeout=10_000)
    (opener,) = _openers(form)
    assert opener.accessibleName() == "Open the_whole_tree, children, item 1, children, item 1"
    assert opener.text().strip() == "Open 2 fields"
    across = form._scroll.horizontalScrollBar()
    assert across.maximum() == 0
    for _level in range(3):
        _openers(form)[0].click()
        qtbot.waitUntil(lambda: bool(_openers(form)), timeout=10_000)
    qtbot.waitUntil(across.isVisible, timeout=10_000)  # deeper than there is room for: it can be scrolled to


def _openers(form: SchemaForm) -> list[Button]:
    return [one for one in form.findChildren(Button) if one.isVisible() and one.text().strip().startswith("Open ")]
