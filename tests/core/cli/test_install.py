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


# The other options of the command


def test_variables_come_from_a_file_and_are_overridden_on_the_line(home: Path):
    Path("vars.env").write_text("MODE=file\nOTHER='two words'\n")
    assert install("--client", "cursor", "--env-file", "vars.env", "--env", "MODE=line", "--no-trial") == 0
    entry = json.loads((home / ".cursor" / "mcp.json").read_bytes())["mcpServers"]["Tiny Tools"]
    assert entry["env"] == {"MODE": "line", "OTHER": "two words"}


@pytest.mark.parametrize(
    ("client", "file", "keys"),
    [
        ("claude-code", ".mcp.json", ("mcpServers",)),
        ("vscode", ".vscode/mcp.json", ("servers",)),
        ("cursor", ".cursor/mcp.json", ("mcpServers",)),
        ("generic-mcp-json", "mcp.json", ("mcpServers",)),
    ],
)
def test_the_scope_project_writes_the_projects_own_file(
    home: Path, tmp_path: Path, client: str, file: str, keys: tuple
):
    project = tmp_path / "work"
    project.mkdir()
    server = str(tmp_path / "server.py")
    line = ["install", server, "--client", client, "--project", str(project), "--scope", "project"]
    assert main([*line, "--python", sys.executable, "--no-trial"]) == 0
    data = json.loads((project / file).read_bytes())
    for key in keys:
        data = data[key]
    assert data["Tiny Tools"]["command"]
    assert (project / file).stat().st_mode & 0o044, "the others of the project can read it"
    assert main(["uninstall", "Tiny Tools", "--project", str(project)]) == 0
    assert not (project / file).exists() or "Tiny Tools" not in (project / file).read_text()


def test_the_scope_local_is_claude_codes_private_part_for_this_project(home: Path, tmp_path: Path):
    assert install("--client", "claude-code", "--scope", "local", "--no-trial") == 0
    data = json.loads((home / ".claude.json").read_bytes())
    assert list(data["projects"][str(tmp_path)]["mcpServers"]) == ["Tiny Tools"]


def test_packages_and_project_are_given_to_uv(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda name, **_options: f"/opt/{name}" if name == "uv" else None)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    line = ["install", "server.py", "--client", "cursor", "--with", "httpx", "--with", "rich", "--project", "."]
    assert main([*line, "--no-trial"]) == 0
    entry = json.loads((home / ".cursor" / "mcp.json").read_bytes())["mcpServers"]["Tiny Tools"]
    assert entry["command"] == "/opt/uv"
    wanted = ["run", "--directory", str(tmp_path), "--with", "httpx", "--with", "rich", "python"]
    assert entry["args"] == [*wanted, str(tmp_path / "server.py")]


def test_fastmcps_own_form_is_printed(home: Path, capsys: pytest.CaptureFixture[str]):
    assert install("--mcp-json", "--env", "A=b") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {
        "Tiny Tools": {"command": sys.executable, "args": [str(Path("server.py").absolute())], "env": {"A": "b"}}
    }


def test_a_header_is_written_by_reference(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FAR_TOKEN", "abc123")
    line = ["install", "https://x.example/mcp", "--header", "Authorization: Bearer ${FAR_TOKEN}", "--no-trial"]
    assert main([*line, "--client", "cursor"]) == 0
    assert '"Bearer ${env:FAR_TOKEN}"' in (home / ".cursor" / "mcp.json").read_text()
    assert main([*line, "--client", "claude-desktop"]) == 0
    entry = json.loads(claude(home).read_bytes())["mcpServers"]["x"]
    assert "abc123" not in " ".join(entry["args"])
    assert entry["env"]["FAR_TOKEN"] == "abc123"


def test_secrets_are_hidden_in_what_is_shown(home: Path, capsys: pytest.CaptureFixture[str]):
    assert install("--client", "cursor", "--env", "API_TOKEN=abcdef123456", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "abcdef123456" not in shown
    assert '"API_TOKEN": "••••••••3456"' in shown


def test_a_programs_own_command_is_run_and_its_file_read(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """ "Asked", not "installed", until the file says so."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "codex"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert install("--client", "codex", "--run") == 0
    assert "Codex CLI was asked to install it" in capsys.readouterr().out
    file = home / ".codex" / "config.toml"
    program.write_text(
        f'#!/bin/sh\nmkdir -p {file.parent}\nprintf \'[mcp_servers."Tiny Tools"]\\ncommand="x"\\n\' > {file}\n'
    )
    assert install("--client", "codex", "--run") == 0
    assert f"Codex CLI lists it now: {file}" in capsys.readouterr().out
    program.write_text("#!/bin/sh\necho broken >&2; exit 2\n")
    assert install("--client", "codex", "--run") == 1
    assert "ended with 2: broken" in capsys.readouterr().err


def test_a_bundle_is_handed_to_claude_desktop(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    monkeypatch.setattr("wireglass.targets.shell.open_link", opened.append)
    (tmp_path / "alone").mkdir()
    script = tmp_path / "alone" / "server.py"
    script.write_text(HEADER)
    assert main(["install", str(script), "--python", sys.executable, "--bundle", "x.mcpb", "--open"]) == 0
    assert opened == [str(tmp_path / "x.mcpb")]


def test_everything_is_listed_as_json(home: Path, capsys: pytest.CaptureFixture[str]):
    (home / ".cursor" / "mcp.json").write_text(
        '{"mcpServers": {"a": {"command": "/nowhere/x"}, "b": {"url": "https://x"}}}'
    )
    assert main(["clients", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    cursor = next(host for host in said["hosts"] if host["id"] == "cursor")
    assert cursor["files"][0]["servers"] == {
        "a": {"enabled": True, "kind": "stdio"}, "b": {"enabled": True, "kind": "http"},
    }  # fmt: skip
    assert {"missing command"} <= {warning["kind"] for warning in said["warnings"]}


def test_unreachable_servers_are_looked_for_when_asked(home: Path, capsys: pytest.CaptureFixture[str]):
    (home / ".cursor" / "mcp.json").write_text('{"mcpServers": {"far": {"url": "http://127.0.0.1:9/mcp"}}}')
    assert main(["clients"]) == 0
    assert "127.0.0.1, port 9" not in capsys.readouterr().out
    assert main(["clients", "--reach"]) == 0
    assert "far (Cursor): Nothing listens on 127.0.0.1, port 9." in capsys.readouterr().out


def test_a_file_that_does_not_start_itself_is_started_through_us_and_that_is_said(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    assert install("--client", "cursor", "--dry-run") == 0
    assert "must stay where it is" not in capsys.readouterr().out
    Path("server.py").write_text('from fastmcp import FastMCP\nmcp = FastMCP("Idle")\n')
    assert install("--client", "cursor", "--dry-run") == 0
    assert "must stay where it is" in capsys.readouterr().out
