"""One tool for each kind of argument, and one for each kind of content: what a form and a viewer must cope with.

Run it alone with `wireglass run kinds.py`, or open it in the workbench.
"""

from __future__ import annotations

import math
import struct
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

from fastmcp import Context, FastMCP
from fastmcp.tools import ToolResult
from fastmcp.utilities.types import Audio, File, Image
from mcp.types import EmbeddedResource, ResourceLink, TextContent, TextResourceContents
from pydantic import BaseModel, Field

mcp = FastMCP(
    "kinds", instructions="Reference tools for forms and viewers. Nothing here changes anything.", version="1.0.0"
)

READ_ONLY = {"readOnlyHint": True, "openWorldHint": False}


class Colour(Enum):
    """An enumeration."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Point(BaseModel):
    """A nested object with limits and a default."""

    x: float = Field(description="Metres to the east")
    y: float = Field(0.0, description="Metres to the north")
    label: str | None = Field(None, max_length=40)


class Folder(BaseModel):
    """A type that contains itself."""

    name: str
    folders: list[Folder] = Field(default_factory=list)


class Circle(BaseModel):
    """A branch of a union."""

    shape: Literal["circle"] = "circle"
    radius: float = Field(gt=0)


class Box(BaseModel):
    """The other branch."""

    shape: Literal["box"] = "box"
    width: float = Field(gt=0)
    height: float = Field(gt=0)


@mcp.tool(title="Plain kinds", tags={"arguments"}, annotations=READ_ONLY)
def plain(
    text: str,
    whole: int,
    number: float,
    yes: bool,
    optional: str | None = None,
    large: int = 9007199254740993,
    bounded: Annotated[int, Field(ge=0, le=10)] = 5,
    pattern: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2}$", examples=["ABC-12"])] = "ABC-12",
) -> dict[str, Any]:
    """Text, numbers, yes or no, a value that may be absent or null, one beyond what doubles can hold."""
    return {
        "text": text,
        "whole": whole,
        "number": number,
        "yes": yes,
        "optional": optional,
        "large": large,
        "bounded": bounded,
        "pattern": pattern,
    }


@mcp.tool(title="Choices", tags={"arguments"}, annotations=READ_ONLY)
def choices(
    colour: Colour = Colour.GREEN,
    size: Literal["s", "m", "l"] = "m",
    mixed: Literal[1, "two", True, None] = 1,
    several: list[Colour] | None = None,
) -> str:
    """Enumerations, literals of one type and of mixed types, several out of three."""
    chosen = ", ".join(item.value for item in several or [])
    return f"{colour.value} {size} {mixed!r} [{chosen}]"


@mcp.tool(title="Dates and their like", tags={"arguments"}, annotations=READ_ONLY)
def formats(
    day: date = date(2026, 7, 28),
    moment: datetime | None = None,
    clock: time | None = None,
    how_long: timedelta | None = None,
    ident: UUID | None = None,
    money: Decimal = Decimal("9.90"),
    raw: bytes = b"",
) -> dict[str, Any]:
    """Texts with a format, and what they come back as."""
    return {
        "day": day,
        "moment": moment,
        "clock": clock,
        "how_long": how_long,
        "ident": ident,
        "money": money,
        "bytes": len(raw),
    }


@mcp.tool(title="Lists and tables", tags={"arguments"}, annotations=READ_ONLY)
def collections(
    words: list[str],
    pair: tuple[int, str] = (1, "one"),
    unique: set[int] | None = None,
    table: dict[str, float] | None = None,
    points: list[Point] | None = None,
    matrix: list[list[int]] | None = None,
) -> dict[str, Any]:
    """Lists of scalars, of objects and of lists; a pair; a set; free keys."""
    return {
        "words": words,
        "pair": pair,
        "unique": unique,
        "table": table,
        "points": points,
        "matrix": matrix,
    }


@mcp.tool(title="Objects", tags={"arguments"}, annotations=READ_ONLY)
def objects(
    point: Point,
    shape: Annotated[Circle | Box, Field(discriminator="shape")],
    tree: Folder | None = None,
    either: int | str | list[int] = 1,
    anything: Any = None,
    free: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A nested object, a choice of two objects, a recursive one, a union of kinds, and values of no fixed kind."""
    return {"point": point, "shape": shape, "tree": tree, "either": either, "anything": anything, "free": free}


@mcp.tool(title="No arguments", tags={"arguments"}, annotations=READ_ONLY)
def nothing() -> None:
    """Takes nothing and returns nothing."""


