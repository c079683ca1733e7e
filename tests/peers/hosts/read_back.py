"""Real programs read back what we write: pinned from npm, in a sandboxed home, with no way to the network.

    python tests/peers/hosts/read_back.py --programs FOLDER [--host ID ...] [--record]

FOLDER holds one npm installation per program, made on first use. Each program gets a file of its own with a comment
where it allows one and a neighbour; we add a stdio and a remote server, and the program's own list must show all
three. Then we remove them again, and the file must be what it was, byte for byte, also after the program has read it.
`--record` writes `results.json` beside this file.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "core"))

from wireglass.targets.document import Remove  # noqa: E402
from wireglass.targets.edit import apply, plan, set_entry  # noqa: E402
from wireglass.targets.facts import Machine  # noqa: E402
from wireglass.targets.hosts import target_of  # noqa: E402
from wireglass.targets.inventory import ConfigFile, files_to_write  # noqa: E402
from wireglass.targets.journal import Journal  # noqa: E402
from wireglass.targets.servers import RemoteServer, StdioServer  # noqa: E402

TINY = HERE.parents[1] / "core" / "install" / "tiny_server.py"
STDIO = StdioServer("wg-local", sys.executable, (str(TINY), "ü &x=1"), {"WG_MODE": "test"})
REMOTE = RemoteServer("wg-far", "http://127.0.0.1:9/mcp", "http", {"X-Team": "wg"})
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Program:
    """How one host is asked for its servers."""

    host: str
    package: str
    binary: str
    arguments: tuple[str, ...] = ("mcp", "list")
    seed: str = '{"mcpServers": {"neighbour": {"command": "/bin/false", "args": ["1.50"]}}}\n'
    rewrites: bool = False
    """It writes its own keys into the file whenever it runs; then data is compared in the end, not bytes."""
    names_only: bool = False
    """Its list has names and transports, no commands."""
    connects: bool = False
    """It starts the servers, so the local one must be shown as connected."""
    form: str = ""
    """Which of several forms of the file this is, in words; empty for the usual one."""


PROGRAMS = (
    Program(
        "claude-code",
        "@anthropic-ai/claude-code",
        "claude",
        seed='{\n\t"numStartups": 1,\n\t"big": 9007199254740993,\n'
        '\t"mcpServers": { "neighbour": {"type": "stdio", "command": "/bin/false"} }\n}',
        connects=True,
        rewrites=True,
    ),
    Program(
        "codex",
        "@openai/codex",
        "codex",
        ("mcp", "list", "--json"),
        '# mine\n[mcp_servers.neighbour] # keep\ncommand   =   "/bin/false"\n\n[tui]\nnotifications = true\n',
    ),
    Program(
        "gemini-cli",
        "@google/gemini-cli",
        "gemini",
        seed='{\n  // mine\n  "mcpServers": {\n    "neighbour": { "command": "/bin/false" } // keep\n  }\n}\n',
    ),
    Program(
        "qwen-code",
        "@qwen-code/qwen-code",
        "qwen",
        seed='{\n  "$version": 4,\n  // mine\n  "mcpServers": {\n'
        '    "neighbour": { "command": "/bin/false" } // keep\n  }\n}\n',
    ),
    Program(
        "opencode",
        "opencode-ai",
        "opencode",
        seed='{\n  // mine\n  "mcp": {\n    "neighbour": { "type": "local", "command": ["/bin/false"], },\n  },\n}\n',
        connects=True,
        rewrites=True,
    ),
    Program(
        "opencode",
        "opencode-ai",
        "opencode",
        seed='{\n  "mcp": {\n    // mine\n    "servers": {\n'
        '      "neighbour": { "type": "local", "command": ["/bin/false"] }\n    }\n  }\n}\n',
        connects=True,
        rewrites=True,
        form="mcp.servers",
    ),
    Program(
        "copilot-cli",
        "@github/copilot",
        "copilot",
        ("mcp", "list", "--json"),
        '\ufeff{\r\n  // mine\r\n  "mcpServers": {\r\n    "neighbour": { "command": "/bin/false", },\r\n  },\r\n}\r\n',
    ),
    Program("cline", "cline", "cline", ("config", "mcp"), names_only=True),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--host", action="append")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    chosen = [program for program in PROGRAMS if not options.host or program.host in options.host]
    results = [check(program, options.programs) for program in chosen]
    for result in results:
        print(f"{'ok  ' if result['ok'] else 'FAIL'} {result['host']:<12} {result['version']:<10} {result['detail']}")
    if options.record:
        record = {"date": date.today().isoformat(), "node": _node_version(), "results": results}
        (HERE / "results.json").write_text(json.dumps(record, indent=1) + "\n")
    return 0 if all(result["ok"] for result in results) else 1


def check(program: Program, folder: Path) -> dict[str, object]:
    """One program, from installation to the last comparison."""
    version = json.loads((HERE / "package.json").read_bytes())["dependencies"][program.package]
    binary = installed(program, version, folder)
    with tempfile.TemporaryDirectory(prefix="wg-host-", dir=Path.home()) as sandbox:
        problems = list(read_back(program, binary, Path(sandbox)))
    done = "only our entries went again" if program.rewrites else "the file is restored to the byte"
    detail = "; ".join(problems) or f"lists the neighbour and both servers; {done}"
    form = {"form": program.form} if program.form else {}
    return {
        "host": program.host,
        **form,
        "package": program.package,
        "version": version,
        "ok": not problems,
        "detail": detail,
    }


def installed(program: Program, version: str, folder: Path) -> Path:
    """The program's executable; installs the pinned version when it is not there."""
    home = folder / program.host
    binary = home / "node_modules" / ".bin" / program.binary
    if not binary.exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text("{}")
        command = ["npm", "install", "--no-audit", "--no-fund", f"{program.package}@{version}"]
        subprocess.run(command, cwd=home, check=True, capture_output=True)
    return binary


