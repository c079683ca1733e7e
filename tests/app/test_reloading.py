"""What stays and what is told when a server's process is replaced by another: its file was saved."""

from pathlib import Path

import pytest

from app.desk import Desktop, python_target, texts
from app.test_failures import SOURCES
from wireglass_app.models.catalogue import Heading
from wireglass_app.server_session import ServerSession

pytestmark = pytest.mark.slow

SERVER = """
import asyncio
from fastmcp import FastMCP

mcp = FastMCP("parcels")

@mcp.tool(annotations={"readOnlyHint": True})
def price(weight: float = 1.0) -> float:
    return weight * 2

@mcp.tool
async def wait() -> str:
    await asyncio.Event().wait()
    return ""

@mcp.resource("rates://current")
def rates() -> str:
    return "1"

@mcp.resource("rates://old")
def old() -> str:
    return "0"
"""


def write(file: Path, text: str) -> None:
    """As an editor does; a moment, so nothing is given up by doing it here."""
    file.write_text(text)


async def opened(desk: Desktop, file: Path, text: str = SERVER) -> ServerSession:
    """A server whose file is watched."""
    write(file, text)
    session = await desk.open(
        python_target("parcels", "-m", "wireglass.compat", str(file), spec=str(file), env=SOURCES, cwd=str(file.parent))
    )
    assert session.state == "ready", session.failure
    return session


async def saved(desk: Desktop, session: ServerSession, file: Path, text: str) -> None:
    starts = session.starts
    write(file, text)
    await desk.until(lambda: session.starts > starts and session.state != "connecting", "the reload")


def test_subscriptions_are_asked_for_again(desktop, tmp_path: Path) -> None:
    """The new process knows of none. What was heard of before stays; what it no longer offers goes."""
    file = tmp_path / "server.py"

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, file)
        for uri in ("rates://current", "rates://old"):
            await session.subscribe(uri)
        session.subscriptions["rates://current"].append(1.0)
        session.subscriptions["rates://current/inner"] = [1.0]
        await saved(desk, session, file, SERVER + "\n# saved\n")
        assert session.state == "ready", session.failure
        assert session.subscriptions == {"rates://current": [1.0], "rates://old": []}
        await desk.until(lambda: _all(session) == ["rates://current", "rates://old"], "both, on the new stream")
        await session.subscribe("rates://old", False)
        await saved(desk, session, file, SERVER + "wrong = {\n")
        assert session.state == "failed"
        await saved(desk, session, file, SERVER)
        assert session.state == "ready", session.failure
        await desk.until(lambda: _all(session) == ["rates://current"], "the one that is left, also after a failure")

    desktop(scene)


def _all(session: ServerSession) -> list[str]:
    return list((session.stream.accepted or {}).get("resourceSubscriptions", ()))


def test_a_call_that_ran_says_that_the_server_was_started_again(desktop, tmp_path: Path) -> None:
    file = tmp_path / "server.py"

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, file)
        desk.window.go("tools", session=session)
        panel = desk.tools
        assert panel.list.select("wait")
        panel.run.click()
        call = await desk.until(lambda: session.calls and session.calls[-1], "the call")
        await desk.until(lambda: call.request_ids, "its request")
        await saved(desk, session, file, SERVER + "\n# saved\n")
        await desk.until(lambda: call.ended, "its end")
        assert call.state == "lost"
        await desk.until(lambda: "The server was started again while this ran" in texts(panel.dossier), "the reason")
        assert "Run it again" in texts(panel.dossier)

    desktop(scene)


def test_a_reload_that_fails_is_told_in_the_header_until_one_does_not(desktop, tmp_path: Path) -> None:
    """The note of the last good reload would say that all is well."""
    file = tmp_path / "server.py"

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, file)
        note = desk.window.header.note
        await saved(desk, session, file, SERVER + "wrong = {\n")
        await desk.until(lambda: note.text().strip() == "Reload failed · exit status 1", "the note")
        note.click()
        assert "SyntaxError" in texts(desk.window.host.panel)
        assert session.failure.offers[0].text.startswith("Open line")
        desk.window.go("tools", session=session)
        assert desk.tools.list.model.rowCount() == 2, "the last good list stays"
        await saved(desk, session, file, SERVER)
        await desk.until(lambda: note.text().strip().startswith("Reloaded"), "the note of the good one")

    desktop(scene)


