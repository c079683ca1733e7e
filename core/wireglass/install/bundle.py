"""An `.mcpb` bundle: one file that Claude Desktop installs with a dialog; secrets go to the system's key store.

Manifest: version 0.3 of the MCPB format. The bundle holds the server's folder without environments and caches; the
interpreter stays where it is, so a bundle made here is for this machine unless uv runs it.
"""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from wireglass.errors import ConfigError, LaunchError
from wireglass.targets.servers import StdioServer, looks_secret

__all__ = ["build_bundle", "bundle_manifest", "manifest_problems", "script_of"]

_LEFT_OUT = frozenset(
    {".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache",
     ".tox", ".idea", ".vscode", ".DS_Store", "dist", "build"}
)  # fmt: skip
_LARGEST = 50_000_000
_KEYS = frozenset(
    {"$schema", "manifest_version", "dxt_version", "name", "display_name", "version", "description",
     "long_description", "author", "repository", "homepage", "documentation", "support", "icon", "icons",
     "localization", "screenshots", "server", "tools", "tools_generated", "prompts", "prompts_generated", "keywords",
     "license", "privacy_policies", "compatibility", "user_config", "_meta"}
)  # fmt: skip
_SERVER_TYPES = ("node", "python", "binary")
_CONFIG_TYPES = ("string", "number", "boolean", "directory", "file")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_FOLDERS = frozenset({"__dirname", "HOME", "DESKTOP", "DOCUMENTS", "DOWNLOADS", "pathSeparator", "/"})


def bundle_manifest(
    server: StdioServer, script: Path, folder: Path, *, author: str, version: str = "1.0.0"
) -> dict[str, Any]:
    """The manifest for a server whose `script` lies in `folder`. Secret variables become questions of the dialog."""
    relative = script.relative_to(folder).as_posix()
    inside = f"${{__dirname}}/server/{relative}"
    args = [_moved(arg, script, folder, inside) for arg in server.args]
    env, questions = dict(server.env), dict[str, Any]()
    for name, value in server.env.items():
        if name in server.secret_env or looks_secret(name, value):
            key = name.lower()
            env[name] = f"${{user_config.{key}}}"
            questions[key] = {
                "type": "string", "title": name, "description": f"The value of {name}.", "sensitive": True,
                "required": True,
            }  # fmt: skip
    launch: dict[str, Any] = {"command": server.command, "args": args} | ({"env": env} if env else {})
    manifest: dict[str, Any] = {
        "manifest_version": "0.3",
        "name": re.sub(r"[^a-z0-9-]+", "-", server.name.lower()).strip("-") or "server",
        "display_name": server.name,
        "version": version,
        "description": f"The MCP server {server.name}.",
        "author": {"name": author},
        "server": {"type": "python", "entry_point": f"server/{relative}", "mcp_config": launch},
    }
    return manifest | ({"user_config": questions} if questions else {})


def build_bundle(server: StdioServer, script: Path, target: Path, *, author: str, folder: Path | None = None) -> Path:
    """Writes the bundle and returns its path. Raises ConfigError when the manifest would be refused, LaunchError when
    the folder is too large."""
    folder = (folder or script.parent).resolve()
    script = script.resolve()
    manifest = bundle_manifest(server, script, folder, author=author)
    if problems := manifest_problems(manifest):
        raise ConfigError(f"The bundle's manifest is not valid: {problems[0]}", next_step="Rename the server.")
    files = list(_files(folder))
    size = sum(path.stat().st_size for path in files)
    if size > _LARGEST:
        raise LaunchError(
            f"{folder} holds {size / 1e6:.0f} MB, too much for a bundle.",
            next_step="Move the server into a folder of its own.",
        )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
        for path in files:
            archive.write(path, f"server/{path.relative_to(folder).as_posix()}")
    return target


def script_of(server: StdioServer) -> Path | None:
    """The file that the server is, as its arguments name it, or None."""
    for arg in reversed(server.args):
        for text in (arg, arg.rpartition(":")[0]):
            if text.endswith(".py") and Path(text).is_file():
                return Path(text)
    return None


def manifest_problems(manifest: Mapping[str, Any]) -> list[str]:
    """Why Claude Desktop would refuse the manifest; empty when it would not."""
    found = [f"{key} is no key of a manifest" for key in manifest if key not in _KEYS]
    for key in ("name", "version", "description"):
        if not isinstance(manifest.get(key), str) or not manifest[key]:
            found.append(f"{key} is missing")
    if manifest.get("manifest_version", manifest.get("dxt_version")) not in ("0.1", "0.2", "0.3", "0.4"):
        found.append("manifest_version must be 0.1, 0.2, 0.3 or 0.4")
    if not _VERSION.fullmatch(str(manifest.get("version", ""))):
        found.append("version must look like 1.2.3")
    author = manifest.get("author")
    if not isinstance(author, Mapping) or not author.get("name"):
        found.append("author.name is missing")
    return found + _server_problems(manifest) + _question_problems(manifest)


def _server_problems(manifest: Mapping[str, Any]) -> list[str]:
    server = manifest.get("server")
    if not isinstance(server, Mapping):
        return ["server is missing"]
    launch = server.get("mcp_config")
    if not isinstance(launch, Mapping) or not isinstance(launch.get("command"), str):
        return ["server.mcp_config.command is missing"]
    found = [] if server.get("type") in _SERVER_TYPES else [f"server.type must be one of {', '.join(_SERVER_TYPES)}"]
    if not isinstance(server.get("entry_point"), str):
        found.append("server.entry_point is missing")
    questions = manifest.get("user_config") or {}
    texts = [launch["command"], *launch.get("args", ()), *(launch.get("env") or {}).values()]
    for name in (name for text in texts for name in _VARIABLE.findall(str(text))):
        if name.startswith("user_config.") and name.removeprefix("user_config.") not in questions:
            found.append(f"${{{name}}} is not asked for in user_config")
        elif not name.startswith("user_config.") and name not in _FOLDERS:
            found.append(f"${{{name}}} is no variable of a manifest")
    return found


def _question_problems(manifest: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for key, question in (manifest.get("user_config") or {}).items():
        if not isinstance(question, Mapping) or question.get("type") not in _CONFIG_TYPES:
            found.append(f"user_config.{key}.type must be one of {', '.join(_CONFIG_TYPES)}")
        elif not question.get("title") or not question.get("description"):
            found.append(f"user_config.{key} needs a title and a description")
    return found


def _moved(arg: str, script: Path, folder: Path, inside: str) -> str:
    path, colon, name = arg.partition(":") if not Path(arg).exists() else (arg, "", "")
    if Path(path) == script:
        return inside + colon + name
    return "${__dirname}/server" if arg and Path(arg) == folder else arg


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = PurePath(path.relative_to(folder)).parts
        secret = parts[-1] == ".env" or parts[-1].startswith(".env.")
        if path.is_file() and not path.is_symlink() and not secret and not _LEFT_OUT.intersection(parts):
            yield path
