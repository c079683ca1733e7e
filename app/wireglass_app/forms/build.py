"""Which editor fits which node: the list that a new editor joins."""

from wireglass.protocol.schema import Node
from wireglass_app.forms.choices import ChoiceEditor, FixedEditor, OpenChoiceEditor
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.fields import CheckEditor, LineEditor, NumberEditor, TextEditor
from wireglass_app.forms.groups import ObjectEditor, UnionEditor
from wireglass_app.forms.json_field import JsonEditor
from wireglass_app.forms.lists import ChipsEditor, ListEditor, TicksEditor, TupleEditor
from wireglass_app.forms.maps import MapEditor
from wireglass_app.forms.scalars import short_choices, table_columns
from wireglass_app.forms.table import TableEditor

__all__ = ["build"]

_LONG_TEXT = 200
_TICKS = 8
_RADIOS = 5


def build(node: Node, place: Place) -> Editor:
    """The editor for one node. Never fails: what has no editor of its own is edited as JSON, with the reason."""
    match node.kind:
        case "string":
            return _text(node, place)
        case "integer" | "number":
            return NumberEditor(node, place)
        case "boolean":
            return CheckEditor(node, place)
        case "null" | "const":
            return FixedEditor(node, place)
        case "enum":
            return _choice(node, place)
        case "array":
            return _array(node, place)
        case "object" if node.properties:
            return ObjectEditor(node, place)
        case "object" if node.additional is not None:
            return MapEditor(node, place)
        case "object":
            return ObjectEditor(node, place)
        case "union":
            return UnionEditor(node, place)
        case _:
            return JsonEditor(node, place, node.reason)


def _text(node: Node, place: Place) -> Editor:
    longest = node.constraints.get("maxLength", 0)
    several = longest > _LONG_TEXT or (place.elicited and longest > 80) or node.format in ("textarea", "multiline")
    return TextEditor(node, place) if several and not node.write_only else LineEditor(node, place)


def _choice(node: Node, place: Place) -> Editor:
    if place.elicited and len(node.choices) <= _RADIOS:
        return OpenChoiceEditor(node, place, radio=True)
    return OpenChoiceEditor(node, place) if short_choices(node) else ChoiceEditor(node, place)


def _array(node: Node, place: Place) -> Editor:
    item = node.items
    if node.prefix_items:
        return TupleEditor(node, place)
    if item is None:
        return JsonEditor(node, place, "no item is allowed in this list")
    if item.kind == "enum" and len(item.choices) <= _TICKS and not item.nullable:
        return TicksEditor(node, place)
    if item.kind in ("string", "integer", "number", "enum") and not item.nullable:
        return ChipsEditor(node, place)
    if table_columns(item):
        return TableEditor(node, place)
    if item.kind == "json":
        return JsonEditor(node, place, f"of its items {item.reason}")
    return ListEditor(node, place)
