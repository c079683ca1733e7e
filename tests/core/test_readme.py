"""What the README shows runs as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest

from wireglass import Client

README = Path(__file__).resolve().parents[2] / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.anyio
async def test_the_server_of_the_readme_greets() -> None:
    (snippet,) = SNIPPETS
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(snippet, str(README), "exec"), names)

    async def choose(*_: Any) -> dict[str, Any]:
        return {"value": "Good morning"}

    async with Client(names["mcp"], elicitation_handler=choose) as client:
        result = await client.call_tool("greet", {"name": "Ada"})
    assert result.data == "Good morning, Ada"
