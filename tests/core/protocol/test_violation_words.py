"""Which definition a faulty value belongs to, and what its fault means to people."""

import pytest

from wireglass.protocol.violation_words import definitions_to, message_step, missing_words

DEFINITIONS = {
    "Result": {
        "type": "object",
        "properties": {
            "content": {"type": "array", "items": {"$ref": "#/$defs/Block"}},
            "by/name": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Tool"}},
            "next": {"$ref": "#/$defs/Result"},
        },
    },
    "Block": {"anyOf": [{"$ref": "#/$defs/Text"}, {"$ref": "#/$defs/Image"}, {"type": "string"}]},
    "Text": {"properties": {"type": {"const": "text"}, "text": {"type": "string"}}},
    "Image": {"properties": {"type": {"const": "image"}, "data": {"type": "string"}}},
    "Tool": {"properties": {"name": {"type": "string"}}},
    "Round": {"$ref": "#/$defs/Round"},
}


@pytest.mark.parametrize(
    ("value", "path", "names"),
    [
        ({"content": [{"type": "image"}]}, "/content/0/mimeType", ("Result", "Block", "Image")),
        ({"content": [{"type": "text", "text": 7}]}, "/content/0/text", ("Result", "Block", "Text")),
        ({"content": [{"type": "smell"}]}, "/content/0/data", ("Result", "Block")),
        ({"content": [7]}, "/content/0", ("Result", "Block")),
        ({"content": []}, "/content/4/text", ("Result",)),
        ({"by/name": {"a": {}}}, "/by~1name/a/name", ("Result", "Tool")),
        ({"next": {"next": {}}}, "/next/next/content", ("Result", "Result", "Result")),
        ({}, "", ("Result",)),
        ("no object", "/content", ("Result",)),
    ],
)
def test_the_definitions_that_lead_to_a_place(value: object, path: str, names: tuple[str, ...]) -> None:
    assert definitions_to(DEFINITIONS, "$defs", "Result", value, path) == names


def test_a_definition_that_is_itself_ends() -> None:
    assert set(definitions_to(DEFINITIONS, "$defs", "Round", {}, "/x")) == {"Round"}


def test_what_a_missing_member_means() -> None:
    image = missing_words("ImageContent", "mimeType")
    assert image is not None
    assert image.message == "An image block has no mimeType."
    assert "Most drop the image" in image.meaning
    tool = missing_words("Tool", "name")
    assert tool is not None
    assert (tool.message, tool.meaning, tool.next_step) == ("A tool has no name.", "", 'Add "name" to it.')
    assert missing_words("Annotations", "priority") is None


@pytest.mark.parametrize(
    ("of_a_form", "of_a_message"),
    [
        ("Enter an object.", "Send an object."),
        ("Enter 5 or more.", "Send 5 or more."),
        ('Choose one of "a", "b".', 'Send one of "a", "b".'),
        ("Choose one of them and fill in all that it needs.", "Send one of them, with all that it needs."),
        ("Fill it in.", "Add it."),
        ("Remove the second.", "Remove the second."),
    ],
)
def test_a_server_is_not_told_to_fill_in_a_form(of_a_form: str, of_a_message: str) -> None:
    assert message_step(of_a_form) == of_a_message
