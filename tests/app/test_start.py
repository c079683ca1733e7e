"""What the start of the workbench loads, told by a fresh process: each module costs memory and time of every user."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wireglass_app.spare_memory import Spare


def _fresh(code: str) -> dict[str, list[str]]:
    """What a new interpreter prints as JSON after `code`."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_source_is_read_at_start() -> None:
    """PySide6 reads the source of each module for a feature that nothing here uses, and it stays in memory."""
    found = _fresh(
        "import json, wireglass_app.application, linecache\n"
        "print(json.dumps({'read': [name for name in linecache.cache if 'wireglass' in name]}))"
    )
    assert found["read"] == []


_WINDOW = """
import wireglass_app
import json, sys, tempfile
from pathlib import Path
from PySide6.QtWidgets import QApplication
from wireglass.launch.trust import TrustStore
from wireglass_app.application import Application, run_qt
from wireglass_app.settings import Settings

async def show():
    home = Path(tempfile.mkdtemp())
    app = Application(Settings(home / "s.json"), TrustStore(home / "t.json"), home / "recordings")
    app.window.show()
    app.window.grab()
    loaded = sorted(sys.modules)
    await app.close()
    print(json.dumps({"loaded": loaded}))
    return 0

sys.exit(run_qt(QApplication(sys.argv[:1]), show))
"""


def test_the_first_window_loads_no_view_but_its_own() -> None:
    """The other views, the dialogs and the schema engine load when they are wanted."""
    loaded = set(_fresh(_WINDOW)["loaded"])
    views = {name for name in loaded if name.startswith("wireglass_app.panels.")}
    assert views == {"wireglass_app.panels.base", "wireglass_app.panels.welcome"}
    unwanted = tuple(f"wireglass_app.{part}." for part in ("dialogs", "charts", "configs.desk_view", "frameview"))
    assert [name for name in loaded if name.startswith(unwanted)] == []
    heavy = {"jsonschema_rs", "pydantic", "httpx", "PySide6.QtNetwork", "_ssl", "_hashlib", "importlib.metadata"}
    assert loaded & heavy == set()


def test_tls_is_there_when_it_is_looked_for() -> None:
    """By whatever name: the module, what asyncio holds of it, and the libraries that use it."""
    found = _fresh(
        "import wireglass_app, asyncio, sys, json\n"
        "late = '_ssl' not in sys.modules\n"
        "import asyncio.sslproto, ssl, httpx\n"
        "from ssl import SSLError\n"
        "same = asyncio.base_events.ssl.SSLError is ssl.SSLError is SSLError is sys.modules['ssl'].SSLError\n"
        "error = asyncio.sslproto.SSLAgainErrors[0] is ssl.SSLWantReadError\n"
        "missing = not hasattr(ssl, 'nothing_of_this_name')\n"
        "context = ssl.create_default_context().check_hostname\n"
        "print(json.dumps({'all': [late, same, error, missing, context, hasattr(ssl, '__file__')]}))"
    )
    assert found["all"] == [True] * 6


def test_large_blocks_go_back_once_they_are_free() -> None:
    """A result of 50 MB that was looked at once must not stay: on glibc, freed blocks are returned at once."""
    if sys.platform != "linux":
        pytest.skip("other systems give memory back by themselves")
    found = _fresh(
        "import json, os\n"
        "from wireglass_app.spare_memory import give_large_blocks_back\n"
        "def resident():\n"
        "    with open('/proc/self/statm') as facts:\n"
        "        return int(facts.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')\n"
        "give_large_blocks_back()\n"
        "before = resident()\n"
        "for _ in range(3):\n"
        "    kept = [bytearray(b'x' * (2 << 20)) for _ in range(25)]\n"
        "    most = resident()\n"
        "    del kept\n"
        "print(json.dumps({'came': [most - before > 40 << 20], 'went': [resident() - before < 20 << 20]}))"
    )
    assert found == {"came": [True], "went": [True]}


