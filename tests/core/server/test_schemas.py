# ruff: noqa: UP006, UP007, UP035, UP045 - the old spellings are what is tested
"""The short way from plain annotations to schemas gives exactly what pydantic gives."""

import json
import subprocess
import sys
from typing import Any, Dict, List, Literal, Optional, Union

import pydantic
import pytest

from wireglass.server import schemas
from wireglass.server.schemas import describe, prune_titles

PLAIN: list[Any] = [
    str, int, float, bool, None, type(None), Any, list, dict, list[int], List[int], list[Any], List[List[str]],
    dict[str, int], Dict[str, Any], dict[str, list[float]], dict[Any, Any], int | None, None | int, Optional[str],
    Optional[list[str]], int | str, Union[int, str, None], Union[None, int, str], str | int | float | bool,
    list[int | None], list[dict[str, Any]], dict[str, int | None], Literal["a", "b"], Literal["a"], Literal[1, 2],
    Literal["a"] | None, list[Literal["x", "y"]], list[str] | str,
]  # fmt: skip
OTHER: list[Any] = [
    object, bytes, tuple[int, str], set[str], dict[int, str], Literal["a", 1], Literal[True], Any | None,
    dict[Literal["a"], int], pydantic.BaseModel, list[bytes],
]  # fmt: skip


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("annotation", PLAIN, ids=str)
def test_plain_types_have_the_schemas_that_pydantic_makes(annotation: Any, mode: Any) -> None:
    short = schemas._plain(annotation)
    assert short is not None
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(annotation)
    assert short[0] == adapter.core_schema
    assert json.dumps(short[1]) == json.dumps(prune_titles(adapter.json_schema(mode=mode)))
    assert describe(annotation, mode).closed


@pytest.mark.parametrize("annotation", OTHER, ids=str)
def test_other_types_are_left_to_pydantic(annotation: Any) -> None:
    assert schemas._plain(annotation) is None
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(annotation)
    assert describe(annotation).json == prune_titles(adapter.json_schema())


def test_a_server_of_plain_tools_does_not_load_what_makes_schemas_of_models() -> None:
    """Loading it takes longer than all of ours together."""
    code = (
        "import sys; from wireglass import FastMCP; mcp = FastMCP('s')\n"
        "@mcp.tool\ndef add(a: int, b: list[str] | None = None) -> dict[str, int]: return {}\n"
        "import asyncio\n"
        "async def go():\n"
        "    [tool.wire() for tool in await mcp.list_tools()]\n"
        "    (await mcp.call_tool('add', {'a': 1})).wire()\n"
        "asyncio.run(go())\n"
        "print([n for n in ('pydantic.plugin._loader', 'importlib.metadata', 'argparse') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