def read_back(program: Program, binary: Path, home: Path):
    """Yields what is wrong."""
    config = _seeded(program, home)
    before = config.path.read_bytes()
    journal = Journal(home / "state")
    for server in (STDIO, REMOTE):
        entry = config.target.entry(server, file=config.facts.id)
        apply([set_entry(config, server.name, entry)], journal, label="peer")
    output = _listing(program, binary, home)
    details = () if program.names_only else (str(TINY), REMOTE.url, "ü &x=1")
    for name in ("neighbour", STDIO.name, REMOTE.name, *details):
        if name not in output:
            yield f"its list does not show {name!r}: {output[-600:]!r}"
    if program.connects and not re.search(rf"{STDIO.name}.*?[Cc]onnected", output, re.DOTALL):
        yield f"{STDIO.name} did not connect: {output[-600:]!r}"
    read = config.document(config.content()).data
    for server in (REMOTE, STDIO):
        apply([plan(config, [Remove(server.name)], journal=journal)], journal, label="peer")
    if not program.rewrites and config.path.read_bytes() != before:
        yield f"the file was not restored: {config.path.read_bytes()!r}"
    servers = read
    for key in config.place(config.document(before)).path:
        servers = servers[key]
    del servers[STDIO.name], servers[REMOTE.name]
    if config.document(config.content()).data != read:
        yield f"more than our entries went: {config.path.read_bytes()!r}"


def _seeded(program: Program, home: Path) -> ConfigFile:
    machine = Machine("linux", str(home), {})
    config = files_to_write(target_of(program.host), machine)[0]
    config.path.parent.mkdir(parents=True, exist_ok=True)
    config.path.write_bytes(program.seed.encode())
    return config


def _listing(program: Program, binary: Path, home: Path) -> str:
    env = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "CI": "1",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "LANG": "C.UTF-8",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE),
        "NO_PROXY": "127.0.0.1,localhost",
    }
    done = subprocess.run(
        [str(binary), *program.arguments],
        env=env, cwd=home, capture_output=True, timeout=180, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


def _node_version() -> str:
    node = shutil.which("node")
    return subprocess.run([str(node), "--version"], capture_output=True, text=True).stdout.strip() if node else ""


if __name__ == "__main__":
    sys.exit(main())
