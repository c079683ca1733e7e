"""The reference server of the protocol's authors, used through the real window: every tool, resource and prompt."""

from pathlib import Path
from typing import Any

import pytest

from app.conftest import desktop, look, loop  # noqa: F401 (fixtures)
from app.desk import Desktop, texts
from peers.conformance.driver import install, node
from peers.processes import HERE
from wireglass.protocol.schema import UNSET, defaults, plan
from wireglass_app.calls import Call, Target
from wireglass_app.dossier.words import verdict

pytestmark = [pytest.mark.peer, pytest.mark.slow]

OWN: dict[str, dict[str, Any]] = {"trigger-long-running-operation": {"duration": 1, "steps": 2}}
_PATIENCE = 45.0


@pytest.fixture(scope="module")
def everything() -> Target:
    """How it is started."""
    install()
    script = HERE / "node_modules" / "@modelcontextprotocol" / "server-everything" / "dist" / "index.js"
    return Target("everything", "stdio", command=node(), args=(str(script), "stdio"), start_timeout=60.0)


def sample(schema: Any) -> Any:
    """Something for every field that has to be filled in."""
    node_ = plan(schema)
    value = defaults(node_)
    filled = dict(value) if isinstance(value, dict) else {}
    words: dict[str, Any] = {"integer": 1, "number": 2, "boolean": True, "array": [], "object": {}}
    for name, field in node_.properties:
        if field.required and name not in filled:
            text = "https://example.com/" if field.format == "uri" else "hi"
            filled[name] = field.choices[0].value if field.choices else words.get(field.kind, text)
    return filled or UNSET


async def settled(desk: Desktop, call: Call) -> None:
    """Waits for the end; what the server asks meanwhile is declined as a person would."""

    def over() -> bool:
        for question in desk.app.workbench.waiting:
            question.decline()
        return call.ended

    await desk.until(over, f"an end of {call.name}", _PATIENCE)


def test_everything_it_offers_works_in_the_window(desktop, everything: Target) -> None:  # noqa: F811 (a fixture)
    faults: list[Exception] = []

    async def scene(desk: Desktop) -> None:
        desk.app.bridge.fault.connect(faults.append)
        session = await desk.open(everything)
        assert session.state == "ready", session.failure
        assert len(session.catalogue.tools) >= 8
        panel = desk.tools
        odd: list[str] = []
        for tool in session.catalogue.tools:
            name = tool["name"]
            assert panel.list.select(name)
            panel.form.set_value(OWN.get(name, sample(tool["inputSchema"])))
            if not panel.form.is_valid():
                odd.append(f"{name}: the form says {[one.message for one in panel.form.verdicts]}")
                continue
            before = len(session.calls)
            panel.run_primary()
            await desk.until(lambda before=before: len(session.calls) > before, f"{name} to be sent")
            call = session.calls[before]
            await settled(desk, call)
            await desk.until(lambda call=call: panel.dossier.title.text() == verdict(call).title, f"{name} to be shown")
            if call.state in ("fault", "lost", "timeout"):
                odd.append(f"{name}: {verdict(call).title} {verdict(call).text}")
            assert texts(panel.dossier)
        desk.window.go("resources")
        for resource in session.catalogue.resources[:5]:
            before = len(session.calls)
            desk.window.go("resources", name=resource["uri"], read=True)
            await desk.until(lambda before=before: len(session.calls) > before, "a reading")
            await settled(desk, session.calls[before])
            odd += [] if session.calls[before].state == "done" else [f"{resource['uri']} was not read"]
        for prompt in session.catalogue.prompts:
            desk.window.go("prompts", name=prompt["name"])
            prompts = desk.window.host.panel
            prompts.form.set_value({one["name"]: "1" for one in prompt.get("arguments") or ()} or UNSET)
            before = len(session.calls)
            prompts.run_primary()
            await desk.until(lambda before=before: len(session.calls) > before, f"{prompt['name']} to be asked for")
            await settled(desk, session.calls[before])
        for view in ("overview", "logs", "timeline", "frames", "network", "history", "inbox"):
            desk.window.go(view, session=session)
        assert not odd, "\n".join(odd)
        assert session.usable

    desktop(scene, 240.0)
    assert not faults


def test_it_is_reached_over_http_too(desktop, everything: Target, tmp_path: Path) -> None:  # noqa: F811
    from peers.processes import environment, free_port, listening

    port = free_port()
    command = [everything.command, everything.args[0], "streamableHttp"]
    with listening(command, port, {**environment(ours=False), "PORT": str(port)}, tmp_path / "log"):

        async def scene(desk: Desktop) -> None:
            session = await desk.open(Target("everything", "http", url=f"http://127.0.0.1:{port}/mcp", proxy="direct"))
            assert session.state == "ready", session.failure
            call = await desk.run("echo", {"message": "hi"})
            assert call.result["content"][0]["text"] == "Echo: hi"
            desk.window.go("network")
            network = desk.window.host.panel
            await desk.until(lambda: network.model.rowCount() > 0, "its requests")

        desktop(scene, 90.0)
