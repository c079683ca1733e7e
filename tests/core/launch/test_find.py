"""Finding the server object by reading the file."""

from pathlib import Path
from textwrap import dedent

import pytest

from wireglass.errors import LaunchError
from wireglass.launch.find import find_server, split_spec


def write(folder: Path, text: str, name: str = "server.py") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))
    return path


def test_the_object_and_its_line_are_found_without_running_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'from fastmcp import FastMCP\nraise SystemExit("ran")\nmcp = FastMCP("desk")\n')
    finding = find_server(path)
    assert (finding.name, finding.line, finding.declaration) == ("mcp", 3, 'mcp = FastMCP("desk")')
    assert finding.runnable


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('import fastmcp\nshop = fastmcp.FastMCP("x")', "shop"),
        ('from fastmcp import FastMCP as Server\nthing: Server = Server("x")', "thing"),
        ('from fastmcp import FastMCP\nclass Mine(FastMCP): ...\napi = Mine("x")', "api"),
        ('from fastmcp import FastMCP\nfront = FastMCP.as_proxy("http://x")', "front"),
        ('from fastmcp import FastMCP\nother = FastMCP("o")\nserver = FastMCP("s")\napp = FastMCP("a")', "server"),
        ("from shop.build import make\nmcp = make()", "mcp"),
        ("from shop.core import app", "app"),
        ('from fastmcp import FastMCP\nfrom fastapi import FastAPI\napp = FastAPI()\ndesk = FastMCP("d")', "desk"),
        ('from fastmcp import FastMCP\nif True:\n    with open("x"):\n        mcp = FastMCP("n")', "mcp"),
    ],
)
def test_spellings_of_a_module_level_object(tmp_path: Path, text: str, name: str) -> None:
    assert find_server(write(tmp_path, text)).name == name


def test_an_object_inside_a_function_is_an_error_with_the_line_to_write(tmp_path: Path) -> None:
    """The reference guide's first error."""
    path = write(
        tmp_path,
        """
        from fastmcp import FastMCP

        def create_server():
            mcp = FastMCP("x")
            return mcp
        """,
    )
    finding = find_server(path)
    [problem] = finding.problems
    assert finding.name is None
    assert not finding.runnable
    assert problem.line == 5
    assert "create_server" in problem.text
    assert problem.next_step == "Add this line at module level: mcp = create_server()"


def test_an_object_made_in_the_main_block_says_so(tmp_path: Path) -> None:
    path = write(
        tmp_path, 'from fastmcp import FastMCP\nif __name__ == "__main__":\n    mcp = FastMCP("x")\n    mcp.run()\n'
    )
    finding = find_server(path)
    [problem] = finding.problems
    assert "__main__" in problem.text
    assert "run as `python` would" in problem.text
    assert finding.runnable
    assert find_server(f"{path}:mcp").errors[0].next_step.endswith('mcp = FastMCP("x")')


def test_a_file_that_serves_itself_needs_no_object_to_be_found(tmp_path: Path) -> None:
    """A server made in main(), or two of which main() runs one: `python FILE` works, so nothing stands in the way."""
    made = "from fastmcp import FastMCP\ndef main():\n    mcp = FastMCP('x')\n    mcp.run()\n"
    inside = find_server(write(tmp_path, made + "if __name__ == '__main__':\n    main()\n"))
    assert (inside.name, inside.runnable, inside.choices) == (None, True, ())
    two = "from fastmcp import FastMCP\none = FastMCP('1')\ntwo = FastMCP('2')\n"
    several = find_server(write(tmp_path, two + "one.mount(two)\nif __name__ == '__main__':\n    one.run()\n"))
    assert (several.runnable, several.choices) == (True, ("one", "two"))
    assert not find_server(write(tmp_path, two)).runnable


def test_several_unconventional_objects_must_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, 'from fastmcp import FastMCP\none = FastMCP("1")\ntwo = FastMCP("2")\n')
    [problem] = find_server(path).problems
    assert "one, two" in problem.text
    assert find_server(f"{path}:two").name == "two"


