"""What is typed or pasted, as targets: a URL, a command line, JSON. Nothing is started from here."""

import json
import re
import shlex
import sys
from typing import Any

from wireglass_app.calls import Target

__all__ = ["guess_target", "is_json", "targets_in_json"]

_REACHED_BY = ("command", "url", "serverUrl", "httpUrl")
"""Members one of which makes an object a server."""


def is_json(text: str) -> bool:
    """Whether it can only be meant as JSON: an object, or members torn out of one."""
    return re.match(r'\s*(\{|"[^"]+"\s*:\s*\{)', text) is not None


def guess_target(text: str) -> Target:
    """A URL or a command line as typed. Raises ValueError with a sentence when it is neither."""
    text = text.strip()
    if not text:
        raise ValueError("Type a command or a URL.")
    if text.startswith(("http://", "https://")):
        return Target(_host(text), "sse" if text.rstrip("/").endswith("/sse") else "http", url=text)
    try:
        words = shlex.split(text, posix=sys.platform != "win32")
    except ValueError as problem:
        raise ValueError(f"The command cannot be read: {problem}. Check its quotes.") from problem
    return Target(_name_of(words), "stdio", command=words[0], args=tuple(words[1:]))


def targets_in_json(text: str) -> list[Target]:
    """The servers of a pasted `mcpServers` (or VS Code `servers`) object, of its inside, or of one entry.

    Raises ValueError with a sentence.
    """
    if text.lstrip().startswith('"'):  # members without the braces around them, as many a README shows
        text = "{" + text.strip().rstrip(",") + "}"
    try:
        data: Any = json.loads(text)
    except ValueError as problem:
        raise ValueError(f"This is not valid JSON: {problem}") from problem
    servers = data.get("mcpServers") or data.get("servers") if isinstance(data, dict) else None
    if servers is None and isinstance(data, dict) and ("command" in data or "url" in data):
        servers = {"server": data}
    if servers is None and isinstance(data, dict) and data and all(_is_entry(one) for one in data.values()):
        servers = data
    if not isinstance(servers, dict):
        raise ValueError('No servers found: expected {"mcpServers": {…}}.')
    found = [_entry(str(name), entry) for name, entry in servers.items() if isinstance(entry, dict)]
    return [target for target in found if target.command or target.url]


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(key), str) for key in _REACHED_BY)


def _entry(name: str, entry: dict[str, Any]) -> Target:
    url = entry.get("url") or entry.get("serverUrl") or entry.get("httpUrl")
    if isinstance(url, str):
        sse = entry.get("type") == "sse" or entry.get("transport") == "sse"
        return Target(name, "sse" if sse else "http", url=url, headers=_pairs(entry.get("headers")))
    args = entry.get("args")
    return Target(
        name,
        "stdio",
        command=str(entry.get("command", "")),
        args=tuple(map(str, args)) if isinstance(args, list) else (),
        added=_pairs(entry.get("env")),
        cwd=entry["cwd"] if isinstance(entry.get("cwd"), str) else None,
    )


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(k), str(v)) for k, v in value.items()) if isinstance(value, dict) else ()


def _host(url: str) -> str:
    return url.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]


def _name_of(words: list[str]) -> str:
    """The most telling word: a package or a script rather than the launcher."""
    launchers = ("npx", "uvx", "uv", "python", "python3", "node", "docker", "run")
    for word in words:
        base = word.replace("\\", "/").rsplit("/", 1)[-1]
        if base and not base.startswith("-") and base.split(".")[0] not in launchers:
            return base
    return words[0]
