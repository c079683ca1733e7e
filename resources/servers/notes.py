"""A notebook: resources, templates, prompts and completion.

Run it alone with `wireglass run notes.py`, or open it in the workbench. Everything is kept in memory.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ResourceError, ToolError
from mcp.types import Icon
from pydantic import Field

PAPER = (
    "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAxNiAxNiI+PHBhdGgg"
    "ZD0iTTMgMWg3bDMgM3YxMUgzeiIgZmlsbD0iI2ZmZiIgc3Ryb2tlPSIjMGM2Yjc1Ii8+PHBhdGggZD0iTTUgN2g2TTUgMTBoNiIgc3Ryb2tlPSIjMGM2"
    "Yjc1Ii8+PC9zdmc+"
)

mcp = FastMCP(
    "notes",
    instructions="Search before you add. Notes are read as resources: notes://note/{slug}.",
    version="1.0.0",
    icons=[Icon(src=PAPER, mimeType="image/svg+xml", sizes=["any"])],
)

Topic = Literal["garden", "kitchen", "travel"]


@dataclass
class Note:
    """One note."""

    slug: str
    title: str
    text: str
    topic: Topic
    written: date
    links: list[str] = field(default_factory=list)


NOTES = {
    note.slug: note
    for note in (
        Note(
            "tomatoes",
            "Tomatoes",
            "Water in the morning, never on the leaves.",
            "garden",
            date(2026, 5, 3),
            ["compost"],
        ),
        Note(
            "compost",
            "Compost",
            "Two parts brown, one part green.\nTurn it every second week.",
            "garden",
            date(2026, 3, 21),
        ),
        Note(
            "sourdough",
            "Sourdough",
            "# Sourdough\n\n- 100 g starter\n- 500 g flour\n- 350 g water",
            "kitchen",
            date(2026, 1, 9),
        ),
        Note("lisbon", "Lisbon", "Tram 28 early. Pastéis at Belém, not in the centre.", "travel", date(2025, 10, 12)),
    )
}


@mcp.tool(title="Search notes", tags={"read"}, annotations={"readOnlyHint": True, "openWorldHint": False})
def search(
    words: Annotated[str, Field(description="Words that must all occur in title or text", examples=["water"])],
    topic: Annotated[Topic | None, Field(description="Only this topic")] = None,
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
) -> list[Note]:
    """Find notes by their words, newest first."""
    wanted = words.lower().split()
    found = [
        note
        for note in NOTES.values()
        if (topic is None or note.topic == topic)
        and all(word in f"{note.title} {note.text}".lower() for word in wanted)
    ]
    return sorted(found, key=lambda note: note.written, reverse=True)[:limit]


@mcp.tool(title="Add a note", tags={"write"}, annotations={"destructiveHint": False})
async def add(title: str, text: str, ctx: Context, topic: Topic = "kitchen", links: list[str] | None = None) -> Note:
    """Write a new note. Its address is made from the title."""
    slug = "-".join(title.lower().split())
    if not slug:
        raise ToolError("A note needs a title.")
    if slug in NOTES:
        raise ToolError(f"There is a note called {slug} already. Choose another title.")
    unknown = [link for link in links or [] if link not in NOTES]
    if unknown:
        await ctx.warning(f"Links to notes that do not exist: {', '.join(unknown)}")
    NOTES[slug] = Note(slug, title, text, topic, date.today(), links or [])
    await ctx.info(f"Added {slug}")
    return NOTES[slug]


@mcp.tool(title="Throw a note away", tags={"write"}, annotations={"destructiveHint": True, "idempotentHint": True})
def delete(slug: Annotated[str, Field(description="The note's address")]) -> str:
    """Delete a note for good."""
    if NOTES.pop(slug, None) is None:
        raise ToolError(f"There is no note {slug}.")
    return f"Deleted {slug}."


@mcp.resource("notes://index", name="index", title="All notes", mime_type="application/json", tags={"read"})
def index() -> list[dict[str, str]]:
    """Address, title, topic and date of every note."""
    return [
        {"slug": note.slug, "title": note.title, "topic": note.topic, "written": note.written.isoformat()}
        for note in NOTES.values()
    ]


@mcp.resource("notes://note/{slug}", name="note", title="One note", mime_type="text/markdown")
def read_note(slug: str) -> str:
    """The text of one note."""
    if slug not in NOTES:
        raise ResourceError(f"There is no note {slug}. notes://index lists them all.")
    return NOTES[slug].text


@mcp.resource("notes://topic/{topic}{?since}", name="topic", title="Notes on a topic", mime_type="application/json")
def by_topic(topic: Topic, since: str = "2000-01-01") -> list[str]:
    """Addresses of the notes on a topic, optionally only those written since a date (YYYY-MM-DD)."""
    earliest = date.fromisoformat(since)
    return [note.slug for note in NOTES.values() if note.topic == topic and note.written >= earliest]


@mcp.resource("notes://cover.png", name="cover", title="The notebook's cover", mime_type="image/png")
def cover() -> bytes:
    """A small picture, drawn here: bytes make a blob."""
    return _png(48, 64, lambda x, y: (12, 107, 117) if x < 8 else (244, 240, 228))


@mcp.prompt(title="Summarise a topic", tags={"write"})
def summarise(topic: Topic, sentences: int = 3) -> str:
    """Ask for a summary of everything on one topic."""
    texts = "\n\n".join(note.text for note in NOTES.values() if note.topic == topic)
    return f"Summarise these notes in {sentences} sentences:\n\n{texts}"


@mcp.prompt(title="Improve a note")
def improve(slug: Annotated[str, Field(description="The note's address")], tone: str = "plain") -> str:
    """Ask for a better wording of one note."""
    note = NOTES.get(slug)
    text = note.text if note else "(no such note)"
    return f"Rewrite this note in a {tone} tone. Keep every fact.\n\n{text}"


@mcp.completion
def complete(ref, argument, context) -> list[str] | None:
    """Offer the addresses of notes, and topics, as far as they begin with what was typed."""
    offered = {"slug": list(NOTES), "topic": ["garden", "kitchen", "travel"], "tone": ["plain", "formal", "cheerful"]}
    values = offered.get(argument.name)
    return None if values is None else [value for value in values if value.startswith(argument.value)]


def _png(width: int, height: int, colour) -> bytes:
    """A PNG file from a function of x and y that returns red, green and blue."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"".join(bytes(colour(x, y)) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    mcp.run()
