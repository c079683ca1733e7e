"""A small tea shop: questions to the user, progress, errors, tables, pictures and a tool that deletes.

Run it alone with `wireglass run shop.py`, or open it in the workbench.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Literal

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.utilities.types import Image
from pydantic import BaseModel, Field

mcp = FastMCP(
    "shop",
    instructions="A tea shop. Look at the stock first; check_out asks the user before anything is bought.",
    version="1.0.0",
)


class Tea(BaseModel):
    """One kind of tea."""

    name: str
    kind: Literal["green", "black", "white", "herbal"]
    grams: int = Field(description="In stock")
    price: float = Field(description="Euro for 100 g")


class Order(BaseModel):
    """What was bought."""

    number: int
    items: dict[str, int]
    total: float
    deliver: Literal["pick up", "bicycle", "post"]
    gift: bool = False
    note: str | None = None


STOCK = {
    tea.name: tea
    for tea in (
        Tea(name="Sencha", kind="green", grams=900, price=9.5),
        Tea(name="Genmaicha", kind="green", grams=0, price=7.9),
        Tea(name="Assam", kind="black", grams=1500, price=6.4),
        Tea(name="Keemun", kind="black", grams=400, price=11.0),
        Tea(name="Silver Needle", kind="white", grams=120, price=32.0),
        Tea(name="Peppermint", kind="herbal", grams=2200, price=4.2),
    )
}
BASKET: dict[str, int] = {}
ORDERS: list[Order] = []


@mcp.tool(title="Show the stock", tags={"read"}, annotations={"readOnlyHint": True})
def stock(
    kind: Annotated[Literal["green", "black", "white", "herbal"] | None, Field(description="Only this kind")] = None,
    in_stock: Annotated[bool, Field(description="Leave out what is sold out")] = False,
) -> list[Tea]:
    """Every tea with its price and what is left of it."""
    return [tea for tea in STOCK.values() if (kind is None or tea.kind == kind) and (tea.grams > 0 or not in_stock)]


@mcp.tool(title="Put tea into the basket", tags={"buy"}, annotations={"destructiveHint": False})
def put_in_basket(
    tea: Annotated[str, Field(description="Its name, as the stock spells it", examples=["Sencha"])],
    grams: Annotated[int, Field(ge=10, le=1000, multiple_of=10)] = 100,
) -> dict[str, int]:
    """Add an amount of one tea. Returns the whole basket."""
    if tea not in STOCK:
        raise ToolError(f"We have no tea called {tea}. The stock tool lists the names.")
    left = STOCK[tea].grams - BASKET.get(tea, 0)
    if grams > left:
        raise ToolError(f"Only {left} g of {tea} are left.")
    BASKET[tea] = BASKET.get(tea, 0) + grams
    return dict(BASKET)


@dataclass
class Delivery:
    """What check_out asks the user."""

    deliver: Literal["pick up", "bicycle", "post"] = "pick up"
    gift: bool = False
    note: str = ""


@mcp.tool(title="Buy the basket", tags={"buy"}, annotations={"destructiveHint": False, "openWorldHint": True})
async def check_out(ctx: Context) -> Order:
    """Ask the user how to deliver, ask once more when it is expensive, then buy."""
    if not BASKET:
        raise ToolError("The basket is empty. put_in_basket fills it.")
    total = round(sum(STOCK[name].price * grams / 100 for name, grams in BASKET.items()), 2)
    answer = await ctx.elicit(f"How shall we deliver {total:.2f} € of tea?", response_type=Delivery)
    if answer.action != "accept":
        raise ToolError(f"Nothing was bought: the user chose to {answer.action}.")
    if total > 30:
        sure = await ctx.elicit(f"This costs {total:.2f} €. Buy it?", response_type=["buy", "keep the basket"])
        if sure.action != "accept" or sure.data != "buy":
            raise ToolError("Nothing was bought; the basket is still there.")
    for number, (name, grams) in enumerate(BASKET.items(), start=1):
        await ctx.report_progress(number, len(BASKET), f"Packing {grams} g of {name}")
        await asyncio.sleep(0.2)
        STOCK[name].grams -= grams
    chosen = answer.data
    order = Order(
        number=len(ORDERS) + 1,
        items=dict(BASKET),
        total=total,
        deliver=chosen.deliver,
        gift=chosen.gift,
        note=chosen.note or None,
    )
    ORDERS.append(order)
    BASKET.clear()
    await ctx.info(f"Order {order.number} is on its way", extra={"total": total})
    return order


@mcp.tool(title="Ask for a name", tags={"ask"}, annotations={"readOnlyHint": True})
async def ask_name(ctx: Context) -> str:
    """The smallest question: one line of text."""
    answer = await ctx.elicit("What shall we write on the cup?", response_type=str)
    return f"One tea for {answer.data}." if answer.action == "accept" else f"No name: {answer.action}."


class Taste(BaseModel):
    """Every kind of field that a question can have."""

    email: str = Field(title="E-mail", json_schema_extra={"format": "email"})
    strength: int = Field(3, title="How strong?", ge=1, le=5)
    sugar: float = Field(0.5, title="Sugar, in spoons", ge=0, le=4)
    milk: bool = Field(False, title="With milk?")
    kind: Literal["green", "black", "white", "herbal"] = Field("black", title="Favourite kind")
    extras: list[Literal["lemon", "honey", "ginger"]] = Field(default_factory=list, title="Extras", max_length=2)


@mcp.tool(title="Ask about taste", tags={"ask"}, annotations={"readOnlyHint": True})
async def ask_taste(ctx: Context) -> dict[str, object]:
    """A longer question: text with a format, numbers with limits, yes or no, one of four, several of three."""
    answer = await ctx.elicit("Tell us how you like your tea.", response_type=Taste)
    if answer.action != "accept":
        return {"action": answer.action}
    return {"action": "accept", **answer.data.model_dump()}


@mcp.tool(title="Draw the prices", tags={"read"}, annotations={"readOnlyHint": True})
def price_chart() -> list:
    """A bar chart of the prices as a picture, and a sentence about it."""
    dearest = max(STOCK.values(), key=lambda tea: tea.price)
    return [Image(data=_chart([tea.price for tea in STOCK.values()]), format="png"), f"The dearest is {dearest.name}."]


@mcp.tool(title="Break a teapot", tags={"faults"})
def break_teapot(how: Literal["tool error", "exception", "wrong result"] = "exception") -> int:
    """Fail in one of the ways in which tools fail."""
    if how == "tool error":
        raise ToolError("The lid fell off. This text was written for the user.")
    if how == "exception":
        return 1 // 0
    return "not a number"  # type: ignore[return-value]  # shows what a result that breaks its own schema looks like


@mcp.tool(title="Close the shop", tags={"admin"}, annotations={"destructiveHint": True, "idempotentHint": True})
def close_shop(reason: Annotated[str, Field(min_length=3)]) -> str:
    """Throw away all orders and the basket."""
    lost = len(ORDERS)
    ORDERS.clear()
    BASKET.clear()
    return f"Closed ({reason}); {lost} orders thrown away."


@mcp.resource("shop://orders", name="orders", title="Orders so far", mime_type="application/json")
def orders() -> list[dict[str, object]]:
    """Every order since the shop opened."""
    return [order.model_dump() for order in ORDERS]


@mcp.prompt(title="Recommend a tea")
def recommend(mood: str, without: str = "") -> str:
    """Ask for a recommendation from what is in stock."""
    names = ", ".join(tea.name for tea in STOCK.values() if tea.grams and tea.kind != without)
    return f"Someone feels {mood}. Which of these teas suits them, and why? {names}"


def _chart(values: list[float], width: int = 240, height: int = 120) -> bytes:
    """Bars as a PNG file, drawn with the standard library alone."""
    import struct
    import zlib

    step = width // len(values)
    top = max(values)
    tall = [int(value / top * (height - 8)) for value in values]

    def pixel(x: int, y: int) -> bytes:
        bar, inside = divmod(x, step)
        filled = bar < len(tall) and 4 <= inside < step - 4 and height - y <= tall[bar]
        return b"\x0c\x6b\x75" if filled else b"\xff\xff\xff"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    mcp.run()