ITEMS = """
from fastmcp import FastMCP

mcp = FastMCP("items")

@mcp.prompt
def first() -> str:
    return "1"

@mcp.prompt
def greet(name: str) -> str:
    return name

@mcp.resource("a://first")
def a() -> str:
    return "1"

@mcp.resource("b://{no}/events")
def b(no: str) -> str:
    return no
"""


def test_what_was_chosen_and_typed_stays_where_its_declaration_changed(desktop, tmp_path: Path) -> None:
    """Issue, point 3: a reload keeps drafts and selection; what is shown of them is what is declared now."""
    file = tmp_path / "server.py"
    changed = ITEMS.replace("def greet(name: str)", 'def greet(name: str, tone: str = "kind")').replace(
        "    return name", '    """Greets somebody."""\n    return name'
    )
    changed = changed.replace("    return no", '    """All events of a parcel."""\n    return no')

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, file, ITEMS)
        desk.window.go("prompts", session=session)
        prompts = desk.window.host.panel
        assert prompts.list.select("greet")
        prompts.form.set_value({"name": "Ada"})
        desk.window.go("resources", session=session)
        resources = desk.window.host.panel
        assert resources.list.select("b://{no}/events")
        resources.template.fields["no"].line.setText("PD-1")
        await saved(desk, session, file, changed)
        await desk.until(lambda: resources.description.text() == "All events of a parcel.", "the new declaration")
        assert resources.list.current.name == "b://{no}/events"
        assert resources.template.values() == {"no": "PD-1"}
        desk.window.go("prompts", session=session)
        await desk.until(lambda: prompts.description.text() == "Greets somebody.", "the new declaration")
        assert prompts.list.current.name == "greet"
        assert prompts.form.value() == {"name": "Ada"}
        assert "tone" in prompts.form.schema["properties"]

    desktop(scene)


def test_a_tool_that_is_gone_is_shown_as_gone_and_cannot_be_run(desktop, tmp_path: Path) -> None:
    """It was chosen: its head and its button follow, and the list has one heading, for what is gone."""
    file = tmp_path / "server.py"

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, file)
        desk.window.go("tools", session=session)
        panel = desk.tools
        assert panel.list.select("price")
        await saved(desk, session, file, SERVER.replace("def price", "def cost"))
        await desk.until(lambda: not panel.run.isEnabled(), "the end of the tool")
        assert panel.list.current.name == "price"
        assert "gone" in texts(panel.head)
        headings = [row.text for row in panel.list.model.rows if isinstance(row, Heading)]
        assert headings == ["Gone"]

    desktop(scene)


def test_the_last_call_is_run_again_and_both_runs_are_compared(desktop, tmp_path: Path) -> None:
    """Issue, point 3: "can run the last call again and compare the results"; never one that may destroy something."""
    file = tmp_path / "server.py"
    destructive = SERVER.replace('"readOnlyHint"', '"destructiveHint"')

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, file)
        first = session.call_tool("price", {"weight": 2.0})
        await desk.until(lambda: first.ended, "the first run")
        await saved(desk, session, file, SERVER.replace("weight * 2", "weight * 3"))
        desk.window.go("changes", source="reload")
        panel = desk.window.host.panel
        await desk.until(panel.again.isVisible, "the button")
        panel.again.setFocus()
        panel.again.click()
        await desk.until(lambda: panel.choice.current() == "runs" and panel.source.listing.found, "the comparison")
        await desk.until(panel.list.hasFocus, "the focus among the changes, as the button it was on has gone")
        second = session.calls[-1]
        assert (first.result["structuredContent"], second.result["structuredContent"]) == ({"result": 4}, {"result": 6})
        assert second.params == first.params
        assert any(item.path and "structuredContent" in item.path for item in panel.source.listing.items)

        await saved(desk, session, file, destructive)
        before = len(session.calls)
        desk.window.go("changes", source="reload", repeat=True)
        assert not panel.again.isVisible()
        assert len(session.calls) == before

    desktop(scene)


def test_a_reload_is_no_violation(desktop) -> None:
    """Before, the second initialize of a server of the handshake eras was counted as one, in red, in the status bar."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("tools", session=session)
        for starts in (2, 3):
            desk.window.actions_table.trigger("reload")
            await desk.until(lambda n=starts: session.starts == n and session.state == "ready", "the reload")
        bench = desk.app.workbench
        await desk.until(lambda: bench.verdicts.done >= bench.ledger.entries[-1].seq, "the verdicts")
        found = {number: [one.message for one in all_] for number, all_ in bench.ledger.violations.items()}
        assert found == {}, found

    desktop(scene)
