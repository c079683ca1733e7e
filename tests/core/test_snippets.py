"""What README and docs show runs as it stands there.

A snippet that needs something around it (a server to talk to, a file, a key) has a stage here. A new snippet runs
without one, or fails until it has one.
"""

import argparse
import ast
import importlib
import inspect
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oauth_double import Double
from wireglass import Client, Context, FastMCP
from wireglass.cli.main import COMMANDS, _parsed

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "resources" / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

Stage = Callable[[Path, pytest.MonkeyPatch], dict[str, Any]]


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(page.read_text(encoding="utf-8")) if kind == language]


SNIPPETS = [(page, number) for page in PAGES for number in range(len(blocks(page, "python")))]
COMMAND_LINES = [
    (page.name, line)
    for page in PAGES
    for kind in ("", "sh", "bash")
    for text in blocks(page, kind)
    for line in text.splitlines()
    if line.startswith("wireglass ")
]


# Stages: what stands around a snippet. They get an empty folder, which is the working folder too.


def many_workers(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    from wireglass.storage.stores import RedisStore

    return {"FastMCP": FastMCP, "RedisStore": RedisStore}


def encrypted_store(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    from cryptography.fernet import Fernet

    return {"new_key": Fernet.generate_key(), "old_key": Fernet.generate_key()}


def a_server_with_answers(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    (rules,) = blocks(ROOT / "resources" / "docs" / "inbox.md", "yaml")
    rules = "\n".join(line for line in rules.splitlines() if not line.startswith("recording:"))
    (folder / "rules.yaml").write_text(rules)
    patch.setenv("MODEL_KEY", "secret")
    found = f"import sys\nsys.path.insert(0, {str(ROOT / 'core')!r})\n"  # a child inherits no PYTHONPATH
    (folder / "server.py").write_text(f"{found}from wireglass import FastMCP\nmcp = FastMCP('s')\nmcp.run()\n")
    return {"Client": Client}


def a_server_with_a_skill(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    from wireglass.server.providers.skills import SkillsDirectoryProvider

    skill = folder / "skills" / "mail"
    (skill / "forms").mkdir(parents=True)
    (skill / "SKILL.md").write_text("---\nname: mail\ndescription: Writes.\n---\nSee `forms/order.md`.\n")
    (skill / "forms" / "order.md").write_text("Order.\n")
    mcp = FastMCP("skills", providers=[SkillsDirectoryProvider(folder / "skills", experimental_skills=True)])
    return {"Client": lambda _url: Client(mcp, mode="stateless")}


def a_server_that_wants_a_sign_in(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A double on no network, and a person who allows everything."""
    from wireglass.client.transports import StreamableHttpTransport
    from wireglass.storage.keychain import Secrets

    double = Double()
    double.tokens["a-token-of-mine"] = set()
    patch.setenv("DESK_TOKEN", "a-token-of-mine")
    patch.setattr(Secrets, "_find", lambda self: None)
    made = StreamableHttpTransport.make

    def make(self: StreamableHttpTransport, **options: Any) -> Any:
        self.httpx_client_factory = double.factory
        return made(self, **options)

    patch.setattr(StreamableHttpTransport, "make", make)
    return {"show": double.allow}


STAGES: dict[str, Stage] = {
    "OAuth(on_authorize=show)": a_server_that_wants_a_sign_in,
    'answers="rules.yaml"': a_server_with_answers,
    'RedisStore(url="redis://127.0.0.1:6379")': many_workers,
    "fernet=[new_key, old_key]": encrypted_store,
    "client.offers_skills": a_server_with_a_skill,
}
"""By what only that snippet says."""


def stage_of(snippet: str) -> Stage | None:
    return next((stage for words, stage in STAGES.items() if words in snippet), None)


@pytest.mark.anyio
@pytest.mark.parametrize(("page", "number"), SNIPPETS, ids=[f"{page.name}-{number}" for page, number in SNIPPETS])
async def test_a_snippet_runs(page: Path, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    snippet = blocks(page, "python")[number]
    stage = stage_of(snippet)
    names: dict[str, Any] = {"__name__": "snippet", **(stage(tmp_path, monkeypatch) if stage is not None else {})}
    code = compile(snippet, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, names)
    if inspect.isawaitable(waiting):
        await waiting
    servers = [value for value in names.values() if isinstance(value, FastMCP)]
    for server in servers:
        assert server.name


def test_every_stage_belongs_to_a_snippet() -> None:
    assert SNIPPETS
    shown = "".join(blocks(page, "python")[number] for page, number in SNIPPETS)
    assert [words for words in STAGES if words not in shown] == []
    assert COMMAND_LINES


@pytest.mark.parametrize("line", [line for _, line in COMMAND_LINES])
def test_a_command_line_is_understood(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command = next((command for command in COMMANDS if command.name == words[0]), None)
    if command is None:  # `wireglass FILE`
        assert Path(words[0]).suffix or "://" in words[0]
        return
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(command.module).add_arguments(parser)
    assert _parsed(parser, words[1:])


@pytest.mark.anyio
async def test_the_server_of_the_readme_greets() -> None:
    (snippet,) = blocks(ROOT / "README.md", "python")
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(snippet, "README.md", "exec"), names)

    async def choose(*_: Any) -> dict[str, Any]:
        return {"value": "Good morning"}

    async with Client(names["mcp"], elicitation_handler=choose) as client:
        result = await client.call_tool("greet", {"name": "Ada"})
    assert result.data == "Good morning, Ada"
    assert names["Context"] is Context
