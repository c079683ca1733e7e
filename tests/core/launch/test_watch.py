"""Which files belong to a server, and noticing that one was saved."""

from pathlib import Path

import anyio
import pytest

from wireglass.launch.watch import changes, server_files


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_imports_from_its_own_folder_belong_to_it(tmp_path: Path) -> None:
    server = write(tmp_path / "server.py", "import json, tools\nfrom shop.parts import price\nimport httpx\n")
    expected = {
        server,
        write(tmp_path / "tools.py", "from shop import stock\n"),
        write(tmp_path / "shop" / "__init__.py"),
        write(tmp_path / "shop" / "parts" / "__init__.py"),
        write(tmp_path / "shop" / "parts" / "price.py", "from ..stock import x\nimport server\n"),
        write(tmp_path / "shop" / "stock.py"),
    }
    write(tmp_path / "unrelated.py")
    assert server_files(server) == expected


def test_relative_imports_of_a_file_in_a_package_count(tmp_path: Path) -> None:
    write(tmp_path / "shop" / "__init__.py")
    server = write(tmp_path / "shop" / "server.py", "from . import parts\nfrom shop.more import y\n")
    parts = write(tmp_path / "shop" / "parts.py")
    more = write(tmp_path / "shop" / "more.py")
    assert {server, parts, more} <= server_files(server)


def test_a_file_that_cannot_be_parsed_is_still_watched(tmp_path: Path) -> None:
    server = write(tmp_path / "server.py", "def (")
    assert server_files(server) == {server}


@pytest.mark.anyio
async def test_a_save_is_reported_and_other_files_are_not(tmp_path: Path) -> None:
    server = write(tmp_path / "server.py", "import tools\n")
    tools = write(tmp_path / "tools.py")
    other = tmp_path / "other.txt"

    async def edit() -> None:
        number = 0
        while True:  # until the watcher is up; the loop ends when it has seen one
            number += 1
            other.write_text(str(number))
            tools.write_text(f"x = {number}\n")
            await anyio.sleep(0.05)

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(edit)
            async for changed in changes(server):
                assert changed == {tools}
                group.cancel_scope.cancel()
                break
