"""Which form fields a JSON Schema becomes (design section 5, "Argument form, by schema")."""

from typing import Any

import pytest

from wireglass.protocol.elicitation_schema import elicitation_plan
from wireglass.protocol.schema import UNSET, Choice, Node, defaults, plan


def fields(node: Node) -> dict[str, Node]:
    return dict(node.properties)


def of_object(**properties: Any) -> dict[str, Node]:
    return fields(plan({"type": "object", "properties": properties}))


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean", "null", "array", "object"])
def test_a_plain_type_is_its_own_kind(kind: str) -> None:
    assert plan({"type": kind}).kind == kind


def test_words_bounds_and_values_are_read() -> None:
    node = plan(
        {
            "type": "string",
            "title": "Name",
            "description": "Who",
            "minLength": 2,
            "maxLength": 9,
            "pattern": "^a",
            "format": "email",
            "default": "ab",
            "examples": ["ax", "ay"],
            "writeOnly": True,
        }
    )
    assert (node.title, node.description, node.format, node.default) == ("Name", "Who", "email", "ab")
    assert node.constraints == {"minLength": 2, "maxLength": 9, "pattern": "^a"}
    assert node.examples == ("ax", "ay")
    assert node.write_only


def test_required_is_told_by_the_parent_and_undescribed_required_fields_appear() -> None:
    node = plan({"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "c"]})
    assert [(name, field.required, field.kind) for name, field in node.properties] == [
        ("a", True, "string"),
        ("b", False, "json"),
        ("c", True, "json"),
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/S"}], "$defs": {"S": {"type": "string"}}},
    ],
)
def test_null_among_the_types_makes_a_nullable_field_and_no_union(schema: dict[str, Any]) -> None:
    node = plan(schema)
    assert (node.kind, node.nullable) == ("string", True)


def test_several_types_and_several_alternatives_are_unions() -> None:
    typed = plan({"type": ["string", "integer", "null"], "title": "T", "minLength": 3, "minimum": 4})
    assert (typed.kind, typed.nullable, [branch.kind for branch in typed.branches]) == (
        "union",
        True,
        ["string", "integer"],
    )
    assert [branch.constraints for branch in typed.branches] == [{"minLength": 3}, {"minimum": 4}]
    node = plan({"oneOf": [{"type": "string", "title": "By name"}, {"$ref": "#/definitions/Id"}], "definitions": ID})
    assert [(branch.kind, branch.label) for branch in node.branches] == [("string", "By name"), ("integer", "Id")]


ID = {"Id": {"type": "integer"}}


def test_branches_carry_what_all_alternatives_share() -> None:
    node = plan(
        {
            "type": "object",
            "title": "Shape",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "oneOf": [
                {"properties": {"kind": {"const": "circle"}, "r": {"type": "number"}}, "required": ["kind", "r"]},
                {"properties": {"kind": {"const": "square"}}, "required": ["kind"]},
            ],
        }
    )
    circle, square = node.branches
    assert sorted(fields(circle)) == ["kind", "name", "r"]
    assert (circle.label, square.label, node.title) == ("kind: circle", "kind: square", "Shape")
    assert defaults(circle) == {"kind": "circle"}


def test_alternatives_that_only_demand_fields_do_not_hide_the_fields() -> None:
    node = plan(
        {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        }
    )
    assert (node.kind, list(fields(node))) == ("object", ["a", "b"])


@pytest.mark.parametrize(
    ("schema", "choices", "nullable"),
    [
        ({"enum": ["a", 1, True, None]}, [("a", "a"), (1, "1"), (True, "true")], True),
        ({"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]}, [("a", "A"), ("b", "B")], False),
        ({"oneOf": [{"const": 1, "title": "One"}, {"const": 2}]}, [(1, "One"), (2, "2")], False),
        ({"anyOf": [{"enum": ["x", "y"]}, {"type": "null"}]}, [("x", "x"), ("y", "y")], True),
        ({"enum": [{"k": [1]}]}, [({"k": [1]}, "{k: [1]}")], False),
        ({"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3, 4]}], "type": "integer"}, [(2, "2"), (3, "3")], False),
    ],
)
def test_enums_of_any_value_with_their_titles(schema: Any, choices: list[tuple[Any, str]], nullable: bool) -> None:
    node = plan(schema)
    assert (node.kind, node.nullable) == ("enum", nullable)
    assert node.choices == tuple(Choice(value, title) for value, title in choices)


def test_one_and_true_are_different_choices() -> None:
    assert [choice.value for choice in plan({"enum": [1, True, 1.0, 0, False]}).choices] == [1, True, 0, False]


def test_const_has_its_value() -> None:
    node = plan({"const": {"a": None}})
    assert (node.kind, node.choices) == ("const", (Choice({"a": None}, "{a: null}"),))


def test_tuples_in_both_dialects() -> None:
    modern = plan(
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 1}
    )
    old = plan({"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "boolean"}})
    assert [(place.kind, place.required) for place in modern.prefix_items] == [("string", True), ("integer", False)]
    assert modern.items is None
    assert [place.kind for place in old.prefix_items] == ["string"]
    assert old.items is not None
    assert old.items.kind == "boolean"


def test_a_tuple_of_full_length_takes_no_more_items() -> None:
    assert plan({"type": "array", "prefixItems": [{}, {}], "minItems": 2, "maxItems": 2}).items is None


def test_maps_and_closed_and_open_objects() -> None:
    made = of_object(
        map={"type": "object", "additionalProperties": {"type": "integer"}},
        closed={"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        usual={"type": "object", "properties": {"a": {}}},
        free={"type": "object"},
        patterned={"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False},
    )
    kinds = {name: node.additional.kind if node.additional else None for name, node in made.items()}
    assert kinds == {"map": "integer", "closed": None, "usual": None, "free": "json", "patterned": "string"}
    assert made["patterned"].constraints == {"keyPattern": "^x-"}


@pytest.mark.parametrize(
    "reference",
    ["#/$defs/a~1b%20c", "#named", "https://example.org/root.json#named", "part.json", "part.json#/$defs/in"],
)
def test_references_of_every_local_form_are_followed(reference: str) -> None:
    schema = {
        "$id": "https://example.org/root.json",
        "$ref": reference,
        "$defs": {
            "a/b c": {"type": "integer"},
            "x": {"$anchor": "named", "type": "integer"},
            "p": {"$id": "part.json", "type": "integer", "$defs": {"in": {"type": "integer"}}},
        },
    }
    assert plan(schema).kind == "integer"


def test_a_reference_inside_an_embedded_resource_counts_from_that_resource() -> None:
    schema = {
        "$ref": "#/$defs/part",
        "$defs": {
            "n": {"type": "boolean"},
            "part": {"$id": "urn:part", "$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}},
        },
    }
    assert plan(schema).kind == "integer"


def test_words_beside_a_reference_win() -> None:
    node = plan({"$ref": "#/$defs/a", "title": "Mine", "$defs": {"a": {"type": "string", "title": "Its"}}})
    assert (node.title, node.kind) == ("Mine", "string")


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "https://example.com/s.json"}, "nothing is fetched"),
        ({"$ref": "#/$defs/none"}, "points at nothing"),
        ({"$ref": "#nowhere"}, "points at nothing"),
        ({"$id": "http://a.example", "$ref": "http://[bad"}, "not a valid URI"),
        ({"$ref": 7}, "not text"),
        (False, "no value is allowed"),
        (True, "any JSON value"),
        ({}, "any JSON value"),
        ({"$ref": "#"}, "any JSON value"),
        ({"type": "text"}, '"text" is not a JSON Schema type'),
        ({"type": {"a": 1}}, "its type is not"),
        ({"type": "string", "allOf": [{"type": "integer"}]}, "leave no type"),
        ({"type": "string", "enum": [1]}, "no value of its list"),
        ({"anyOf": [{"type": "string"}, {}], "oneOf": [{"type": "array"}, {}]}, "several sets"),
        ({"minLength": 1, "minimum": 1}, "mixes types"),
        ("nonsense", "not an object"),
    ],
)
def test_what_no_form_can_show_is_json_with_the_reason(schema: Any, reason: str) -> None:
    node = plan(schema)
    assert node.kind == "json"
    assert reason in node.reason


def test_all_of_is_merged_with_the_strictest_bounds() -> None:
    node = plan(
        {
            "allOf": [
                {"$ref": "#/$defs/base"},
                {"type": "object", "properties": {"n": {"minimum": 3, "maximum": 9}, "m": {"type": "string"}}},
            ],
            "$defs": {
                "base": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 1}}}
            },
        }
    )
    n = fields(node)["n"]
    assert (n.kind, n.required, n.constraints) == ("integer", True, {"minimum": 3, "maximum": 9})
    assert list(fields(node)) == ["n", "m"]


TREE = {
    "type": "object",
    "properties": {"name": {"type": "string", "default": "x"}, "next": {"$ref": "#"}},
    "required": ["name", "next"],
}


def test_a_field_is_called_by_its_own_name_and_not_by_that_of_its_type() -> None:
    """Official servers give every definition its class name as a title: sender and receiver were both "Address"."""
    address = {"type": "object", "title": "Address", "properties": {"city": {"type": "string", "title": "City"}}}
    reference = {"$ref": "#/$defs/Address"}
    node = plan(
        {
            "type": "object",
            "$defs": {"Address": address},
            "properties": {
                "sender": reference,
                "receiver": {"anyOf": [reference, {"type": "null"}]},
                "billing": {**reference, "title": "Bill to"},
                "either": {"anyOf": [reference, {"type": "string"}]},
            },
        }
    )
    fields = dict(node.properties)
    assert [fields[name].title for name in ("sender", "receiver", "billing", "either")] == ["", "", "Bill to", ""]
    assert [branch.label for branch in fields["either"].branches] == ["Address", "string"]
    assert dict(fields["sender"].properties)["city"].title == "City"
    assert plan(address).title == "Address"


def test_recursion_opens_one_level_at_a_time_and_ends_as_json() -> None:
    node = plan(TREE)
    for _ in range(64):
        node = fields(node)["next"]
    assert node.kind == "object"
    assert "nested more than" in fields(node)["next"].reason


def test_defaults_end_where_a_schema_recurs() -> None:
    assert defaults(plan(TREE)) == {"name": "x"}


def test_schemas_that_double_at_each_level_are_bounded() -> None:
    levels = {f"l{n}": two(f"l{n + 1}") for n in range(40)} | {"l40": {"type": "string", "default": "d"}}
    assert isinstance(defaults(plan({"$ref": "#/$defs/l0", "$defs": levels})), dict)
    wide = {f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}] * 2} for n in range(40)}
    assert plan({"$ref": "#/$defs/l0", "$defs": wide | {"l40": {"type": "string"}}}).kind == "string"
    chain = {f"l{n}": {"$ref": f"#/$defs/l{n + 1}"} for n in range(400)}
    assert "combines more than" in plan({"$ref": "#/$defs/l0", "$defs": chain}).reason