@mcp.tool(title="Text content", tags={"content"}, annotations=READ_ONLY)
def text_content() -> str:
    """Markdown as text, with characters from many scripts."""
    return "# Title\n\n**bold** _slanted_ `code`\n\n- Ελληνικά\n- 日本語\n- العربية\n- 🫖 and e\u0301\n"


@mcp.tool(title="Picture", tags={"content"}, annotations=READ_ONLY)
def image_content(size: Annotated[int, Field(ge=8, le=512)] = 96) -> Image:
    """A PNG file with transparency."""
    return Image(data=_rings(size), format="png")


@mcp.tool(title="Sound", tags={"content"}, annotations=READ_ONLY)
def audio_content(hertz: float = 440.0, seconds: Annotated[float, Field(gt=0, le=5)] = 0.5) -> Audio:
    """A WAV file with one tone."""
    rate = 8000
    frames = b"".join(
        struct.pack("<h", int(12000 * math.sin(2 * math.pi * hertz * n / rate))) for n in range(int(rate * seconds))
    )
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(frames),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate,
        rate * 2,
        2,
        16,
        b"data",
        len(frames),
    )
    return Audio(data=header + frames, format="wav")


@mcp.tool(title="A file", tags={"content"}, annotations=READ_ONLY)
def file_content() -> File:
    """Bytes of no special kind, as an embedded resource."""
    return File(data=bytes(range(256)), format="octet-stream", name="all-bytes")


@mcp.tool(title="Embedded and linked resources", tags={"content"}, annotations=READ_ONLY)
def resource_content() -> list[Any]:
    """A resource inside the result, and a link to one that can be read."""
    inside = TextResourceContents(
        uri="kinds://inside", mimeType="text/csv", text="name,grams\nSencha,900\nAssam,1500\n"
    )
    return [
        TextContent(type="text", text="Both of these are resources:"),
        EmbeddedResource(type="resource", resource=inside),
        ResourceLink(type="resource_link", uri="kinds://constant", name="constant", mimeType="application/json"),
    ]


@mcp.tool(title="Structured and written", tags={"content"}, annotations=READ_ONLY)
def both() -> ToolResult:
    """Text for a model, rows for a program, and metadata beside them."""
    rows = [{"planet": "Venus", "moons": 0}, {"planet": "Mars", "moons": 2}, {"planet": "Jupiter", "moons": 97}]
    return ToolResult(content="Three planets, 99 moons.", structured_content={"rows": rows}, meta={"source": "kinds"})


@mcp.tool(title="A large result", tags={"content"}, annotations=READ_ONLY)
def large(kilobytes: Annotated[int, Field(ge=1, le=8192)] = 64) -> list[dict[str, Any]]:
    """Rows until the result has about this size."""
    row = {"id": 0, "name": "x" * 40, "value": 3.25, "tags": ["a", "b"], "note": None}
    return [row | {"id": number} for number in range(kilobytes * 8)]


@mcp.tool(title="What the server knows of this call", tags={"context"}, annotations=READ_ONLY)
async def facts(ctx: Context) -> dict[str, Any]:
    """Request, session and client as the server sees them."""
    return {"request_id": str(ctx.request_id), "client_id": ctx.client_id, "server": ctx.fastmcp.name}


@mcp.resource("kinds://constant", name="constant", title="A constant", mime_type="application/json")
def constant() -> dict[str, float]:
    """One number."""
    return {"tau": math.tau}


@mcp.resource("kinds://power/{base}/{exponent}", name="power", title="A power", mime_type="text/plain")
def power(base: int, exponent: int) -> str:
    """Two numbers in an address."""
    return str(base**exponent)


@mcp.resource("kinds://path/{path*}", name="path", title="A path", mime_type="text/plain")
def path(path: str) -> str:
    """A variable that may contain slashes."""
    return f"{len(path.split('/'))} parts: {path}"


@mcp.resource("kinds://bytes", name="bytes", title="All bytes", mime_type="application/octet-stream")
def all_bytes() -> bytes:
    """Every byte once."""
    return bytes(range(256))


@mcp.prompt(title="Every kind of argument")
def arguments(topic: str, words: list[str], depth: int = 2, formal: bool = False) -> str:
    """Prompt arguments are texts on the wire; lists and numbers travel as JSON."""
    return f"Write about {topic} using {', '.join(words)}. Depth {depth}, {'formal' if formal else 'relaxed'}."


def _rings(size: int) -> bytes:
    import zlib

    def pixel(x: int, y: int) -> bytes:
        distance = math.hypot(x - size / 2, y - size / 2) / (size / 2)
        return bytes((12, 107, 117, 0 if distance > 1 else 255 if int(distance * 6) % 2 else 110))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"".join(pixel(x, y) for x in range(size)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    mcp.run()