_CONNECTED = """
import wireglass_app
import asyncio, json, sys, tempfile
from pathlib import Path
from PySide6.QtWidgets import QApplication
from wireglass.launch.trust import TrustStore
from wireglass_app.application import Application, run_qt
from wireglass_app.calls import Target
from wireglass_app.settings import Settings

async def show():
    home = Path(tempfile.mkdtemp())
    app = Application(Settings(home / "s.json"), TrustStore(home / "t.json"))
    app.window.show()
    session = app.opener.open_target(Target("plain", "stdio", command=sys.executable, args=(SERVER, "5")))
    async with asyncio.timeout(60):
        while session.state != "ready" or app.workbench.verdicts.done < len(app.workbench.ledger.entries):
            await asyncio.sleep(0.01)
    app.window.go("tools")
    app.window.grab()
    violations = [str(one) for one in app.workbench.ledger.violations.values()]
    found = {"loaded": sorted(sys.modules), "violations": violations}
    await app.close()
    print(json.dumps(found))
    return 0

sys.exit(run_qt(QApplication(sys.argv[:1]), show))
"""


def test_looking_at_the_tools_of_a_server_needs_no_schema_engine() -> None:
    """A correct opening and a form that nobody filled in are judged without it."""
    server = Path(__file__).parents[1] / "benchmarks" / "servers" / "flood.py"
    found = _fresh(_CONNECTED.replace("SERVER", repr(str(server))))
    assert found["violations"] == []
    assert "jsonschema_rs" not in found["loaded"]


_RUN = """
import wireglass_app
import asyncio, json, sys, tempfile
from pathlib import Path
from PySide6.QtWidgets import QApplication
from wireglass.launch.trust import TrustStore
from wireglass_app.application import Application, run_qt
from wireglass_app.calls import Target
from wireglass_app.settings import Settings

async def until(come):
    async with asyncio.timeout(60):
        while not come():
            await asyncio.sleep(0.01)

async def show():
    home = Path(tempfile.mkdtemp())
    app = Application(Settings(home / "s.json"), TrustStore(home / "t.json"), home / "recordings")
    app.window.show()
    session = app.opener.open_target(Target("asking", "stdio", command=sys.executable, args=SERVER))
    await until(lambda: session.state not in ("idle", "connecting"))
    app.window.go("tools")
    app.window.grab()
    panel = app.window.host.panel
    assert panel.list.select("roots")
    panel.run.click()
    await until(lambda: session.calls and session.calls[-1].ended and session.questions)
    app.window.grab()
    found = {"state": [session.calls[-1].state], "questions": [one.kind for one in session.questions]}
    print(json.dumps({**found, "loaded": sorted(sys.modules)}))
    await app.close()
    return 0

sys.exit(run_qt(QApplication(sys.argv[:1]), show))
"""


@pytest.mark.parametrize("era", ["stateless", "handshake"])
def test_a_call_in_the_window_loads_no_models_and_no_openssl(era: str) -> None:
    """The workbench exchanges plain JSON: connecting, listing, a call and the question in it need nothing heavy."""
    server = Path(__file__).parent / "servers" / "asking.py"
    found = _fresh(_RUN.replace("SERVER", repr((str(server), "asking", era))))
    assert found["state"] == ["done"]
    assert found["questions"] == ["roots"]
    heavy = {"pydantic", "httpx", "anyio", "jsonschema_rs", "email", "importlib.metadata", "_ssl", "_hashlib"}
    assert heavy & set(found["loaded"]) == set()


def test_nothing_is_given_back_after_the_end(qapp) -> None:
    """Servers that end with the workbench stir it again; the thread that would do the work is gone by then."""
    asked: list[object] = []
    spare = Spare(asked.append)
    spare.stirred()
    spare.stop()
    spare.stirred()
    assert not spare._calm.isActive()
    assert asked == []