def two(name: str) -> dict[str, Any]:
    part = {"$ref": f"#/$defs/{name}"}
    return {"type": "object", "properties": {"a": part, "b": part}, "required": ["a", "b"]}


def test_a_union_that_contains_itself_is_lazy() -> None:
    node = plan({"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#"}}, {"$ref": "#"}]})
    assert [branch.kind for branch in node.branches] == ["string", "array", "union"]
    assert node.branches[1].items is not None
    assert node.branches[1].items.kind == "union"


def test_2000_fields_are_planned() -> None:
    node = plan({"type": "object", "properties": {f"f{n}": {"type": "string"} for n in range(2000)}})
    assert len(node.properties) == 2000


def test_defaults_fill_what_is_determined_and_leave_the_rest_unset() -> None:
    schema = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "flag": {"type": "boolean"},
            "only": {"enum": ["one"]},
            "kind": {"const": 3},
            "list": {"type": "array"},
            "pair": {"type": "array", "prefixItems": [{"const": 1}, {"const": 2}]},
            "group": {"type": "object", "properties": {"in": {"default": []}}},
            "given": {"default": None},
            "opt": {"type": "boolean"},
            "optd": {"type": "integer", "default": 5},
            "maybe": {"type": ["object", "null"]},
            "sample": {"type": "string", "examples": ["e"]},
        },
        "required": ["text", "flag", "only", "kind", "list", "pair", "group", "given", "maybe", "sample"],
    }
    expected = {
        "flag": False,
        "only": "one",
        "kind": 3,
        "list": [],
        "pair": [],
        "group": {"in": []},
        "given": None,
        "optd": 5,
    }
    assert defaults(plan(schema)) == expected
    assert defaults(plan(schema), examples=True) == expected | {"sample": "e"}
    assert defaults(plan({"type": "string"})) is UNSET


