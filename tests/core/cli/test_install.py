"""`wireglass install`, `uninstall`, `clients` and `bridge` from the command line, in a made-up home."""

import json
import os
import sys
from pathlib import Path

import pytest

from wireglass.cli.main import main
from wireglass.targets import inventory

TINY = (Path(__file__).parents[1] / "install" / "tiny_server.py").read_text()
HEADER = 'try:\n    from fastmcp import FastMCP\n    mcp = FastMCP("Tiny Tools")\nexcept ImportError:\n    mcp = None\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("XDG_", "CLAUDE", "CODEX", "GEMINI", "COPILOT", "CLINE", "GOOSE")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WIREGLASS_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(inventory.sys, "platform", "linux")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home" / ".config" / "Claude").mkdir(parents=True)
    (tmp_path / "home" / ".cursor").mkdir()
    (tmp_path / "server.py").write_text(HEADER + TINY.replace("mcp = object()\n", ""))
    return tmp_path / "home"


def claude(home: Path) -> Path:
    return home / ".config" / "Claude" / "claude_desktop_config.json"


def install(*arguments: str) -> int:
    return main(["install", "server.py", "--python", sys.executable, *arguments])


@pytest.mark.skipif(os.name == "nt", reason="the made-up home is a Linux one")
def test_install_starts_the_server_writes_the_entry_and_undo_takes_it_back(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    claude(home).write_text('{"theme": "dark"}')
    assert install("--env", "MODE=test", "--", "--fast") == 0
    shown = capsys.readouterr().out
    assert "answered in" in shown
    assert "Restart Claude Desktop" in shown
    written = json.loads(claude(home).read_bytes())
    assert written["mcpServers"]["Tiny Tools"] == {
        "command": sys.executable,
        "args": [str(Path("server.py").absolute()), "--fast"],
        "env": {"MODE": "test"},
    }
    assert main(["clients"]) == 0
    assert "Tiny Tools" in capsys.readouterr().out
    assert main(["clients", "undo"]) == 0
    assert claude(home).read_text() == '{"theme": "dark"}'


def test_a_dry_run_writes_nothing(home: Path, capsys: pytest.CaptureFixture[str]):
    assert install("--dry-run", "--client", "cursor") == 0
    assert '+    "Tiny Tools": {' in capsys.readouterr().out
    assert not (home / ".cursor" / "mcp.json").exists()


def test_a_server_that_does_not_answer_is_not_installed(home: Path, capsys: pytest.CaptureFixture[str]):
    Path("server.py").write_text(HEADER + "raise SystemExit('the key is missing')\n")
    assert install() == 1
    assert "the key is missing" in capsys.readouterr().err
    assert not claude(home).exists()
    assert install("--no-trial") == 0


def test_several_programs_at_once_and_uninstall_from_all(home: Path, capsys: pytest.CaptureFixture[str]):
    (home / ".cursor" / "mcp.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
    assert install("--client", "cursor", "--client", "claude-desktop", "--name", "both", "--no-trial") == 0
    assert main(["clients", "--json"]) == 0
    output = capsys.readouterr().out
    hosts = json.loads(output[output.index('{\n  "hosts"') :])["hosts"]
    listed = {host["id"]: list(host["files"][0]["servers"]) for host in hosts if host["files"]}
    assert listed == {"claude-desktop": ["both"], "cursor": ["a", "both"]}
    assert main(["uninstall", "both"]) == 0
    assert (home / ".cursor" / "mcp.json").read_text() == '{"mcpServers": {"a": {"command": "x"}}}'
    assert main(["uninstall", "both"]) == 1
    assert "No program lists" in capsys.readouterr().err
    assert main(["clients", "history"]) == 0
    assert "Remove both" in capsys.readouterr().out


def test_project_scope_writes_into_the_project(home: Path, tmp_path: Path):
    (tmp_path / "app").mkdir()
    assert install("--client", "cursor", "--scope", "project", "--no-trial") == 0
    assert "Tiny Tools" in (tmp_path / ".cursor" / "mcp.json").read_text()


def test_a_url_for_a_host_without_remote_servers_starts_our_bridge(home: Path):
    assert (
        main(["install", "https://mcp.example.com/mcp", "--name", "far", "--no-trial", "--header", "X-Team: Zoë"]) == 0
    )
    entry = json.loads(claude(home).read_bytes())["mcpServers"]["far"]
    assert entry["args"][-4:] == ["bridge", "https://mcp.example.com/mcp", "--header", "X-Team: ${WIREGLASS_X_TEAM}"]
    assert entry["env"]["WIREGLASS_X_TEAM"] == "Zoë"


def test_a_secret_by_reference_comes_from_our_environment(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("API_TOKEN", "abc")
    assert install("--client", "cursor", "--env", "API_TOKEN", "--no-trial") == 0
    text = (home / ".cursor" / "mcp.json").read_text()
    assert '"API_TOKEN": "${env:API_TOKEN}"' in text
    assert "abc" not in text


def test_links_and_commands_are_printed_without_secrets(home: Path, capsys: pytest.CaptureFixture[str]):
    assert install("--client", "cursor", "--env", "API_TOKEN=abc", "--link") == 0
    assert install("--client", "claude-code", "--env", "API_TOKEN=abc", "--command") == 0
    output, hint = capsys.readouterr()
    assert "cursor://anysphere.cursor-deeplink/mcp/install?name=Tiny%20Tools&config=" in output
    assert "claude mcp add --scope user 'Tiny Tools' --" in output
    assert "Secrets are left out" in hint
    assert "abc" not in output


def test_a_bundle_is_built(home: Path, tmp_path: Path):
    (tmp_path / "alone").mkdir()
    script = tmp_path / "alone" / "server.py"
    script.write_text(HEADER)
    bundle = str(tmp_path / "x.mcpb")
    assert main(["install", str(script), "--python", sys.executable, "--bundle", bundle]) == 0
    assert Path(bundle).stat().st_size > 300


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--client", "curser"], "Did you mean cursor?"),
        (["--client", "zed"], "was not found on this machine"),
        (["--client", "raycast"], "keeps its servers in no file"),
        (["--client", "witsy", "--scope", "project"], "has no project file"),
        (["--env", "SURELY_NOT_SET"], "is not set here"),
        (["--env-file", "none"], "no file none"),
    ],
)
def test_what_cannot_be_done_is_said(home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], word: str):
    assert install(*arguments) == 1
    assert word in capsys.readouterr().err


