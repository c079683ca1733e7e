"""What a list tells beside its rows: the icons of its items, how long the server says that it is good."""

import base64
import os
import re
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QColor

from app.desk import Desktop, python_target, texts
from wireglass_app.catalogue_list import CatalogueList
from wireglass_app.models.catalogue import tool_rows

RED = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' fill='#f00'/></svg>"


def listed(qtbot, tools: list[dict]) -> CatalogueList:
    view = CatalogueList("tools", "tools", "none", "")
    qtbot.addWidget(view)
    view.resize(264, 300)
    view.set_rows(tool_rows(tools, [], None))
    view.show()
    qtbot.waitExposed(view)
    return view


def red(view: CatalogueList) -> int:
    picture = view.view.viewport().grab().toImage()
    return sum(
        picture.pixelColor(x, y) == QColor(255, 0, 0) for x in range(60) for y in range(min(60, picture.height()))
    )


def test_a_tool_shows_its_own_icon_in_the_list(qtbot, look) -> None:
    src = "data:image/svg+xml;base64," + base64.b64encode(RED).decode()
    view = listed(qtbot, [{"name": "paint", "icons": [{"src": src}]}, {"name": "plain"}])
    qtbot.waitUntil(lambda: red(view) > 100, timeout=30_000)
    assert view.view.delegate.with_icons, "rows without one keep the room for it, so that names stay in line"


def test_a_list_without_icons_keeps_its_names_at_the_edge(qtbot, look) -> None:
    view = listed(qtbot, [{"name": "plain", "icons": [{"src": "https://a.example/i.png"}]}])
    assert not view.view.delegate.with_icons
    assert red(view) == 0


def test_a_list_tells_how_long_the_server_says_that_it_is_good(desktop, tmp_path: Path) -> None:
    """2026-07-28: `ttlMs` and `cacheScope` of a list. A lifetime of none is what a server says that thinks of none:
    it is no news, and the Overview tells it."""

    async def scene(desk: Desktop) -> None:
        env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)
        for ttl, told in ((30, True), (0, False)):
            server = tmp_path / f"kept{ttl}.py"
            server.write_text(
                "from wireglass import FastMCP\n"
                f"mcp = FastMCP('Kept', cache_ttl={ttl})\n"
                "mcp.tool(lambda: 'x', name='one')\n"
                "mcp.run()\n"
            )
            session = await desk.open(python_target(f"kept{ttl}", str(server), env=env))
            assert session.state == "ready", session.failure
            desk.window.go("tools", session=session)
            state = desk.window.host.panel.list.state
            await desk.until(lambda: desk.tools.list.select("one"), "the tool")
            assert state.isVisible() == told
            if told:
                assert re.fullmatch(r"as of \d\d:\d\d · ttl 30 s · \w+", state.words.text())

    desktop(scene)


def test_an_empty_list_tells_only_the_author_of_the_file_how_to_fill_it(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        server = tmp_path / "bare.py"
        server.write_text("from fastmcp import FastMCP\nmcp = FastMCP('Bare')\n")
        env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)
        plain = python_target("bare", "-m", "wireglass.compat", str(server), added=env)
        for target, told in ((plain, False), (replace(plain, name="own", spec=str(server)), True)):
            session = await desk.open(target)
            assert session.state == "ready", session.failure
            desk.window.go("prompts", session=session)
            words = desk.window.host.panel.list.nothing.text.text()
            assert words.startswith("It did not announce any.")
            assert ("@mcp.prompt" in words) == told
            assert "No prompts to choose from" in texts(desk.window.host.panel.detail)
            assert "Choose one" not in texts(desk.window.host.panel.detail)
            desk.window.go("resources", session=session)
            assert "No resources to choose from" in texts(desk.window.host.panel.detail)

    desktop(scene)
