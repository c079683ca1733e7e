"""Content blocks answer to both spellings and lose nothing."""

import pytest

from wireglass.protocol.content import (
    BlobResourceContents,
    EmbeddedResource,
    ImageContent,
    TextContent,
    UnknownContent,
    parse_block,
)


def test_a_member_answers_to_snake_case_and_camel_case() -> None:
    """Our choice: server files of every dialect read our models."""
    block = ImageContent(data="AA==", mime_type="image/png")
    assert block.mimeType == block.mime_type == "image/png"
    block.mimeType = "image/webp"
    assert block.wire() == {"type": "image", "data": "AA==", "mimeType": "image/webp"}
    assert ImageContent(data="", mimeType="image/gif").mime_type == "image/gif"


def test_members_that_a_newer_revision_added_survive_a_round_trip() -> None:
    """Specification, section "JSON-RPC": unknown members are kept."""
    data = {"type": "text", "text": "hi", "_meta": {"k": 1}, "later": {"x": [1]}}
    assert parse_block(data).wire() == data


@pytest.mark.parametrize("data", [{"type": "hologram", "rays": 3}, {"type": "image", "data": 5}, {"text": "no type"}])
def test_a_block_that_fits_no_model_is_kept_as_it_is(data: dict[str, object]) -> None:
    """A peer's fault is data for an inspector."""
    block = parse_block(data)
    assert isinstance(block, UnknownContent)
    assert block.wire() == data


def test_an_embedded_resource_knows_text_from_bytes() -> None:
    """Specification, "Embedded resources"."""
    block = parse_block({"type": "resource", "resource": {"uri": "a://b", "blob": "AA=="}})
    assert isinstance(block, EmbeddedResource)
    assert isinstance(block.resource, BlobResourceContents)


def test_a_name_that_is_no_member_raises() -> None:
    """hasattr and getattr with a default must keep working."""
    assert getattr(TextContent(text="x"), "mimeType", None) is None