def test_a_name_that_is_not_there_lists_what_is(tmp_path: Path) -> None:
    path = write(tmp_path, 'from fastmcp import FastMCP\none = FastMCP("1")\n')
    [problem] = find_server(f"{path}:three").problems
    assert "three" in problem.text
    assert "one" in problem.text


def test_a_syntax_error_is_a_problem_with_its_line(tmp_path: Path) -> None:
    [problem] = find_server(write(tmp_path, "x = 1\ndef (:\n")).problems
    assert (problem.level, problem.line) == ("error", 2)


def test_a_file_that_is_no_server_says_so(tmp_path: Path) -> None:
    [problem] = find_server(write(tmp_path, "print(1)")).problems
    assert "neither fastmcp nor mcp" in problem.text


def test_a_missing_file_and_a_folder_raise(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="no file"):
        find_server(tmp_path / "none.py")
    with pytest.raises(LaunchError, match="folder"):
        find_server(tmp_path)


def test_imports_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, "", "beside.py")
    path = write(
        tmp_path,
        """
        import os, asyncpg
        import beside
        from fastmcp import FastMCP
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import pandas
        try:
            import ujson
        except ImportError:
            ujson = None
        mcp = FastMCP("x")

        def later():
            import httpx.auth
        """,
    )
    finding = find_server(path)
    origins = {use.module: use.origin for use in finding.imports}
    assert origins["os"] == "stdlib"
    assert origins["beside"] == "local"
    assert finding.packages == ("asyncpg", "fastmcp", "httpx")
    assert [use.module for use in finding.imports if use.lazy] == ["httpx.auth"]
    assert {use.module for use in finding.imports if use.optional} == {"pandas", "ujson"}


def test_a_file_inside_a_package_knows_its_dotted_name(tmp_path: Path) -> None:
    write(tmp_path, "", "src/shop/__init__.py")
    path = write(
        tmp_path, 'from .parts import x\nfrom fastmcp import FastMCP\nmcp = FastMCP("x")', "src/shop/server.py"
    )
    finding = find_server(path)
    assert (finding.module, finding.import_root) == ("shop.server", tmp_path / "src")
    assert finding.packages == ("fastmcp",)


def test_the_script_block_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        # /// script
        # requires-python = ">=3.12"
        # dependencies = [
        #     "fastmcp>=2,<3",
        # ]
        # ///
        from fastmcp import FastMCP
        mcp = FastMCP("x")
        """,
    )
    script = find_server(path).script
    assert script is not None
    assert (script.dependencies, script.requires_python) == (("fastmcp>=2,<3",), ">=3.12")


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", "no"),
        ("if __name__ == '__main__':\n    mcp.run()", "stdio"),
        ("if __name__ == '__main__':\n    mcp.run(transport='stdio')", "stdio"),
        ("if __name__ == '__main__':\n    mcp.run(transport='http', port=1)", "http"),
        ("if __name__ == '__main__':\n    mcp.run(transport=choice)", "unknown"),
        ("def main():\n    mcp.run('sse')\nif __name__ == '__main__':\n    main()", "http"),
        ("def main():\n    mcp.run()", "no"),
        ("mcp.run()", "stdio"),
        ("import asyncio\nif __name__ == '__main__':\n    asyncio.run(mcp.run_stdio_async())", "stdio"),
        ("if __name__ == '__main__':\n    cli()", "unknown"),
    ],
)
def test_what_the_file_does_as_a_script(tmp_path: Path, tail: str, expected: str) -> None:
    path = write(tmp_path, f'from fastmcp import FastMCP\nmcp = FastMCP("x")\n{tail}\n')
    assert find_server(path).self_run == expected


def test_a_drive_letter_is_not_a_name() -> None:
    assert split_spec("C:server") == (Path("C:server"), None)
    assert split_spec("a/server.py:mcp") == (Path("a/server.py"), "mcp")