def test_defaults_are_copies() -> None:
    schema = {"default": {"a": [1]}}
    defaults(plan(schema))["a"].append(2)
    assert schema["default"] == {"a": [1]}


def test_a_part_of_a_document_is_planned_with_the_document_as_root() -> None:
    root = {"$defs": {"a": {"type": "integer"}}}
    assert plan({"$ref": "#/$defs/a"}, root=root).kind == "integer"


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string", "format": "email", "default": "a@b.example"},
        {"type": "integer", "minimum": 1},
        {"type": "number"},
        {"type": "boolean", "default": True},
        {"type": "string", "enum": ["a"], "enumNames": ["A"]},
        {"type": "string", "oneOf": [{"const": "a", "title": "A"}]},
        {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 1},
        {"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}]}},
    ],
)
def test_every_field_of_the_elicitation_subset_is_planned(field: dict[str, Any]) -> None:
    node = elicitation_plan({"type": "object", "properties": {"f": field}})
    assert isinstance(node, Node)
    assert fields(node)["f"].kind != "json"


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "string"}, "its type is not object"),
        ({"type": "object", "properties": []}, "not an object"),
        ({"type": "object", "allOf": []}, "allOf at the top"),
        ({"type": "object", "properties": {"f": {"type": "object"}}}, 'the field "f" is an object'),
        ({"type": "object", "properties": {"f": {"type": "array", "items": {"type": "string"}}}}, "without choices"),
        ({"type": "object", "properties": {"f": {"type": ["string", "null"]}}}, "several types"),
        ({"type": "object", "properties": {"f": {"$ref": "#"}}}, "no type"),
        ({"type": "object", "properties": {"f": {"type": "string", "format": "uuid"}}}, 'format "uuid"'),
        ({"type": "object", "properties": {"f": {"type": "string", "enum": [1]}}}, "not text"),
    ],
)
def test_what_elicitation_does_not_allow_is_said(schema: dict[str, Any], reason: str) -> None:
    answer = elicitation_plan(schema)
    assert isinstance(answer, str)
    assert reason in answer
