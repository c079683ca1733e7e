"""What a server spoke is remembered per origin and per command, and found out again when it is no longer true."""

import os
import sys
import textwrap
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_http_opening import legacy, served

from wireglass import Client
from wireglass.client import opening as opening_module
from wireglass.client.eras import LOOPBACK_SECONDS, SECONDS, EraMemory, Verdict, http_key, refutes, stdio_key
from wireglass.client.transports import StdioTransport
from wireglass.errors import HttpStatusError, McpError

pytestmark = pytest.mark.anyio
NO_SESSION = httpx.Response(400, text="no session")
META = "io.modelcontextprotocol/protocolVersion"


def modern(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
    """A server of the stateless era and no other."""
    if method == "server/discover":
        return httpx.Response(200, json={"result": {"supportedVersions": ["2026-07-28"], "capabilities": {}}})
    if META not in params.get("_meta", {}):
        data = {"supported": ["2026-07-28"], "requested": "2025-11-25"}
        return httpx.Response(400, json={"error": {"code": -32022, "message": "no", "data": data}})
    return httpx.Response(200, json={"result": {"resultType": "complete", "tools": []}})


class Changing:
    """A server behind one address, whose program can be replaced."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.eras = EraMemory()
        self.recipe = served(self._answer, self.asked).transport

    def _answer(self, method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        return self.answer(method, params, request)

    def client(self, **options: Any) -> Client:
        return Client(self.recipe, **{"eras": self.eras, **options})

    def heard(self) -> list[str]:
        """What was asked since the last time, without the usual end of a handshake."""
        heard = [name for name in self.asked if name not in ("notifications/initialized", "GET", "DELETE")]
        self.asked.clear()
        return heard


async def test_a_handshake_is_not_probed_for_again() -> None:
    """Digest, "Finding the era": cache the verdict per origin."""
    site = Changing(legacy(NO_SESSION))
    async with site.client() as client:
        assert client.facts.version == "2025-06-18"
    assert site.heard() == ["server/discover", "initialize"]
    async with site.client() as client:
        assert "was not asked again" in client.facts.why
        assert await client.list_tools() == []
    assert site.heard() == ["initialize", "tools/list"]


async def test_another_client_of_the_process_profits_and_one_with_its_own_memory_does_not() -> None:
    site = Changing(legacy(NO_SESSION))
    async with site.client(eras=None):
        pass
    site.heard()
    async with site.client(eras=None):
        pass
    assert site.heard() == ["initialize"]
    async with site.client(eras=EraMemory()):
        pass
    assert site.heard() == ["server/discover", "initialize"]


async def test_a_forced_mode_neither_asks_the_memory_nor_fills_it() -> None:
    site = Changing(legacy(NO_SESSION))
    async with site.client(mode="handshake"):
        pass
    site.heard()
    async with site.client():
        pass
    assert site.heard() == ["server/discover", "initialize"]


@pytest.mark.parametrize("refusal", [httpx.Response(405), httpx.Response(404), NO_SESSION, None])
async def test_a_server_that_no_longer_takes_the_handshake_is_probed(refusal: httpx.Response | None) -> None:
    """Re-probe when the verdict fails; here with a plain status, or with -32022 in a readable answer."""
    site = Changing(legacy(NO_SESSION))
    async with site.client():
        pass
    site.heard()

    def newer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        return refusal if method == "initialize" and refusal is not None else modern(method, params, request)

    site.answer = newer
    async with site.client() as client:
        assert client.facts.stateless
        assert [outcome for attempt, outcome in client.facts.path if "remembered" in attempt]
    assert site.heard() == ["initialize", "server/discover"]
    async with site.client() as client:
        assert client.facts.stateless
    assert site.heard() == ["server/discover"]


async def test_another_server_at_the_same_address_is_probed() -> None:
    site = Changing(legacy(NO_SESSION))
    async with site.client():
        pass
    site.heard()

    def another(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if method != "initialize":
            return modern(method, params, request) if method == "server/discover" else httpx.Response(202)
        result = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "new", "version": "2"}}
        return httpx.Response(200, json={"result": result})

    site.answer = another
    async with site.client() as client:
        assert client.facts.stateless
        assert ("initialize as remembered", "another server answers") in client.facts.path
    assert site.heard() == ["initialize", "server/discover"]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_an_outage_is_no_reason_to_forget(status: int) -> None:
    site = Changing(legacy(NO_SESSION))
    async with site.client():
        pass
    site.heard()
    before, site.answer = site.answer, lambda *_: httpx.Response(status)
    with pytest.raises(HttpStatusError):
        async with site.client():
            pass
    assert site.heard() == ["initialize"]
    site.answer = before
    async with site.client():
        pass
    assert site.heard() == ["initialize"]


async def test_a_server_that_becomes_stateless_under_an_open_session_is_found_out_and_the_call_repeated() -> None:
    site = Changing(legacy(NO_SESSION))
    async with site.client() as client:
        await client.list_tools()
        site.answer = modern
        site.heard()
        assert await client.list_tools() == []
        assert client.facts.stateless
    assert site.heard() == ["tools/list", "server/discover", "tools/list"]


async def test_a_server_that_refuses_the_version_for_good_is_not_asked_for_ever() -> None:
    """It answers the probe and refuses the call: the error is the caller's to see, after one more try."""
    site = Changing(modern)

    def contrary(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if method == "server/discover":
            return modern(method, params, request)
        return httpx.Response(400, json={"error": {"code": -32022, "message": "no", "data": {"supported": []}}})

    async with site.client() as client:
        site.heard()
        site.answer = contrary
        with pytest.raises(McpError) as error:
            await client.list_tools()
        assert error.value.code == -32022
    assert site.heard() == ["tools/list", "server/discover"]


async def test_a_version_that_the_caller_wrote_changes_nothing() -> None:
    """An inspector sends wrong versions on purpose."""
    site = Changing(modern)
    async with site.client() as client:
        session = client.session
        site.answer = lambda *_: httpx.Response(400, json={"error": {"code": -32022, "message": "no"}})
        with pytest.raises(McpError):
            await client.request("tools/list", meta={META: "1999-01-01"})
        assert client.session is session


async def test_a_stateless_server_replaced_by_an_older_one_is_found_out_at_the_next_connection() -> None:
    site = Changing(modern)
    async with site.client() as client:
        site.answer = legacy(httpx.Response(400, json={"error": {"code": -32000, "message": "no session"}}))

        def no_session(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
            return httpx.Response(400, json={"error": {"code": -32000, "message": "no session"}})

        older, site.answer = site.answer, no_session
        with pytest.raises(McpError):
            await client.list_tools()
    assert site.eras.recall(site.recipe.era_key) is None
    site.answer = older
    async with site.client() as client:
        assert client.facts.version == "2025-06-18"


def test_what_is_too_old_is_asked_for_again() -> None:
    now = [0.0]
    eras = EraMemory(lambda: now[0])
    far, near = http_key("https://far.example/mcp"), http_key("http://localhost:8000/mcp")
    for key in (far, near):
        eras.keep(key, Verdict("2025-06-18", False))
    now[0] = LOOPBACK_SECONDS
    assert eras.recall(near) is None
    assert eras.recall(far) is not None
    now[0] = SECONDS
    assert eras.recall(far) is None


def test_an_origin_has_one_spelling_and_each_path_its_own_verdict() -> None:
    assert http_key("https://a:b@Host.example:1/mcp?x=1") == http_key("https://host.example:1/mcp")
    assert http_key("https://host.example/a") != http_key("https://host.example/b")
    assert http_key("https://host.example/a") != http_key("http://host.example/a")
    assert http_key("https://host.example/a", {}) is None, "a network that cannot be named is not remembered"


def test_the_memory_is_bounded() -> None:
    eras = EraMemory()
    for number in range(1000):
        eras.keep(("stdio", number), Verdict("2025-06-18", False))
    assert len(eras._kept) <= 256
    eras.keep(None, Verdict("2025-06-18", False))
    assert eras.recall(None) is None


@pytest.mark.parametrize(
    ("code", "stateless", "written", "verdict"),
    [
        (-32022, True, (), "now"),
        (-32022, False, (), "now"),
        (-32020, False, (), "now"),
        (-32020, True, (), ""),
        (-32600, True, (), "next time"),
        (-32000, True, (), "next time"),
        (-32000, False, (), ""),
        (-32602, True, (), ""),
        (-32022, True, (META,), ""),
        (-32022, False, ("MCP-Protocol-Version",), ""),
    ],
)
def test_which_answers_refute_a_verdict(code: int, stateless: bool, written: tuple[str, ...], verdict: str) -> None:
    assert refutes(McpError(code, "x"), stateless=stateless, written=written) == verdict


# stdio: what the probe cost is not paid twice

CHILD = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "server/discover":
        {probe}
    if message["method"] == "initialize":
        info = {{"name": "s", "version": "1"}}
        result = {{"protocolVersion": "2025-06-18", "capabilities": {{}}, "serverInfo": info}}
        print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "result": result}}), flush=True)
