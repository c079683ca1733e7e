"""The dialect of a file: pins, then names, then 4."""

from pathlib import Path

import pytest

from wireglass.launch.dialect import detect_dialect
from wireglass.launch.source import read_source


def dialect(folder: Path, text: str, **files: str) -> str:
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(content)
    path = folder / "server.py"
    path.write_text(text)
    return detect_dialect(read_source(path)).dialect


PLAIN = 'from fastmcp import FastMCP\nmcp = FastMCP("x")\n'


def test_without_any_sign_it_is_the_newest(tmp_path: Path) -> None:
    assert dialect(tmp_path, PLAIN) == "4"


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        ("fastmcp==2.14.7", "2"),
        ("fastmcp>=2.3,<3", "2"),
        ("fastmcp>=2.3,<4", "2"),
        ("fastmcp<4.0", "2"),
        ("fastmcp~=3.1", "2"),
        ("fastmcp[auth]>=4; python_version > '3.11'", "4"),
        ("fastmcp>=3", "2"),
        ("fastmcp==4.1.2  # newest", "4"),
        ("fastmcp", "4"),
        ("fastmcp-extras==2.0", "4"),
    ],
)
def test_a_pin_decides(tmp_path: Path, pin: str, expected: str) -> None:
    assert dialect(tmp_path, PLAIN, requirements_txt=f"httpx\n{pin}\n") == expected


def test_a_pin_in_pyproject_and_in_fastmcp_json_counts(tmp_path: Path) -> None:
    project = '[project]\nname = "x"\ndependencies = ["fastmcp>=2.10,<3"]\n'
    assert dialect(tmp_path, PLAIN, pyproject_toml=project) == "2"
    (tmp_path / "pyproject.toml").unlink()
    assert dialect(tmp_path, PLAIN, fastmcp_json='{"environment": {"dependencies": ["fastmcp<3"]}}') == "2"


def test_the_script_block_is_asked_before_the_project(tmp_path: Path) -> None:
    block = '# /// script\n# dependencies = ["fastmcp==4.0"]\n# ///\n'
    assert dialect(tmp_path, block + PLAIN, requirements_txt="fastmcp==2.1") == "4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')", "1"),
        ("from fastmcp.middleware import BaseMiddleware", "R"),
        ("from fastmcp import FastMCP\nasync def f(c):\n    await c.request_elicitation(prompt='?')", "R"),
        (PLAIN + "async def f():\n    await mcp.import_server(mcp)", "2"),
        ("from fastmcp.tools.tool import ToolResult", "2"),
        ("from fastmcp.server.providers import LocalProvider", "4"),
    ],
)
def test_names_that_only_one_dialect_has(tmp_path: Path, text: str, expected: str) -> None:
    assert dialect(tmp_path, text) == expected