def test_a_broken_file_is_named_and_left_alone(home: Path, capsys: pytest.CaptureFixture[str]):
    claude(home).write_text('{\n  "mcpServers": {},\n}')
    assert install("--no-trial") == 1
    error = capsys.readouterr().err
    assert "claude_desktop_config.json: Line 3, column 1" in error
    assert claude(home).read_text() == '{\n  "mcpServers": {},\n}'


def test_the_known_programs_are_listed(home: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["clients", "known", "--json"]) == 0
    assert {row["id"] for row in json.loads(capsys.readouterr().out)} >= {"claude-desktop", "vscode", "goose"}


def test_an_entry_is_printed_in_the_programs_own_form(home: Path, capsys: pytest.CaptureFixture[str]):
    assert install("--client", "opencode", "--client", "jetbrains-ai-assistant", "--print") == 0
    output = capsys.readouterr().out
    first, rest = json.JSONDecoder().raw_decode(output)
    assert first["mcp"]["Tiny Tools"]["type"] == "local"
    assert json.loads(output[rest:])["mcpServers"]["Tiny Tools"]["command"] == sys.executable


def test_opening_a_link_is_asking_not_installing(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    opened: list[str] = []
    monkeypatch.setattr("wireglass.targets.shell.open_link", opened.append)
    assert install("--client", "cursor", "--open") == 0
    assert opened[0].startswith("cursor://")
    assert "Cursor was asked to install it" in capsys.readouterr().out