"""
REFUSAL = '{"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "unknown"}}'


def child(folder: Path, probe: str) -> StdioTransport:
    script = folder / "server.py"
    script.write_text(textwrap.dedent(CHILD.format(probe=probe)))
    return StdioTransport(sys.executable, [str(script)])


@pytest.mark.parametrize("probe", ["sys.exit(3)", "continue"])
async def test_a_child_that_the_probe_ends_or_silences_is_not_probed_again(
    tmp_path: Path, probe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if probe == "continue":
        monkeypatch.setattr(opening_module, "PROBE_SECONDS", 1.0)
    recipe, eras = child(tmp_path, probe), EraMemory()
    async with Client(recipe, eras=eras) as client:
        assert len(client.facts.path) == 2
    async with Client(recipe, eras=eras) as client:
        assert client.facts.path == (("initialize at 2025-11-25", "the server answers 2025-06-18"),)
    later = child(tmp_path, probe)
    os.utime(later.args[0])
    async with Client(later, eras=eras) as client:
        assert len(client.facts.path) == 2, "the file was edited: who knows what it speaks now"


async def test_a_child_that_refuses_the_probe_at_once_is_probed_each_time(tmp_path: Path) -> None:
    """It costs nothing, and the file may speak the newer era tomorrow."""
    recipe, eras = child(tmp_path, f"print(json.dumps({REFUSAL}), flush=True)"), EraMemory()
    for _ in range(2):
        async with Client(recipe, eras=eras) as client:
            assert len(client.facts.path) == 2


def test_the_key_of_a_command_is_everything_that_decides_what_runs(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("1")
    key = stdio_key("python", ["a.py"], str(tmp_path))
    assert key == stdio_key("python", ["a.py"], str(tmp_path))
    assert key != stdio_key("python", ["a.py", "-x"], str(tmp_path))
    assert key != stdio_key("python3", ["a.py"], str(tmp_path))
    assert key != stdio_key("python", ["a.py"], None)
    assert stdio_key("x", ["\0"], None) == stdio_key("x", ["\0"], None)
